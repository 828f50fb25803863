"""Shared by all tests: one offline cloud per run, and a guard against connections to other machines."""

import gc
import os
import shutil
import signal
import sys
import tempfile
from collections import defaultdict
from collections.abc import Generator, Iterator
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
    "Java": ("java",),
    "PostgreSQL": ("postgres", *map(str, Path("/usr/lib/postgresql").glob("*/bin/postgres"))),
}
"""The commands of each optional part. One of them is enough."""
NEEDED_FOR = {
    "terraform": "plans and applies of the modules",
    "Chromium": "pages in a browser",
    "bubblewrap": "jobs that bubblewrap isolates",
    "Java": "jobs of Spark",
    "PostgreSQL": "rows of a PostgreSQL database",
}
REQUIRE_ALL = "VISHWAOPS_REQUIRE_ALL"
"""If this variable is 1, a missing part is a failure."""
MISSING = "on this machine"
"""The end of the reason of a skipped test: `x is not on this machine`."""

LONGEST_BYTES_IN_A_NAME = 40
CONTROLLER = "VISHWAOPS_TESTS_CONTROLLER"
"""The process that pytest runs in, for its workers. A test may start another pytest, which inherits their variables."""

if "PYTEST_XDIST_WORKER" not in os.environ or os.environ.get(CONTROLLER) != str(os.getppid()):
    os.environ[CONTROLLER] = str(os.getpid())
    # Here, for other conftest files import `config`, which reads it.
    os.environ["VISHWAOPS_STATE"] = str(Path(tempfile.mkdtemp(prefix="vishwaops-tests-")) / "state")

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
    """The data bucket of the run's cloud, after seeding the platform."""
    from flows.session.runtime import connect
    from tasks.platform import platform

    connect()
    return platform().bucket("data")


@pytest.fixture(scope="session")
def prefect_url(pytestconfig: pytest.Config) -> str:
    """The API of the run's Prefect server, shared by all workers. It ends with the run."""
    from tests.prefect_server import shared_prefect_server

    return shared_prefect_server(pytestconfig.stash[run_folder] / "prefect", pytestconfig.stash[controller_pid])


@pytest.fixture(scope="session")
def prefect(bucket: str, prefect_url: str) -> Iterator[str]:
    """The run's Prefect server, for the flows of this process and for the commands that it starts. Yields its API."""
    from prefect.logging.configuration import setup_logging
    from prefect.settings import PREFECT_API_URL, PREFECT_LOGGING_LEVEL, temporary_settings

    # The command line quietens Prefect before it is imported, which is too late here.
    settings = {PREFECT_API_URL: prefect_url, PREFECT_LOGGING_LEVEL: "CRITICAL"}
    with pytest.MonkeyPatch.context() as patch, temporary_settings(updates=settings):
        setup_logging()
        patch.setenv("PREFECT_API_URL", prefect_url)
        yield prefect_url


@pytest.fixture(scope="session")
def postgresql(pytestconfig: pytest.Config) -> str:
    """The folder with the socket of the run's PostgreSQL, shared by all workers. It ends with the run."""
    from tests.postgresql import shared_postgresql

    return shared_postgresql(pytestconfig.stash[run_folder] / "postgresql", pytestconfig.stash[controller_pid])


@pytest.fixture(scope="session")
def aws_provider(pytestconfig: pytest.Config) -> Iterator[None]:
    """Terraform's tests attach to the run's provider process, shared by all workers. It ends with the run."""
    from tasks.platform.terraform import ATTACHED
    from tests.terraform_provider import shared_provider

    address = shared_provider(pytestconfig.stash[run_folder] / "provider", pytestconfig.stash[controller_pid])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ATTACHED, address)
        yield


@pytest.fixture(scope="session")
def localstack_env() -> Path:
    """LocalStack's own environment, built by `make setup`."""
    return LOCALSTACK_ENV


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_seconds, reverse=True)


def pytest_collection() -> None:
    """Collecting makes millions of objects that all stay: looking for garbage among them only costs time."""
    gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()  # what is there stays until the end, so that no later collection looks at it
    gc.enable()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Long bytes are named by their argument: an archive's hold the time, and each worker must collect equal names."""
    return argname if isinstance(val, bytes) and len(val) > LONGEST_BYTES_IN_A_NAME else None


def pytest_configure(config: pytest.Config) -> None:
    worker = getattr(config, "workerinput", None)
    folder = Path(worker["run_folder"]) if worker else Path(os.environ["VISHWAOPS_STATE"]).parent
    config.stash[run_folder] = folder
    config.stash[controller_pid] = worker["controller_pid"] if worker else os.getpid()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a run in the background inherits that it is ignored
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "300")
    os.environ.setdefault("GOGC", "400")  # Terraform collects its garbage less often: a quarter less processor time
    from tasks import environment

    environment.prepare()
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
    _end_shared_servers(session.config.stash[run_folder])
    if _refusals(session.config) or (_all_are_required() and _missing_parts()):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    lines = [f"{part}: not tested: {NEEDED_FOR[part]}" for part in _missing_parts()]
    lines += _skipped_for_a_missing_part(terminalreporter)
    if lines:
        terminalreporter.section("not on this machine", red=_all_are_required())
        terminalreporter.write_line("\n".join(lines))
    if refusals := _refusals(config):
        terminalreporter.section("refused: something tried to leave this machine", red=True)
        terminalreporter.write(refusals)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and MISSING in _reason(report) and _all_are_required():
        report.outcome = "failed"
        report.longrepr = f"{_reason(report)}, and {REQUIRE_ALL} is 1"
    return report


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and run_folder in config.stash:
        shutil.rmtree(config.stash[run_folder], ignore_errors=True)


def _seconds(item: pytest.Item) -> float:
    """How long a test takes that the run would wait for at its end; 0 for all others."""
    marker = item.get_closest_marker("starts_first")
    return marker.kwargs.get("seconds", 1) if marker else 0


def _missing_parts() -> list[str]:
    return [part for part, names in MACHINE_PARTS.items() if not any(map(shutil.which, names))]


def _skipped_for_a_missing_part(terminalreporter: pytest.TerminalReporter) -> list[str]:
    files: dict[str, list[str]] = defaultdict(list)
    for report in terminalreporter.stats.get("skipped", []):
        if MISSING in _reason(report):
            files[_reason(report)].append(report.nodeid.split("::")[0])
    return [f"{why}: {len(found)} not run: {', '.join(sorted(set(found)))}" for why, found in sorted(files.items())]


def _reason(report: pytest.TestReport) -> str:
    return report.longrepr[2].removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else ""


def _all_are_required() -> bool:
    return os.environ.get(REQUIRE_ALL) == "1"


def _end_shared_servers(folder: Path) -> None:
    offline_cloud.down(folder / "cloud")
    if (folder / "prefect").exists():
        from tests.prefect_server import end_shared_prefect_server

        end_shared_prefect_server(folder / "prefect")
    if (folder / "provider").exists():
        from tests.terraform_provider import end_shared_provider

        end_shared_provider(folder / "provider")
    if (folder / "postgresql").exists():
        from tests.postgresql import end_shared_postgresql

        end_shared_postgresql(folder / "postgresql")


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
