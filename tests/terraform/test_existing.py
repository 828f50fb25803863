"""What the account has already is imported, and refused where it can't be."""

from pathlib import Path

import offline_cloud
from tasks.platform.terraform_plan import MOCKED
from tests.terraform.terraform_runs import copy_sources, needs_terraform, terraform

FILES = [f"-var-file=../environments/dev/{part}.tfvars" for part in ("environment", "platform")]
REFUSED = (
    MOCKED.split("run ")[0]
    + """
run "refuses_what_is_not_there_and_a_lock_that_nobody_can_undo" {
  command = plan

  variables {
    audit_lock                    = { mode = "COMPLIANCE", days = 365 }
    existing_log_groups           = ["TrainingJobs", "student_grades", "LabelingJobs"]
    existing_model_package_groups = ["unknown"]
  }

  expect_failures = [var.audit_lock, var.existing_log_groups, var.existing_model_package_groups]
}

run "refuses_a_second_environment" {
  command = plan

  override_data {
    target = data.aws_ssm_parameters_by_path.account
    values = { names = ["/vishwaops/environment"], values = ["prod"] }
  }

  expect_failures = [output.account]
}
"""
)
OFFLINE = [f"-var-file=../environments/offline/{part}.tfvars" for part in ("environment", "platform")]
IMPORTED = (
    'module.observability.aws_cloudwatch_log_group.this["TrainingJobs"]',
    'module.observability.aws_cloudwatch_log_group.this["student_grades"]',
    'module.registry.aws_sagemaker_model_package_group.this["student_grades"]',
    'module.storage.module.working["data"].aws_s3_bucket.this',
)
EXISTING = """
existing_log_groups           = ["TrainingJobs", "student_grades"]
existing_model_package_groups = ["student_grades"]
existing_buckets              = { data = "%s" }
"""


def initialised(folder: Path, cli_config: Path) -> Path:
    root = copy_sources(folder) / "platform"
    done = terraform(root, cli_config, "init", "-backend=false", "-no-color")
    assert done.returncode == 0, done.stderr
    return root


@needs_terraform
def test_the_root_refuses_what_would_fail_or_last_for_years(tmp_path: Path, cli_config: Path) -> None:
    root = initialised(tmp_path, cli_config)
    (root / "refused.tftest.hcl").write_text(REFUSED)
    allowed = "-var=allow_placeholders=true"
    run = terraform(root, cli_config, "test", "-no-color", "-filter=refused.tftest.hcl", *FILES, allowed)
    assert "2 passed, 0 failed" in run.stdout, run.stdout + run.stderr


@needs_terraform
def test_what_exists_is_imported_and_not_created(
    cloud: offline_cloud.Cloud, bucket: str, tmp_path: Path, cli_config: Path
) -> None:
    root = copy_sources(tmp_path) / "platform"
    (root / "local_override.tf").write_text('terraform {\n  backend "local" {}\n}\n')
    assert terraform(root, cli_config, "init", "-no-color").returncode == 0
    (root / "existing.auto.tfvars").write_text(EXISTING % bucket)
    targets = [f"-target={target}" for target in IMPORTED]
    run = terraform(root, cli_config, "plan", "-no-color", *OFFLINE, *targets, cloud=cloud.environment)
    assert "4 to import" in run.stdout, run.stdout[-3000:] + run.stderr
    assert [name for name in IMPORTED if f"{name} will be created" in run.stdout] == []
