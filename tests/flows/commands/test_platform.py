"""`vishwaops platform`."""

import os
from pathlib import Path

import pytest

from flows.commands.main import main
from tests.flows.conftest import Command


def test_the_platform_is_seeded_unless_terraform_is_requested(bucket: str, command: Command) -> None:
    status, output = command("platform")
    assert (status, "platform  exists already" in output) == (0, True)


def test_terraform_is_refused_on_a_seeded_cloud(
    bucket: str, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "terraform").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "terraform").chmod(0o755)
    (tmp_path / ".terraform.d" / "plugins" / "registry.terraform.io" / "hashicorp" / "aws").mkdir(parents=True)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("HOME", str(tmp_path))
    status, output = command("platform", "--with", "terraform")
    assert status == 1
    assert "made from the seed. Start an empty cloud: vishwaops down && vishwaops up" in output


def test_without_terraform_it_is_named_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["platform", "--with", "terraform"]) == 1
    said = capsys.readouterr()
    assert "Terraform is not on this machine. Without it: vishwaops platform --with seed" in said.err
    assert "Starting" not in said.out
