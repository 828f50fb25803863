"""How a container of ours fails: with an explanation for the person who reads FailureReason or the log."""

from pathlib import Path

LONGEST = 1024
"""Characters of /opt/ml/output/failure that SageMaker takes into FailureReason (Developer Guide, "How Amazon SageMaker
AI Signals Algorithm Success and Failure")."""
_TRACEBACK = "Traceback (most recent call last)"
_LINES = 12


class ContainerFailure(Exception):
    """The container can't do what SageMaker asks; the text says what to change."""


def reason(program: str, code: int, errors: str) -> str:
    """Return the FailureReason of a script: its last error, its exit code, and the end of its traceback."""
    lines = errors.strip().splitlines()
    if not lines:
        return f"{program} ended with exit code {code} and wrote nothing to standard error"
    last = lines[-1].strip()[: LONGEST // 2]
    head = f"{last}\n{program} ended with exit code {code}. Its standard error ends with:\n"
    return head + "\n".join(_end(lines))[-(LONGEST - len(head)) :]


def _end(lines: list[str]) -> list[str]:
    """From the last traceback on, or the last lines without a traceback."""
    starts = [number for number, line in enumerate(lines) if line.startswith(_TRACEBACK)]
    return lines[starts[-1] :] if starts else lines[-_LINES:]


def report(base: Path, text: str) -> None:
    """Write the FailureReason and print it. A folder that can't be written must not hide the reason."""
    print(text, flush=True)
    try:
        (base / "output").mkdir(parents=True, exist_ok=True)
        (base / "output" / "failure").write_text(text[:LONGEST], encoding="utf-8")
    except OSError as error:
        print(f"{base}/output/failure can't be written: {error}", flush=True)
