SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# The first interpreter on the path with a supported version.
SUPPORTED := -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' 2>/dev/null
ifndef PYTHON
PYTHON := $(shell for p in python3.11 python3.12 python3 python; do $$p $(SUPPORTED) && echo $$p && break; done)
endif
UV := $(shell command -v uv 2>/dev/null)
LOCALSTACK_ENV := .vishwaops/localstack-env
IMAGES := .vishwaops/images
CHECKOV_ENV := .vishwaops/checkov-env
DRIFT_ENV := .vishwaops/drift-env
BENCH_PACKAGES := .vishwaops/bench-packages
MLSERVER_PACKAGES := .vishwaops/mlserver-packages
MLSERVER_OWN := fastapi|starlette|certifi|uvloop
COVERAGE := COVERAGE_FILE=$(CURDIR)/.vishwaops/coverage/data .venv/bin/coverage
PLATFORM ?= seed
unexport PYTHONDONTWRITEBYTECODE # nothing is compiled during installation, so imports must store their bytecode

.PHONY: help setup environments dev demo spark test coverage coverage-summary fuzz bench benchmark-papers install-check lint format schema pictures lock wheels lock-check tf-config tf-bootstrap tf-init tf-plan tf-free tf-apply tf-lock tf-destroy seed-export costs clean

help: ## Show the targets.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

setup: ## Build the environments of the demo (safe to repeat).
	@$(MAKE) --no-print-directory -j3 environments

# Only this target runs in parallel: other targets depend on the order of their prerequisites.
environments: .vishwaops/.shared
	@:

dev: setup .venv/.dev-ready

demo: setup ## Take real student data through the whole lifecycle, offline; PLATFORM=terraform applies Terraform.
ifeq ($(PLATFORM),seed)
	@echo "The platform is created from a seed in 2 s; make demo PLATFORM=terraform applies Terraform in 3 to 4 minutes."
else
	.venv/bin/vishwaops platform --with $(PLATFORM)
endif
	.venv/bin/vishwaops run lifecycle --use-case student_enrollment --use-case student_grades

# Once, where a package registry can be reached: 400 MB. The jobs then need none.
spark: .venv/.dev-ready $(IMAGES)/.sagemaker-spark-processing-3.5.built ## Build what use cases with `engine: spark` need.
	@.venv/bin/python -m tasks.spark_packages

# Four processes on two processors: one or two of them mostly wait, for Terraform or a server.
TESTS := -m pytest -n 4 --dist loadfile
TESTED := dev spark $(IMAGES)/.sagemaker-scikit-learn-1.9-0.ready $(IMAGES)/.vishwaops-model-1.built $(CHECKOV_ENV)/.ready

test: $(TESTED) ## Run the tests; ARGS="tests/tasks -x" for a part.
	.venv/bin/python $(TESTS) $(ARGS)

# Fails below the bound in pyproject.toml. With ARGS it has no bound and does not change the README.
coverage: $(TESTED) ## Measure the tests' branch coverage; ARGS="tests/tasks" for a part.
	@rm -rf .vishwaops/coverage && mkdir -p .vishwaops/coverage
	$(COVERAGE) run $(TESTS) $(ARGS)
	$(COVERAGE) combine --quiet
	$(if $(ARGS),,@$(COVERAGE) json --quiet --fail-under=0 -o - | .venv/bin/python -m tests.coverage_figure README.md)
	@$(COVERAGE) report$(if $(ARGS), --fail-under=0)

coverage-summary: ## Print the coverage that `make coverage` measured, as Markdown.
	@$(COVERAGE) report --format=markdown --fail-under=0

fuzz: dev ## Try generated files and requests; ONLY=compiled|csv|requests
	.venv/bin/python -m tests.fuzz $(ONLY)

bench: dev $(BENCH_PACKAGES)/.ready $(MLSERVER_PACKAGES)/.ready $(DRIFT_ENV)/.ready ## Measure speed and memory; ONLY=subject for one.
	.venv/bin/python -m tests.benchmarks $(ONLY)

# Reads VISHWAOPS_TEST_DATA. What is stored in .vishwaops/papers is not computed again.
benchmark-papers: dev ## Compare the pipelines with published figures; ARGS="grades --runs 20" for a part.
	.venv/bin/python -m tests.benchmarks.papers $(ARGS)

lint: .venv/.dev-ready ## Run ruff, the import contracts, mypy and the lock check.
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports --no-logo
	.venv/bin/mypy
	$(MAKE) --no-print-directory lock-check

format: .venv/.dev-ready ## Format the code and fix what ruff can fix.
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

schema: .venv/.ready ## Regenerate the JSON Schema of the use case's YAML.
	.venv/bin/python -m config.use_case_schema

pictures: dev ## Run a demo and regenerate the README's pictures. Needs Chromium.
	.venv/bin/python -m tests.pictures

# Hashes but no addresses: a lock must install from any configured index.
COMPILE := pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --no-emit-index-url
RUNTIME := --override requirements-overrides.txt pyproject.toml
DEVELOPERS := --constraint requirements.lock --group dev
# Our own image has the project's versions.
OWN_IMAGE_LOCK := sagemaker_scripts/image/requirements.lock
OWN_IMAGE := --constraint requirements.lock sagemaker_scripts/image/requirements.in
LOCKS := $(wildcard *.lock */*.lock localstack/images/*/*.lock) $(OWN_IMAGE_LOCK)

lock: .venv/.dev-ready ## Resolve every lock again (UPGRADE=--upgrade moves the versions).
	.venv/bin/uv $(COMPILE) $(UPGRADE) $(RUNTIME) -o requirements.lock
	.venv/bin/uv $(COMPILE) $(UPGRADE) $(DEVELOPERS) -o requirements-dev.lock
	.venv/bin/uv $(COMPILE) $(UPGRADE) --constraint requirements.lock tests/benchmarks/requirements.in -o requirements-bench.lock
	# MLServer 1.7 needs an older FastAPI and uvloop; all other versions are ours.
	grep -E '^[a-z].*==' requirements.lock | grep -vE '^($(MLSERVER_OWN))==' | sed 's/ *\\$$//' > .vishwaops/mlserver-constraints.txt
	.venv/bin/uv $(COMPILE) $(UPGRADE) --override requirements-overrides.txt --constraint .vishwaops/mlserver-constraints.txt tests/benchmarks/mlserver.in -o requirements-mlserver.lock
	# NannyML needs an older XGBoost, and Evidently an older pandas, so they have an environment of their own.
	.venv/bin/uv $(COMPILE) $(UPGRADE) tests/benchmarks/drift.in -o requirements-drift.lock
	# LocalStack 4.10 runs only with the versions that were current at its release.
	.venv/bin/uv $(COMPILE) $(UPGRADE) --exclude-newer 2025-11-15 --override localstack/overrides.txt localstack/requirements.in -o localstack/requirements.lock
	.venv/bin/uv $(COMPILE) $(UPGRADE) terraform/requirements.in -o terraform/requirements.lock
	# The packages of an image are those that AWS publishes, so nothing is resolved.
	.venv/bin/python -m sagemaker_local.image_lock $(dir $(wildcard localstack/images/*/published.toml))
	.venv/bin/uv $(COMPILE) $(UPGRADE) $(OWN_IMAGE) -o $(OWN_IMAGE_LOCK)
	for image in localstack/images/*/requirements.in; do .venv/bin/uv $(COMPILE) --no-deps $$image -o $${image%.in}.lock; done
	.venv/bin/python .ci/wheels.py

wheels: .venv/.ready ## Download the wheels of sagemaker_scripts/ again, in the versions of requirements.lock.
	.venv/bin/python .ci/wheels.py

lock-check: .venv/.dev-ready ## Fail if a lock no longer matches pyproject.toml, or can't be installed on a supported Python.
	@mkdir -p .vishwaops && cp requirements.lock requirements-dev.lock .vishwaops/
	@.venv/bin/uv $(COMPILE) $(RUNTIME) -o .vishwaops/requirements.lock
	@.venv/bin/uv $(COMPILE) $(DEVELOPERS) -o .vishwaops/requirements-dev.lock
	@cp $(OWN_IMAGE_LOCK) .vishwaops/own-image.lock
	@.venv/bin/uv $(COMPILE) $(OWN_IMAGE) -o .vishwaops/own-image.lock
	@for lock in requirements.lock requirements-dev.lock; do diff -u $$lock .vishwaops/$$lock \
	  || { echo "$$lock does not match pyproject.toml: run 'make lock' and commit it"; exit 1; }; done
	@diff -u $(OWN_IMAGE_LOCK) .vishwaops/own-image.lock \
	  || { echo "$(OWN_IMAGE_LOCK) does not match its requirements.in or requirements.lock: run 'make lock' and commit it"; exit 1; }
	@for lock in $(LOCKS); do for python in 3.11 3.12; do .venv/bin/uv pip install --quiet --dry-run --python-version $$python \
	  --target .vishwaops/no-such-folder --no-deps --require-hashes -r $$lock || { echo "$$lock: on Python $$python"; exit 1; }; done; done

install-check: ## Install each lock into an empty environment, with pip and with uv; ONLY=lock for one. Needs a registry.
	PYTHON=$(PYTHON) .ci/install-check $(or $(ONLY),$(LOCKS))

# The provider comes from a filesystem mirror if one exists, else from the registry. The states of dev and prod are in S3.
ENV ?= offline
TF_STATE := $(or $(VISHWAOPS_STATE),$(CURDIR)/.vishwaops)/terraform
TERRAFORM ?= terraform
TF_UNSET := env -u AWS_USE_FIPS_ENDPOINT -u AWS_USE_DUALSTACK_ENDPOINT
TF := $(TF_UNSET) TF_CLI_CONFIG_FILE=$(TF_STATE)/terraform.rc $(TERRAFORM)
TF_PYTHON := $(TF_UNSET) .venv/bin/python
TF_ROOTS := bootstrap platform examples/minimal
TF_PLATFORMS := $(addprefix -platform=,linux_amd64 linux_arm64 darwin_amd64 darwin_arm64 windows_amd64)
TF_LOCK := $(if $(CI),-lockfile=readonly)
TF_CLOUD = $(if $(filter offline,$(ENV)),eval "$$(.venv/bin/vishwaops env)";)
TF_BOTH = -var-file=../environments/$(ENV)/environment.tfvars
TF_VARS = $(TF_BOTH) -var-file=../environments/$(ENV)/platform.tfvars
TF_YES = $(if $(filter prod,$(ENV)),,-auto-approve)

tf-config: $(if $(filter offline,$(ENV)),setup,.venv/.ready)
	@.venv/bin/python -m tasks.platform.terraform $(TF_STATE)

tf-bootstrap: tf-config ## Create the bucket of Terraform's states: an administrator, once (ENV=offline|dev|prod).
	$(TF_CLOUD) $(TF_PYTHON) -m tasks.platform.terraform_bootstrap apply $(ENV)

tf-init: tf-config
	$(TF_CLOUD) $(TF) -chdir=terraform/platform init -reconfigure -input=false $(TF_LOCK) -backend-config=../environments/$(ENV)/backend.hcl \
	  || { echo "If the bucket of the states is missing, an administrator creates it once: make tf-bootstrap ENV=$(ENV)"; exit 1; }

tf-plan: tf-init ## Show what an apply would change (ENV=offline|dev|prod); PLAN=file stores the plan.
	$(TF_CLOUD) $(TF) -chdir=terraform/platform plan $(TF_VARS) $(if $(PLAN),-out=$(abspath $(PLAN))) $(TF_ARGS)

tf-apply: tf-free $(if $(filter offline,$(ENV)),tf-bootstrap) tf-init ## Apply; prod asks for confirmation. PLAN=file applies that plan without asking.
	$(TF_CLOUD) $(TF) -chdir=terraform/platform apply -parallelism=20 $(if $(PLAN),$(abspath $(PLAN)),$(TF_YES) $(TF_VARS))

tf-free: $(if $(filter offline,$(ENV)),setup) # seeded resources would conflict
	$(if $(filter offline,$(ENV)),$(TF_CLOUD) .venv/bin/python -m tasks.platform.seed)

tf-lock: ## Write the providers' digests for every platform (.terraform.lock.hcl). Needs the registry.
	for root in $(TF_ROOTS); do $(TERRAFORM) -chdir=terraform/$$root get >/dev/null && $(TERRAFORM) -chdir=terraform/$$root providers lock $(TF_PLATFORMS); done

seed-export: tf-init ## Regenerate the seed from the applied offline environment.
	$(TF_CLOUD) $(TF) -chdir=terraform/platform show -json | .venv/bin/python -m tasks.platform.seed_export > $(TF_STATE)/seed.json
	mv $(TF_STATE)/seed.json terraform/environments/offline/seed.json

costs: .venv/.ready ## Update the costs in terraform/README.md.
	.venv/bin/python -m tasks.platform.cost_readme

tf-destroy: tf-init ## Destroy; prod asks for confirmation. The bucket of the states is destroyed only offline.
	$(TF_CLOUD) $(TF) -chdir=terraform/platform destroy $(TF_YES) -parallelism=20 $(TF_VARS)
	$(if $(filter offline,$(ENV)),$(TF_CLOUD) $(TF_PYTHON) -m tasks.platform.terraform_bootstrap destroy offline)

.PRECIOUS: $(IMAGES)/.%.built

clean: ## Stop the offline cloud and remove the environments and all state.
	@test ! -x .venv/bin/vishwaops || .venv/bin/vishwaops down
	rm -rf .venv .vishwaops

# $(call install,FOLDER,LOCK): installs exactly the lock. Bytecode is not compiled: that takes a minute, and most modules are
# never imported. pip's output is in install.log; every fiftieth package and errors are shown.
define install
	@echo "$(1): installing the $$(grep -c == $(2)) packages of $(2) with $(if $(UV),uv,pip)"
	@$(if $(UV),$(UV) pip install --quiet --python $(1),$(1)/bin/python -m pip install --no-input --no-compile) --no-deps --require-hashes -r $(2) \
	  $(if $(UV),,2>&1 | tee $(1)/install.log | awk '/^(Collecting|Processing)/ && ++n % 50 == 0 { print "$(1): " n " packages found"; fflush() } /^ERROR/ { bad = 1 } bad')
	@echo "$(1): installed $(2)"
endef

define environment
	@$(PYTHON) $(SUPPORTED) || { echo "No Python 3.11 or 3.12 $(if $(PYTHON),as $(PYTHON),on the path): install one, or name it: make PYTHON=/path/to/python3.12 ..."; exit 1; }
	@mkdir -p $(1)
	@$(if $(UV),$(UV) venv --quiet --allow-existing --python $(PYTHON),$(PYTHON) -m venv) $(1)
	$(call install,$(1),$(2))
endef

.venv/.ready: requirements.lock pyproject.toml
	$(call environment,.venv,requirements.lock)
	@$(if $(UV),$(UV) pip install --quiet --python .venv,.venv/bin/python -m pip install --quiet) --no-deps --no-build-isolation -e .
	@.venv/bin/python -m flows.session.early_imports
	@touch $@

.venv/.dev-ready: requirements-dev.lock .venv/.ready
	$(call install,.venv,requirements-dev.lock)
	@stale="$$(.venv/bin/python .ci/stale_packages.py requirements.lock requirements-dev.lock)"; test -z "$$stale" \
	  || { echo ".venv: removing packages of earlier locks: $$stale"; .venv/bin/uv pip uninstall --quiet --python .venv $$stale; }
	@touch $@

# The peers that only the benchmarks run, in a folder of their own.
$(BENCH_PACKAGES)/.ready: requirements-bench.lock .venv/.dev-ready
	@.venv/bin/uv pip install --quiet --python .venv --target $(BENCH_PACKAGES) --no-deps --require-hashes -r requirements-bench.lock
	@touch $@

$(MLSERVER_PACKAGES)/.ready: requirements-mlserver.lock .venv/.dev-ready
	@.venv/bin/uv pip install --quiet --python .venv --target $(MLSERVER_PACKAGES) --no-deps --require-hashes -r requirements-mlserver.lock
	@touch $@

$(DRIFT_ENV)/.ready: requirements-drift.lock
	$(call environment,$(DRIFT_ENV),requirements-drift.lock)
	@touch $@

$(CHECKOV_ENV)/.ready: terraform/requirements.lock
	$(call environment,$(CHECKOV_ENV),terraform/requirements.lock)
	@touch $@

$(LOCALSTACK_ENV)/.ready: localstack/requirements.lock
	$(call environment,$(LOCALSTACK_ENV),localstack/requirements.lock)
	@touch $@

# The environments that represent AWS's images. Building them needs no package, so it runs in parallel with the others.
$(IMAGES)/.%.built: localstack/images/%/requirements.lock
	@PYTHONPATH=localstack $(PYTHON) -m sagemaker_local.images --images-dir $(IMAGES) build $*
	@touch $@

$(IMAGES)/.vishwaops-model-1.built: $(OWN_IMAGE_LOCK)
	@PYTHONPATH=localstack $(PYTHON) -m sagemaker_local.images --images-dir $(IMAGES) build vishwaops-model-1
	@touch $@

# With the requirements of our scripts, so that no job needs the network.
$(IMAGES)/.%.ready: $(IMAGES)/.%.built sagemaker_scripts/requirements.txt $(wildcard sagemaker_scripts/wheels/*) .venv/.ready
	@.venv/bin/python -m sagemaker_local.images --images-dir $(IMAGES) build $* --requirements sagemaker_scripts/requirements.txt >/dev/null
	@touch $@

# Shares equal files between the environments. XGBoost's library alone has 227 MB.
.vishwaops/.shared: .venv/.ready $(LOCALSTACK_ENV)/.ready $(IMAGES)/.sagemaker-xgboost-3.2-0.ready
	@.venv/bin/python -m sagemaker_local.shared_files .venv $(LOCALSTACK_ENV) $(IMAGES)/sagemaker-xgboost-3.2-0-*
	@touch $@
