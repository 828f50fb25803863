"""`vishwaops plan-cost`."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.profile import VARIABLE, load_profile
from flows.commands.main import main
from tests.terraform.terraform_runs import needs_terraform


@pytest.fixture(autouse=True)
def _profiles_as_they_are(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Isolates the test from the shell's profile, and restores the profile after the command."""
    monkeypatch.setenv(VARIABLE, "offline")
    for name in ("AWS_REGION", "VISHWAOPS_ENVIRONMENT"):
        monkeypatch.delenv(name, raising=False)
    load_profile.cache_clear()
    yield
    load_profile.cache_clear()


@pytest.mark.usefixtures("aws_provider")
@needs_terraform
def test_the_command_shows_what_dev_costs_without_an_account(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan-cost", "--profile", "aws", "--environment", "dev"]) == 0
    shown = capsys.readouterr().out
    assert shown.splitlines()[0].endswith("Planning dev with Terraform (no AWS account needed)")
    # By hand: 730 hours of a small database, and eight metrics of each of five use cases.
    assert f"1 PostgreSQL instance {730 * 0.016:.2f}" in shown
    assert re.search(rf"^the flows' +11 +{40 * 0.3:.2f} +40 metrics {40 * 0.3:.2f}", shown, re.M)
    assert re.search(r"^ +36\.50 +A NAT gateway and its address +With", shown, re.M)
    assert "CloudTrail's data events: 0.10 for 100,000 events" in shown
    assert "Prices: us-east-1, on demand, entered 2026-11-25." in shown
    assert "Not included: free tiers, taxes, traffic." in shown
    assert "offline cloud is free" not in shown


@pytest.mark.usefixtures("aws_provider")
@needs_terraform
def test_of_the_offline_cloud_it_reports_that_nothing_is_billed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan-cost"]) == 0
    shown = capsys.readouterr().out
    assert shown.splitlines()[0].endswith("Planning offline with Terraform (no AWS account needed)")
    assert "offline cloud is free: these are the costs of the same resources on AWS" in " ".join(shown.split())
    # By hand: one instance without a standby, and 20 GB for it.
    assert "1 PostgreSQL instance 11.68" in shown
    assert "20 GB of database storage 2.30" in shown


def test_an_unknown_environment_is_answered_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan-cost", "--environment", "stage"]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "vishwaops: environment: expected one of dev, offline, prod; found 'stage'\n"


def test_without_terraform_the_error_names_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["plan-cost"]) == 1
    assert "plan-cost needs Terraform to plan the environment, but it is not on the path" in capsys.readouterr().err
