"""The module guard: nothing it protects is destroyed or replaced, until an administrator takes the guard away."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terraform.terraform_runs import terraform

ROOT = """
variable "version_of_bucket" {
  default = 1
}

variable "disposable" {
  default = false
}

resource "terraform_data" "bucket" {
  triggers_replace = var.version_of_bucket
}

module "guard" {
  source   = "%s"
  count    = var.disposable ? 0 : 1
  protects = { bucket = terraform_data.bucket.id }
}
"""
Run = Callable[..., str]


@pytest.fixture
def run(sources: Path, cli_config: Path, tmp_path: Path) -> Run:
    """Runs Terraform on an applied root with a guarded resource. Returns its output; "" when it succeeds."""
    (tmp_path / "main.tf").write_text(ROOT % (sources / "modules" / "guard"))

    def run(*words: str) -> str:
        done = terraform(tmp_path, cli_config, *words, "-no-color")
        return done.stdout + done.stderr if done.returncode else ""

    assert run("init") == ""
    assert run("apply", "-auto-approve") == ""
    return run


@pytest.mark.parametrize(
    "words",
    [
        ("destroy",),
        ("destroy", "-target=terraform_data.bucket"),
        ("apply", "-var=version_of_bucket=2"),
        ("apply", "-var=disposable=true"),
    ],
)
def test_a_destroy_or_a_replacement_of_what_it_protects_is_refused(run: Run, words: tuple[str, ...]) -> None:
    assert "lifecycle.prevent_destroy" in run(*words, "-auto-approve")


def test_without_the_guard_in_the_state_everything_can_be_destroyed(run: Run, cli_config: Path, tmp_path: Path) -> None:
    removed = terraform(tmp_path, cli_config, "state", "rm", "module.guard[0].terraform_data.this")
    assert removed.returncode == 0, removed.stderr
    assert run("destroy", "-auto-approve", "-var=disposable=true") == ""
