import errno
import sqlite3
import stat
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import httpx
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from prefect import flow, task
from prefect.exceptions import CrashedRun, ParameterTypeError
from pydantic import ValidationError

from config.errors import GateError, JobFailed, SourceError
from config.splits import TimeSplit
from flows.commands import failures
from flows.commands import use_cases as module
from flows.commands.exit_status import INTERRUPTED
from flows.commands.main import main


def invalid() -> ValidationError:
    try:
        TimeSplit.model_validate({"by": "time", "column": 1})
    except ValidationError as error:
        return error
    raise AssertionError


DENIED = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutObject")
INVALID = ClientError({"Error": {"Code": "ValidationException", "Message": "no"}}, "CreateModel")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (GateError("rows: expected 3, found 2"), "rows: expected 3, found 2"),
        (SourceError("https://me:pw@host/a?sig=1: gone"), "https://host/a?...: gone"),
        (OSError(errno.ENOSPC, "No space left on device", "/state/x"), "/state/x: No space left on device. Free some"),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), "/x: Permission denied. Allow this user to use it"),
        (FileNotFoundError("s3://b/k: no such object"), "s3://b/k: no such object. Run the stage that writes it again"),
        (INVALID, "AWS refuses CreateModel: ValidationException: no"),
        (DENIED, "AWS denies PutObject: no. Add the action to the role's policy (terraform/modules/identity)"),
        (
            NoCredentialsError(),
            "expected valid credentials for AWS, found: Unable to locate credentials. Sign in again",
        ),
        (
            EndpointConnectionError(endpoint_url="http://127.0.0.1:9"),
            "AWS failed: Could not",
        ),
        (httpx.ConnectError("refused"), "The Prefect server at http://127.0.0.1:4210/api has stopped or does not"),
        (ParameterTypeError("use_case is no text\nmore"), "Prefect failed: use_case is no text"),
        (CrashedRun(None), "Prefect failed: CrashedRun, without a reason. Run the command with"),
        (
            RuntimeError("Failed to reach API at http://127.0.0.1:9/api/"),
            "Prefect failed: Failed to reach API at http://127.0.0.1:9/api/. Start that server",
        ),
        (sqlite3.OperationalError("database or disk is full"), "The database failed: database or"),
        (invalid(), "column: expected a text; found 1. Quote it"),
    ],
)
def test_an_error_is_one_sentence_without_a_secret(
    error: Exception, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:4210/api")
    found = failures.describe(error)
    assert found is not None
    assert said in found
    assert "pydantic" not in found


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Runs the command `use-cases` with a function of the test. Returns its exit status and its errors."""

    def command(body: Callable[[], object], *arguments: str) -> tuple[int, str]:
        def use_cases(options: Namespace) -> None:
            body()

        monkeypatch.setattr(module, "use_cases", use_cases)
        return main(["use-cases", *arguments]), capsys.readouterr().err

    return command


def fail() -> NoReturn:
    raise KeyError("a value of a row")


def test_an_internal_error_writes_its_traceback_to_a_log_for_this_user_only(
    run: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(failures, "LOGS", tmp_path / "logs")
    status, said = run(fail)
    (log,) = (tmp_path / "logs").iterdir()
    assert status == 1
    assert said.count("\n") == 1
    assert said.startswith(
        "vishwaops: an internal error of VishwaOps: KeyError in tests/flows/commands/test_failures.py, line "
    )
    assert str(log) in said
    assert "a value of a row" not in said
    assert "Traceback" in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_verbose_shows_the_traceback(run: Callable[..., tuple[int, str]]) -> None:
    assert "Traceback" in run(fail, "--verbose")[1]


def test_a_log_that_cannot_be_written_is_reported(
    run: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("a file, not a folder")
    monkeypatch.setattr(failures, "LOGS", tmp_path / "state" / "logs")
    assert "run the command with --verbose" in run(fail)[1]


def test_an_error_of_a_task_reaches_the_person_as_it_was(
    run: Callable[..., tuple[int, str]], prefect: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    @task
    def refuse() -> NoReturn:
        raise GateError("rows: expected 3, found 2")

    @flow
    def whole() -> None:
        refuse.submit().result()

    assert run(whole) == (1, "vishwaops: rows: expected 3, found 2\n")


def test_an_interrupt_ends_in_a_line(run: Callable[..., tuple[int, str]]) -> None:
    def interrupt() -> NoReturn:
        raise KeyboardInterrupt

    assert run(interrupt) == (INTERRUPTED, "vishwaops: interrupted\n")


@pytest.mark.parametrize(
    "arguments",
    [[], ["fly"], ["run"], ["run", "lifecycle"], ["run", "fly", "--use-case", "x"], ["use-cases", "--profile"],
     ["run", "lifecycle", "--use-case", "x", "--profile", "mars"],
     ["run", "train", "--use-case", "x", "--source", "y"]],
)  # fmt: skip
def test_invalid_arguments_end_with_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: vishwaops" in capsys.readouterr().err


def test_a_job_s_reason_does_nothing_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    failures.report(JobFailed("job a: AlgorithmError: x\x1b]0;title\x07\x00\x9b31m\n\tGrüße"), verbose=False)
    said = capsys.readouterr().err
    assert said == "vishwaops: job a: AlgorithmError: x\\x1b]0;title\\x07\\x00\\x9b31m\n\tGrüße\n"
