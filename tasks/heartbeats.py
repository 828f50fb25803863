"""A run's heartbeat: an object in S3 that shows that the process of the run is alive.

Without it, the jobs of a killed process could not be told from those of a live run.
"""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from threading import Event, Thread
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from config.errors import Cancelled
from config.profile import active_profile
from config.variables import without_secrets
from offline_cloud.processes import ProcessIdentity
from tasks import locations, storage
from tasks.cancellation import in_words
from tasks.progress import log

MISSED = 3
"""The number of missed heartbeats after which a run is `silent`."""
LONGEST_REASON = 500
"""The number of characters."""
JOIN_SECONDS = 3
"""How long the end of a run waits for a heartbeat in progress."""

Life = Literal["alive", "ended", "silent", "unknown"]
"""The state of a run. `silent`: no heartbeat for some time, or its process has ended. `unknown`: no heartbeat ever."""

Outcome = Literal["completed", "failed", "cancelled"]
"""How a run ended."""
State = Literal["running", "completed", "failed", "cancelled", "killed", "unknown"]
"""Of a run: `killed` is a silent one that has not ended, `unknown` has never written."""

_run: ContextVar[str | None] = ContextVar("run", default=None)


class Heartbeat(BaseModel):
    """The content of a run's heartbeat."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: str
    use_case: str
    flow_run: str | None
    """Prefect's id of the flow run."""
    host: str
    pid: int
    process_started: str
    at: AwareDatetime
    """By the clock of the run's machine, which may differ from others."""
    outcome: Outcome | None = None
    """None while the run is in progress."""
    reason: str = ""
    """Why it did not complete, in one line."""
    age: timedelta | None = Field(default=None, exclude=True)
    """How long ago S3 stored it, by S3's clock; None where it was not read from there."""


@contextmanager
def beating(use_case: str, run: str, flow_run: str | None = None) -> Iterator[None]:
    """Write the heartbeat of a run while the body runs, and a last one that marks its end."""
    over = Event()
    write = partial(_write, use_case, run, flow_run)
    write()  # before the run starts a job
    beats = Thread(target=_beat, args=(over, write), name=f"heartbeat-{run}", daemon=True)
    beats.start()
    token = _run.set(run)
    ending: tuple[Outcome, str] = ("completed", "")
    try:
        yield
    except BaseException as error:
        ending = _ending(error)
        raise
    finally:
        _run.reset(token)
        over.set()
        beats.join(JOIN_SECONDS)  # the last heartbeat has the run's end
        try:
            write(*ending)
        except Exception as error:  # noqa: BLE001  what ended the run matters more
            log.debug("the last heartbeat of run %s was not written: %s", run, error)


def _ending(error: BaseException) -> tuple[Outcome, str]:
    """How this ends a run, and why. What is not an Exception is a signal or a cancellation."""
    reason = without_secrets(in_words(error)).split("\n", 1)[0]
    cancelled = isinstance(error, Cancelled) or not isinstance(error, Exception)
    return "cancelled" if cancelled else "failed", reason[:LONGEST_REASON]


def current_run() -> str | None:
    """Return the id of the run that this code belongs to; None outside of a run."""
    return _run.get()


def find_heartbeat(use_case: str, run: str) -> Heartbeat | None:
    """Return the last heartbeat of a run; None when it has none, or one that can't be read."""
    uri = locations.heartbeat(use_case, run)
    try:
        content, age = storage.get_with_age(uri)
        return Heartbeat.model_validate_json(content).model_copy(update={"age": age})
    except FileNotFoundError:
        return None
    except ValidationError as error:
        log.warning("%s: expected a heartbeat, found something else: %s", uri, error.errors()[0]["msg"])
        return None


def life(heartbeat: Heartbeat | None, now: datetime | None = None) -> Life:
    """Return the state of a run by its last heartbeat. `now` is the time by the clock of the run's machine.

    On the run's own host, the process decides: a suspended process writes no heartbeat and may continue later.
    """
    if heartbeat is None:
        return "unknown"
    if heartbeat.outcome:
        return "ended"
    if heartbeat.host == host():
        lives = ProcessIdentity(heartbeat.pid, heartbeat.process_started).is_running()
    else:
        lives = _age(heartbeat, now) <= timedelta(seconds=MISSED * active_profile().heartbeat_seconds)
    return "alive" if lives else "silent"


def _age(heartbeat: Heartbeat, now: datetime | None) -> timedelta:
    if now is None and heartbeat.age is not None:
        return heartbeat.age
    return (now or datetime.now(UTC)) - heartbeat.at


@cache
def host() -> str:
    """Return the id of this machine or container: two of them may have the same host name."""
    boot, numbers = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")
    if not (boot.exists() and numbers.is_symlink()):  # not Linux
        return socket.gethostname()
    return f"{socket.gethostname()} {boot.read_text().strip()} {numbers.readlink()}"


def state(heartbeat: Heartbeat | None, now: datetime | None = None) -> State:
    """What has become of the run that wrote this last."""
    if heartbeat and heartbeat.outcome:
        return heartbeat.outcome
    states: dict[Life, State] = {"alive": "running", "silent": "killed"}
    return states.get(life(heartbeat, now), "unknown")


def _beat(over: Event, write: Callable[[], None]) -> None:
    while not over.wait(active_profile().heartbeat_seconds):
        with suppress(Exception):  # the next heartbeat may succeed
            write()


def _write(use_case: str, run: str, flow_run: str | None, outcome: Outcome | None = None, reason: str = "") -> None:
    process = ProcessIdentity.own()
    heartbeat = Heartbeat(
        run=run,
        use_case=use_case,
        flow_run=flow_run,
        host=host(),
        pid=os.getpid(),
        process_started=process.started,
        at=datetime.now(UTC),
        outcome=outcome,
        reason=reason,
    )
    storage.put(locations.heartbeat(use_case, run), heartbeat.model_dump_json(indent=2).encode())
