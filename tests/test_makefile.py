"""The Makefile as make reads it: what each target would run. Nothing is installed: `make install-check` does that."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]


def would_run(*arguments: str, path: str | None = None) -> str:
    """What make would run for these arguments, on a machine where nothing is built yet."""
    # Not the arguments of a `make test ARGS=...` that runs this test.
    inherited = {
        name: value for name, value in os.environ.items() if name not in ("ARGS", "MAKEFLAGS", "MAKEOVERRIDES")
    }
    environment = {**inherited, "PATH": path or os.environ["PATH"]}
    command = ["make", "--dry-run", "--always-make", *arguments]
    done = subprocess.run(command, cwd=PROJECT, env=environment, text=True, capture_output=True, check=True)
    return done.stdout


@pytest.fixture
def with_uv(tmp_path: Path) -> str:
    (tmp_path / "uv").write_text("#!/bin/sh\n")
    (tmp_path / "uv").chmod(0o755)
    return f"{tmp_path}{os.pathsep}{os.environ['PATH']}"


def test_the_demo_installs_no_developers_tool() -> None:
    planned = would_run("demo")
    assert "requirements.lock" in planned
    assert "requirements-dev.lock" not in planned
    assert "checkov" not in planned


@pytest.mark.parametrize(
    ("target", "program"),
    [
        ("test", "-m pytest"),
        ("coverage", "bin/coverage run"),
        ("lint", "bin/ruff"),
        ("bench", "-m tests.benchmarks"),
        ("benchmark-papers", "-m tests.benchmarks.papers"),
        ("fuzz", "-m tests.fuzz"),
        ("pictures", "-m tests.pictures"),
    ],
)
def test_a_developers_target_adds_the_rest_before_it_runs(target: str, program: str) -> None:
    installed, _, then = would_run(target).partition(program)
    assert then
    assert "-r requirements-dev.lock" in installed


def test_both_installers_take_exactly_the_lock_and_compile_nothing_ahead(with_uv: str) -> None:
    for planned in (would_run(".venv/.ready", "UV="), would_run(".venv/.ready", path=with_uv)):
        (install,) = [line for line in planned.splitlines() if "-r requirements.lock" in line and "echo" not in line]
        assert "--no-deps --require-hashes" in install
        assert "--compile" not in install
    assert "--no-compile" in would_run(".venv/.ready", "UV=")
    assert "uv pip install" in would_run(".venv/.ready", path=with_uv)


def test_the_demo_uses_the_seed_and_names_the_option_for_terraform() -> None:
    assert "make demo PLATFORM=terraform" in would_run("demo")
    assert "vishwaops platform" not in would_run("demo")
    assert "vishwaops platform --with terraform" in would_run("demo", "PLATFORM=terraform")


def test_environments_are_built_side_by_side_and_nothing_else_is() -> None:
    assert [line for line in would_run("setup").splitlines() if " -j" in line] == [
        "make --no-print-directory -j3 environments"
    ]
    assert "-j" not in would_run("tf-apply", "ENV=dev").replace("-json", "")


def test_a_python_that_the_project_does_not_support_is_named(tmp_path: Path) -> None:
    old = tmp_path / "python3.9"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    environment = tmp_path / "environment"
    command = ["make", f"CHECKOV_ENV={environment}", f"PYTHON={old}", f"{environment}/.ready"]
    done = subprocess.run(command, cwd=PROJECT, text=True, capture_output=True, check=False)
    assert done.returncode != 0
    assert f"No Python 3.11 or 3.12 as {old}: install one, or name it" in done.stdout
    assert not environment.exists()


def test_fuzz_passes_its_subject_on() -> None:
    assert ".venv/bin/python -m tests.fuzz csv" in would_run("fuzz", "ONLY=csv")


def test_only_coverage_measures_and_a_part_has_no_bound_and_does_not_change_the_readme() -> None:
    assert "coverage" not in would_run("test").partition("-m pytest")[2]
    whole, part = would_run("coverage"), would_run("coverage", "ARGS=tests/config")
    assert ("tests.coverage_figure README.md" in whole, "tests.coverage_figure" in part) == (True, False)
    assert ("report\n" in whole, "report --fail-under=0" in part) == (True, True)


def test_the_coverage_of_a_run_includes_the_commands_that_it_starts(tmp_path: Path) -> None:
    (tmp_path / "started.py").write_text("import tabular.suggestions as s; print(s.did_you_mean('taks', ['task']))")
    (tmp_path / "run.py").write_text(
        "import subprocess, sys; subprocess.run([sys.executable, 'started.py'], check=True)"
    )
    environment = {
        **os.environ,
        "COVERAGE_FILE": str(tmp_path / "data"),
        "COVERAGE_RCFILE": str(PROJECT / "pyproject.toml"),
    }
    coverage = [sys.executable, "-m", "coverage"]
    for arguments in (["run", f"--source={PROJECT / 'sagemaker_scripts'}", "run.py"], ["combine", "--quiet"]):
        subprocess.run([*coverage, *arguments], cwd=tmp_path, env=environment, check=True, capture_output=True)
    module = f"--include={PROJECT}/sagemaker_scripts/tabular/suggestions.py"
    report = [*coverage, "report", "--fail-under=0", "--format=total", module]
    done = subprocess.run(report, cwd=tmp_path, env=environment, text=True, capture_output=True, check=True)
    assert float(done.stdout) > 50
