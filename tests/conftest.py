"""What all tests share: one offline cloud per run, and a guard that lets nothing leave this machine."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import boto3
import pytest

import offline_cloud

PROJECT = Path(__file__).parents[1]
LOCALSTACK_ENV = PROJECT / ".vishwaops" / "localstack-env"
MACHINE_PARTS = {
    "terraform": ("terraform",),
    "Chromium": ("chromium", "chromium-browser", "google-chrome"),
    "bubblewrap": ("bwrap",),
}

run_folder = pytest.StashKey[Path]()
controller_pid = pytest.StashKey[int]()


@pytest.fixture(scope="session")
def cloud(pytestconfig: pytest.Config) -> Iterator[offline_cloud.Cloud]:
    """The run's offline cloud, shared by all workers; the environment of this process points at it.

    The first test that asks for it starts it; it lives as long as the process that the run began in.
    """
    shared = offline_cloud.up(
        pytestconfig.stash[run_folder] / "cloud", LOCALSTACK_ENV, owner=pytestconfig.stash[controller_pid]
    )
    with pytest.MonkeyPatch.context() as patch:
        for name, value in shared.environment.items():
            patch.setenv(name, value)
        # boto3's own session may have been made before, and remembers.
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        yield shared


@pytest.fixture(scope="session")
def bucket(cloud: offline_cloud.Cloud) -> str:
    """The data bucket of the run's cloud, with all else that the stand-in makes of the platform."""
    from flows.runtime import connect
    from tasks.platform import platform

    connect()
    return platform().bucket("data")


@pytest.fixture(scope="session")
def localstack_env() -> Path:
    """LocalStack's own environment, built by `make setup`."""
    return LOCALSTACK_ENV


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("starts_first") is None)


def pytest_configure(config: pytest.Config) -> None:
    worker = getattr(config, "workerinput", None)
    folder = Path(worker["run_folder"] if worker else tempfile.mkdtemp(prefix="vishwaops-tests-"))
    config.stash[run_folder] = folder
    config.stash[controller_pid] = worker["controller_pid"] if worker else os.getpid()
    os.environ["VISHWAOPS_STATE"] = str(folder / "state")  # read when `config` is imported
    if worker is None:
        guard = folder / "network_guard"
        shutil.copytree(Path(__file__).with_name("network_guard"), guard)
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(guard), os.environ.get("PYTHONPATH")]))
        os.environ["SAGEMAKER_LOCAL_PYTHONPATH"] = str(guard)
        _guard_this_process(guard)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node) -> None:  # type: ignore[no-untyped-def]  # xdist has no types
    node.workerinput["run_folder"] = str(node.config.stash[run_folder])
    node.workerinput["controller_pid"] = node.config.stash[controller_pid]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput"):
        return
    offline_cloud.down(session.config.stash[run_folder] / "cloud")
    if _refusals(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    missing = [part for part, names in MACHINE_PARTS.items() if not any(map(shutil.which, names))]
    if missing:
        terminalreporter.section("not on this machine")
        terminalreporter.line(f"{', '.join(missing)}: what needs them was not tested")
    if refusals := _refusals(config):
        terminalreporter.section("refused: something tried to leave this machine", red=True)
        terminalreporter.write(refusals)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and run_folder in config.stash:
        shutil.rmtree(config.stash[run_folder], ignore_errors=True)


def _refusals(config: pytest.Config) -> str:
    record = config.stash[run_folder] / "network_guard" / "refusals.txt"
    return record.read_text() if record.exists() else ""


def _guard_this_process(guard: Path) -> None:
    spec = spec_from_file_location("network_guard", guard / "sitecustomize.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["network_guard"] = module
    spec.loader.exec_module(module)
