"""A plan as an encrypted artifact, with the real openssl; and its summary, with a fake of Terraform."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.github.conftest import Commands

GITHUB = Path(__file__).parents[2] / ".github"
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not on this machine")


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan"
    path.write_bytes(bytes(range(256)) * 4000)
    return path


def run(action: str, source: Path, target: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [GITHUB / "plan_file.sh", action, source, target],
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", **environment},
        text=True,
        capture_output=True,
    )


def pair(folder: Path) -> tuple[str, str]:
    """A certificate and its private key, as terraform/README.md makes them."""
    key, certificate = folder / "plans.key", folder / "plans.crt"
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=plans"]
    subprocess.run(["openssl", *made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate.read_text(), key.read_text()


@needs_openssl
def test_only_the_environments_key_reads_a_plan(plan: Path, tmp_path: Path) -> None:
    certificate, key = pair(tmp_path)
    encrypted, decrypted = tmp_path / "plan.cms", tmp_path / "again"
    assert run("encrypt", plan, encrypted, PLAN_CERTIFICATE=certificate).returncode == 0
    assert plan.read_bytes()[:256] not in encrypted.read_bytes()
    done = run("decrypt", encrypted, decrypted, PLAN_KEY=key)
    assert (done.returncode, decrypted.read_bytes()) == (0, plan.read_bytes()), done.stderr
    assert run("decrypt", encrypted, decrypted, PLAN_KEY=pair(tmp_path)[1]).returncode != 0


@pytest.mark.parametrize(("action", "name"), [("encrypt", "PLAN_CERTIFICATE"), ("decrypt", "PLAN_KEY")])
def test_a_missing_key_is_named(action: str, name: str, plan: Path, tmp_path: Path) -> None:
    done = run(action, plan, tmp_path / "target")
    assert (done.returncode, f"{name} is not set: terraform/README.md#github" in done.stdout) == (1, True)
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize(
    ("text", "changes"),
    [("No changes. Your infrastructure matches the configuration.", "false"), ("Plan: 1 to add", "true")],
)
def test_without_changes_nobody_is_asked(text: str, changes: str, plan: Path, commands: Commands) -> None:
    commands.add("terraform", f'echo "{text}"')
    output, summary = plan.with_name("output"), plan.with_name("summary")
    environment = {**commands.environment, "GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary)}
    subprocess.run([GITHUB / "plan_summary.sh", plan], env=environment, check=True)
    assert output.read_text() == f"changes={changes}\n"
    assert text in summary.read_text()
