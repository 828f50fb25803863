"""Explains in one sentence why a command failed. The traceback of an internal error goes to a log."""

import errno
import os
import sys
import traceback
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from config import settings
from config.errors import VishwaOpsError
from config.explanations import explain
from config.variables import without_secrets
from flows.session.prefect_server import ADDRESS
from offline_cloud import OfflineCloudError
from sagemaker_local.private_files import private_folder

SERVICES = {
    ("botocore", "BotoCoreError"): "AWS",
    ("prefect", "PrefectException"): "Prefect",
    ("mlflow", "MlflowException"): "MLflow",
    ("requests", "RequestException"): "A service",
    ("sqlalchemy", "OperationalError"): "The database",
    ("sqlite3", "OperationalError"): "The database",
}
"""The service of an error, by its library and class. They are names, because importing the libraries is slow."""
UNREACHED = "Failed to reach API at "
"""The beginning of Prefect's RuntimeError when its server does not answer."""
LOGS = settings.STATE / "logs"


def describe(error: Exception) -> str | None:
    """Return the message for an error of the input, the machine or a service; None for an internal error."""
    if isinstance(error, VishwaOpsError | OfflineCloudError):
        return without_secrets(str(error))
    if isinstance(error, ValidationError):
        return explain(error, f"{error.title}: a parameter, or an object that an earlier version stored")
    if isinstance(error, OSError) and error.errno is not None:
        return _operating_system(error)
    if isinstance(error, FileNotFoundError):  # of S3
        return f"{error}. Run the stage that writes it again"
    return _service(error)


def _operating_system(error: OSError) -> str:
    remedies = {
        errno.ENOSPC: "Free some space and run the command again",
        errno.EDQUOT: "Free some space and run the command again",
        errno.EACCES: "Allow this user to use it",
        errno.EPERM: "Allow this user to use it",
        errno.EROFS: "Set VISHWAOPS_STATE to a folder that can be written",
    }
    where = f"{error.filename}: " if error.filename else ""
    remedy = remedies.get(error.errno or 0)
    return f"{where}{os.strerror(error.errno or 0)}" + (f". {remedy}" if remedy else "")


def _service(error: Exception) -> str | None:
    """Return the message for an error of a service's client, by the name of its class."""
    kinds = {kind.__name__: kind.__module__.split(".")[0] for kind in type(error).__mro__}
    if "botocore" in kinds.values():
        from tasks.refusals import explained_error

        if explanation := explained_error(error):
            return without_secrets(str(explanation))
    if kinds.get("ClientError") == "botocore":
        action, refusal = error.operation_name, error.response.get("Error", {})  # type: ignore[attr-defined]
        return f"AWS refuses {action}: {refusal.get('Code')}: {without_secrets(str(refusal.get('Message')))}"
    if str(error).startswith(UNREACHED):
        return f"Prefect failed: {without_secrets(_first_line(error))}. Start that server again"
    if kinds.get("HTTPError") == "httpx":
        return (
            f"The Prefect server at {os.environ.get(ADDRESS)} has stopped or does not answer: {_first_line(error)}. "
            "The outputs of completed stages are stored. Run the command again"
        )
    for (library, kind), service in SERVICES.items():
        if kinds.get(kind) == library:
            return f"{service} failed: {without_secrets(_first_line(error))}"
    return None


def _first_line(error: Exception) -> str:
    text = str(error).strip()
    if text in ("", "None"):  # Prefect's, of a state without a message
        return f"{type(error).__name__}, without a reason. Run the command with --verbose"
    return text.splitlines()[0]


def report(error: Exception, verbose: bool) -> None:
    """Print the message, or the path of an internal error's log. `verbose` prints the traceback as well."""
    if verbose:
        traceback.print_exception(error)
    if (sentence := describe(error)) is None:
        fault = f"{type(error).__name__} {_place(error)}. {_log(error)}"
        sentence = f"an internal error of VishwaOps: {fault}. Please report it"
    print(f"vishwaops: {visible(sentence)}", file=sys.stderr)


def visible(text: str) -> str:
    """Return the text with control characters, except line ends and tabs, escaped: a job's reason may hold any."""
    return "".join(
        each if each in "\n\t" or unicodedata.category(each) not in ("Cc", "Cs") else ascii(each)[1:-1] for each in text
    )


def _place(error: Exception) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_ours(frame.filename)]
    if not frames:
        return "in a library"
    return f"in {Path(frames[-1].filename).relative_to(settings.PROJECT)}, line {frames[-1].lineno}"


def _is_ours(filename: str) -> bool:
    path = Path(filename)
    return path.is_relative_to(settings.PROJECT) and not path.is_relative_to(settings.PROJECT / ".venv")


def _log(error: Exception) -> str:
    """Write the traceback to a log, readable only by this user, because an error may contain a value."""
    path = LOGS / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}.log"
    try:
        private_folder(LOGS)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as log:
            traceback.print_exception(error, file=log)
    except OSError as failure:
        return f"Its traceback could not be written ({failure.strerror}): run the command with --verbose"
    return f"Its traceback is in {path}"
