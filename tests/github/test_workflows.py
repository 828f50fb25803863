"""GitHub's workflows as data, and runs of their scripts, without GitHub."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).parents[2]
GITHUB = PROJECT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
ACTIONS = sorted((GITHUB / "actions").glob("*/action.yml"))
ACTION = GITHUB / "actions" / "environment" / "action.yml"
FILES = [*WORKFLOWS, *ACTIONS]
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
ENVIRONMENTS = {path.name for path in (PROJECT / "terraform" / "environments").iterdir()}
TOOLS = Path(sys.executable).parent


def load(path: Path) -> dict[str, Any]:
    text = re.sub(r"(?m)^on:", '"on":', path.read_text())  # YAML 1.1 takes `on` for true
    document: dict[str, Any] = yaml.safe_load(text)
    return document


def jobs() -> list[tuple[Path, str, dict[str, Any]]]:
    return [(path, name, job) for path in WORKFLOWS for name, job in load(path)["jobs"].items()]


def commands() -> str:
    """All that the workflows run."""
    steps = [step for *_, job in jobs() for step in job.get("steps", [])]
    steps += [step for path in ACTIONS for step in load(path)["runs"]["steps"]]
    return "\n".join([*(step.get("run", "") for step in steps), *(path.read_text() for path in GITHUB.glob("*.sh"))])


def on_pull_request(job: dict[str, Any]) -> bool:
    return "github.event_name == 'push'" not in job.get("if", "") and "needs" not in job


def pull_request_jobs() -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{path.stem}/{name}", job)
        for path, name, job in jobs()
        if "pull_request" in load(path)["on"] and on_pull_request(job)
    ]


def test_zizmor_finds_nothing_as_an_auditor() -> None:
    done = subprocess.run(
        [TOOLS / "zizmor", "--offline", "--no-progress", "--persona", "auditor", "--format", "json", GITHUB],
        text=True,
        capture_output=True,
    )
    found = [(each["ident"], each["locations"][0]["symbolic"]["key"]) for each in json.loads(done.stdout)]
    assert (done.returncode, found) == (0, [])


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("github-workflows", WORKFLOWS),
        ("github-actions", ACTIONS),
        ("github-issue-forms", FORMS),
        ("github-issue-config", [GITHUB / "ISSUE_TEMPLATE" / "config.yml"]),
        ("dependabot", [GITHUB / "dependabot.yml"]),
    ],
)
def test_each_file_keeps_github_s_schema(schema: str, files: list[Path]) -> None:
    done = subprocess.run(
        [TOOLS / "check-jsonschema", "--builtin-schema", f"vendor.{schema}", *files],
        text=True,
        capture_output=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name + "/" + path.name)
def test_each_action_is_pinned_by_commit_with_its_version_beside_or_is_our_own(path: Path) -> None:
    for used in re.findall(r"uses: (.+)", path.read_text()):
        ours = re.fullmatch(r"\./(\.github/\S+)", used)
        if ours:
            target = PROJECT / ours[1]
            assert target.is_file() or (target / "action.yml").is_file(), used
        else:
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", used), used


def test_an_action_has_one_pin_in_all_files() -> None:
    pins = {pin for path in FILES for pin in re.findall(r"uses: ([\w/-]+@.+)", path.read_text())}
    assert len(pins) == len({pin.split("@")[0] for pin in pins}), pins


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_starts_with_no_permission_and_bounds_each_job(path: Path) -> None:
    workflow = load(path)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert "concurrency" in workflow or "concurrency" in job or "uses" in job
        assert "uses" in job or job["timeout-minutes"] <= 60
        for step in job.get("steps", []):
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


def test_no_script_holds_an_expression() -> None:
    scripts = [step["run"] for *_, job in jobs() for step in job.get("steps", []) if "run" in step]
    scripts += [step["run"] for path in ACTIONS for step in load(path)["runs"]["steps"] if "run" in step]
    assert [script for script in scripts if "${{" in script] == []


def test_each_make_target_and_script_exists() -> None:
    makefile = (PROJECT / "Makefile").read_text()
    targets = re.findall(r"(?m)\bmake (\S+)", commands())
    everything = re.findall(r"set -- (.+)", (PROJECT / ".ci" / "run").read_text())
    for arguments in re.findall(r"(?m)\.ci/run (.+)$", commands()) + everything:
        targets += arguments.split()
    assert {"tf-plan", "tf-apply", ".venv/.ready", "setup", "lint", "test", "coverage"} <= set(targets)
    assert [target for target in targets if not re.search(rf"(?m)^{re.escape(target)}:", makefile)] == []
    for script in re.findall(r"(?m)(?<![\w/])(\.(?:github|ci)/\S+)", commands()):
        assert (PROJECT / script).is_file(), script
    for script in GITHUB.glob("*.sh"):
        assert os.access(script, os.X_OK), script


def test_each_environment_that_is_named_is_terraform_s() -> None:
    named = set(re.findall(r"(?m)\bENV=(\w+)", commands()))
    for _, _, job in jobs():
        given = [job, *job.get("strategy", {}).get("matrix", {}).get("include", []), job.get("with", {})]
        named |= {each["environment"] for each in given if "${{" not in each.get("environment", "${{")}
    named |= set(
        load(GITHUB / "workflows" / "deploy.yml")["on"]["workflow_dispatch"]["inputs"]["environment"]["options"]
    )
    assert named == {"dev", "prod"}
    assert named <= ENVIRONMENTS


def test_the_roles_are_those_that_terraform_makes_for_ci() -> None:
    text = "".join(path.read_text() for path in WORKFLOWS)
    assert set(re.findall(r"vars\.AWS_(\w+)_ROLE", text)) == {"PLAN", "APPLY", "PROMOTE"}
    output = re.search(
        r'output "ci_roles" \{.+?\n\}', (PROJECT / "terraform" / "platform" / "outputs.tf").read_text(), re.S
    )
    assert output
    assert "AWS_PLAN_ROLE" in output[0]
    assert re.search(r"plan = .+, apply = ", output[0])
    text = (PROJECT / "terraform" / "platform" / "outputs.tf").read_text()
    assert re.search(r'output "promotion" \{\n +description = ".*AWS_PROMOTE_ROLE', text)


def test_a_pull_request_reaches_neither_the_apply_role_nor_a_secret() -> None:
    reached = dict(pull_request_jobs())
    built = {"image/build", "model-image/build"}
    assert {"test/lint", "test/test", "test/coverage", "plan/plan", "plan/no-plan", *built} == set(reached)
    for name, job in reached.items():
        assert "environment" not in job, f"{name}: an environment changes the subject that the role trusts"
        text = json.dumps(job)
        assert not re.search("(APPLY|PROMOTE)_ROLE", text), name
        assert "secrets" not in text, name
    assert "pull_request_target" not in "".join(path.read_text() for path in WORKFLOWS)


def test_a_fork_s_pull_request_gets_no_credentials() -> None:
    with_identity = [(name, job) for name, job in pull_request_jobs() if "id-token" in job.get("permissions", {})]
    assert [name for name, _ in with_identity] == ["plan/plan"]
    assert "github.event.pull_request.head.repo.full_name == github.repository" in with_identity[0][1]["if"]


def test_what_changes_an_environment_waits_for_its_approval() -> None:
    for path, name, job in jobs():
        if re.search("AWS_(APPLY|PROMOTE)_ROLE", json.dumps(job)):
            role = [step for step in job["steps"] if step.get("uses", "").startswith("./")]
            assert [step["with"]["environment"] for step in role] == [job["environment"]], f"{path.stem}/{name}"
            scripts = " ".join(step.get("run", "") for step in job["steps"])
            assert set(re.findall(r"\bENV=(\w+)", scripts)) <= {job["environment"]}, f"{path.stem}/{name}"


def test_an_apply_and_a_deployment_are_never_broken_off_and_never_two_at_once() -> None:
    groups = [
        load(GITHUB / "workflows" / "terraform.yml")["jobs"]["apply"]["concurrency"],
        load(GITHUB / "workflows" / "deploy.yml")["concurrency"],
        load(GITHUB / "workflows" / "promote.yml")["concurrency"],
    ]
    for group in groups:
        assert group["group"].endswith("-${{ inputs.environment }}")
        assert group["cancel-in-progress"] is False


def test_a_retraining_has_the_secrets_and_the_role_of_dev_or_of_prod_only() -> None:
    workflow = load(GITHUB / "workflows" / "retrain.yml")
    job = workflow["jobs"]["retrain"]
    named = "${{ (inputs.environment || github.event.client_payload.environment) == 'prod' && 'prod' || 'dev' }}"
    assert (job["environment"], job["env"]["ENVIRONMENT"]) == (named, named)
    assert job["permissions"] == {"contents": "read", "id-token": "write"}
    assert set(workflow["on"]) == {"workflow_dispatch", "repository_dispatch"}, "both run the branch's own workflow"
    assert workflow["concurrency"]["cancel-in-progress"] is False
    (role,) = (step for step in job["steps"] if str(step.get("uses")).startswith("./"))
    assert role["if"] == "steps.server.outputs.in_vpc == 'true'"


def test_prod_follows_dev() -> None:
    needs = {f"{path.stem}/{name}": job.get("needs") for path, name, job in jobs()}
    assert needs["apply/prod"] == "dev"
    assert (needs["image/deploy-dev"], needs["image/push-prod"], needs["image/deploy-prod"]) == (
        "push-dev",
        "deploy-dev",
        "push-prod",
    )


def test_exactly_the_plan_that_was_made_is_applied_after_the_approval() -> None:
    named = load(GITHUB / "workflows" / "terraform.yml")["jobs"]
    plan, apply = (make_of(named[name]) for name in ("plan", "apply"))
    assert re.search(r"terraform -chdir=\S+ plan .*-out=/runner/plan -lock=false -input=false", plan)
    assert re.search(r"terraform -chdir=\S+ apply -parallelism=20 /runner/plan\n", apply)
    assert "terraform_bootstrap" not in plan + apply, "the bucket of the states is an administrator's"
    assert "environment" not in named["plan"], "reviewers see the plan before they approve"
    assert (named["apply"]["needs"], named["apply"]["environment"]) == ("plan", "${{ inputs.environment }}")
    assert named["apply"]["if"] == "needs.plan.outputs.changes == 'true'"
    steps = [step for job in named.values() for step in job["steps"]]
    artifacts = [step["with"]["name"] for step in steps if "-artifact@" in step.get("uses", "")]
    assert artifacts == ["plan-${{ inputs.environment }}"] * 2


def test_an_applying_environment_is_called_with_its_own_role() -> None:
    for environment, job in load(GITHUB / "workflows" / "apply.yml")["jobs"].items():
        assert job["with"]["environment"] == environment
        assert job["with"]["plan_role"] == f"${{{{ vars.AWS_PLAN_ROLE_{environment.upper()} }}}}"


@pytest.mark.parametrize("workflow", ["plan", "terraform", "drift"])
def test_ci_installs_only_the_providers_of_the_lock(workflow: str) -> None:
    job = next(iter(load(GITHUB / "workflows" / f"{workflow}.yml")["jobs"].values()))
    assert re.search(r"terraform -chdir=\S+ init .*-lockfile=readonly", make_of(job))


@pytest.mark.parametrize("workflow", ["plan", "terraform", "drift"])
def test_a_plan_takes_no_lock_for_its_role_writes_nothing(workflow: str) -> None:
    job = next(iter(load(GITHUB / "workflows" / f"{workflow}.yml")["jobs"].values()))
    assert re.search(r"plan .*-out=/runner/plan -lock=false", make_of(job))


def make_of(job: dict[str, Any]) -> str:
    """What the job's make command would run."""
    (command,) = (step["run"] for step in job["steps"] if step.get("run", "").startswith("make"))
    return dry_run(command)


def dry_run(command: str) -> str:
    """What a workflow's make command would run."""
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command.replace("make ", "make --dry-run ", 1)],
        cwd=PROJECT,
        env={**os.environ, "RUNNER_TEMP": "/runner", "ENVIRONMENT": "dev", "CI": "true"},
        text=True,
        capture_output=True,
        check=True,
    ).stdout


def test_a_commit_that_is_not_of_the_branch_is_not_deployed() -> None:
    steps = load(GITHUB / "workflows" / "deploy.yml")["jobs"]["deploy"]["steps"]
    checked = next(index for index, step in enumerate(steps) if "merge-base --is-ancestor" in step.get("run", ""))
    assert steps[checked - 1]["with"] == {"fetch-depth": 0, "persist-credentials": False}
    assert [step for step in steps[:checked] if "environment" in str(step.get("uses"))] == []


@pytest.mark.parametrize(("environment", "account"), [("dev", "1" * 12), ("prod", "2" * 12)])
def test_the_region_and_the_account_are_terraform_s(environment: str, account: str, tmp_path: Path) -> None:
    done = settings_step(environment, "arn:aws:iam::1:role/x", tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "output").read_text().splitlines() == [
        "region=us-east-1",
        f"repository={account}.dkr.ecr.us-east-1.amazonaws.com/vishwaops-{environment}",
    ]
    assert "us-east-1" not in "".join(path.read_text() for path in [*FILES, *GITHUB.glob("*.sh")])


def test_a_missing_role_is_reported(tmp_path: Path) -> None:
    done = settings_step("dev", "", tmp_path)
    assert (done.returncode, "No role is set for dev" in done.stdout) == (1, True)


def settings_step(environment: str, role: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", load(ACTION)["runs"]["steps"][0]["run"]],
        cwd=PROJECT,
        env={**os.environ, "ENVIRONMENT": environment, "ROLE": role, "GITHUB_OUTPUT": str(folder / "output")},
        text=True,
        capture_output=True,
    )


@pytest.mark.parametrize("script", sorted(GITHUB.glob("*.sh")), ids=lambda path: path.name)
def test_a_script_parses(script: Path) -> None:
    assert subprocess.run(["bash", "-n", script]).returncode == 0


def test_a_part_that_is_missing_fails_on_github() -> None:
    assert load(GITHUB / "workflows" / "test.yml")["env"] == {"VISHWAOPS_REQUIRE_ALL": "1"}


def test_the_tests_run_on_both_pythons_with_the_providers_and_the_data_there() -> None:
    named = load(GITHUB / "workflows" / "test.yml")["jobs"]
    assert named["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.12"]
    for name in ("test", "coverage"):
        assert "./.github/actions/offline" in [step.get("uses") for step in named[name]["steps"]], name


def test_dependabot_watches_every_folder_that_has_requirements() -> None:
    updates = {each["package-ecosystem"]: each for each in load(GITHUB / "dependabot.yml")["updates"]}
    assert set(updates) == {"pip", "github-actions", "docker", "terraform"}
    for ecosystem, pattern in (
        ("pip", "requirements*.[it][nx]*"),
        ("docker", "Dockerfile"),
        ("terraform", "versions.tf"),
    ):
        watched = {
            folder
            for name in updates[ecosystem]["directories"]
            for folder in PROJECT.parent.glob(f"{PROJECT.name}{name}")
        }
        files = subprocess.run(
            ["git", "ls-files", f"*{pattern}"], cwd=PROJECT, text=True, capture_output=True, check=True
        ).stdout.split()
        assert {(PROJECT / name).parent for name in files if not name.startswith("tests/")} <= watched, ecosystem
