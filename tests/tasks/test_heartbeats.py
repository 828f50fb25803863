"""The heartbeat distinguishes a live run from one that has ended and one whose process was killed."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prefect.exceptions import TerminationSignal

from config import profile
from config.errors import Cancelled, SourceError
from offline_cloud.processes import ProcessIdentity
from tasks import heartbeats, locations, storage
from tasks.heartbeats import Heartbeat, State, beating, find_heartbeat, life, state
from tests.patience import until

CASE = "cake_popularity"


def heartbeat(**changes: Any) -> Heartbeat:
    """A new heartbeat of this process."""
    process = ProcessIdentity.own()
    plain = {"run": "r", "use_case": CASE, "flow_run": None, "host": heartbeats.host(), "pid": process.pid}
    return Heartbeat.model_validate({**plain, "process_started": process.started, "at": datetime.now(UTC), **changes})


def test_a_run_is_alive_while_it_runs_and_ended_after(bucket: str) -> None:
    assert heartbeats.current_run() is None
    with beating(CASE, "run-1", "flow-run-1"):
        found = find_heartbeat(CASE, "run-1")
        assert found
        assert (found.flow_run, found.pid, life(found)) == ("flow-run-1", os.getpid(), "alive")
        assert heartbeats.current_run() == "run-1"
    assert life(find_heartbeat(CASE, "run-1")) == "ended"


@pytest.mark.parametrize(
    ("error", "outcome", "reason"),
    [
        (SourceError("https://me:secret@host/a.csv?sig=b: gone\nmore"), "failed", "https://host/a.csv?...: gone"),
        (ValueError(), "failed", "ValueError"),
        (Cancelled("cancelled: SIGTERM"), "cancelled", "cancelled: SIGTERM"),
        (KeyboardInterrupt("SIGINT"), "cancelled", "SIGINT"),
        (TerminationSignal(signal.SIGTERM), "cancelled", "SIGTERM"),
    ],
)
def test_a_run_tells_how_it_ended_and_why_in_one_line_without_secrets(
    bucket: str, error: BaseException, outcome: State, reason: str
) -> None:
    run = f"run-{outcome}-{type(error).__name__}"
    with pytest.raises(type(error)), beating(CASE, run):
        raise error
    found = find_heartbeat(CASE, run)
    assert found
    assert (life(found), state(found), found.reason) == ("ended", outcome, reason)


def test_the_state_of_a_run_tells_a_killed_one_from_one_that_runs_or_completed(bucket: str) -> None:
    with beating(CASE, "run-3"):
        assert state(find_heartbeat(CASE, "run-3")) == "running"
    assert state(find_heartbeat(CASE, "run-3")) == "completed"
    beat = heartbeat(host="another-host", pid=1)
    assert state(beat, beat.at + timedelta(hours=1)) == "killed"
    assert state(None) == "unknown"


def test_it_beats_again_and_again(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    often = profile.active_profile().model_copy(update={"heartbeat_seconds": 0.05})
    monkeypatch.setattr(heartbeats, "active_profile", lambda: often)
    with beating(CASE, "run-2"):
        first = find_heartbeat(CASE, "run-2")
        assert first
        until(lambda: (now := find_heartbeat(CASE, "run-2")) and now.at > first.at)


def test_a_run_that_has_written_nothing_is_unknown(bucket: str) -> None:
    assert life(find_heartbeat(CASE, "never")) == "unknown"


def test_a_run_that_missed_its_heartbeats_is_silent() -> None:
    elsewhere = heartbeat(host="another-host", pid=1)
    longest = heartbeats.MISSED * profile.active_profile().heartbeat_seconds
    assert life(elsewhere, elsewhere.at + timedelta(seconds=longest - 1)) == "alive"
    assert life(elsewhere, elsewhere.at + timedelta(seconds=longest + 1)) == "silent"


def test_the_age_of_a_heartbeat_is_by_the_clock_of_s3_whatever_the_clocks_of_the_machines_are(bucket: str) -> None:
    late = heartbeat(host="another-host", run="late", at=datetime.now(UTC) - timedelta(hours=2))
    storage.put(locations.heartbeat(CASE, "late"), late.model_dump_json().encode())
    assert life(find_heartbeat(CASE, "late")) == "alive"


def test_a_run_on_another_machine_of_the_same_host_name_lives_while_it_beats() -> None:
    name = heartbeats.host().split()[0]
    assert life(heartbeat(host=f"{name} other-boot pid:[1]", pid=1)) == "alive"


def test_a_process_that_was_suspended_for_longer_than_its_heartbeats_lives() -> None:
    assert life(heartbeat(at=datetime.now(UTC) - timedelta(days=1))) == "alive"


def test_what_is_no_heartbeat_is_unknown(bucket: str, caplog: pytest.LogCaptureFixture) -> None:
    storage.put(locations.heartbeat(CASE, "broken"), b"{")
    assert life(find_heartbeat(CASE, "broken")) == "unknown"
    assert "runs/broken/heartbeat.json: expected a heartbeat" in caplog.text


def test_a_run_whose_process_is_gone_is_silent_at_once_on_the_same_host() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    identity = ProcessIdentity.of(process.pid)
    beat = heartbeat(pid=identity.pid, process_started=identity.started)
    assert life(beat) == "alive"
    process.kill()
    process.communicate()
    assert life(beat) == "silent"
