"""A command that is killed and repeated makes what an undisturbed one makes: one step, and what would be detected."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.faulty_cloud import Call
from tests.resilience.endings import table
from tests.resilience.killed_commands import Killer, Repeated, different, import_early, repeated, undisturbed
from tests.resilience.live_commands import COMMANDS
from tests.sagemaker_local.support import unique

FEEDBACK = next(each for each in COMMANDS if each.name == "feedback")
LIST_IS_WRITTEN = 2
"""The step that makes the first new batch valid."""


def test_feedback_that_is_killed_before_its_list_is_written_counts_nothing_twice(bucket: str, tmp_path: Path) -> None:
    import_early([FEEDBACK])
    name = unique("killed").replace("-", "_")[:18]
    steps, expected = undisturbed(FEEDBACK, tmp_path, f"{name}_0")
    assert steps[LIST_IS_WRITTEN].title == "PutObject batches.json"
    outcome = repeated(FEEDBACK, tmp_path, f"{name}_1", Killer(FEEDBACK.steps, LIST_IS_WRITTEN), expected)
    assert outcome.as_it_should_be, f"{table([outcome])}\n{outcome.output}"


GOOD = Repeated("monitor", "before 1: PutObject hour.json", exit_status=-9, again=0, differences=())


@pytest.mark.parametrize("change", [{"exit_status": 0}, {"again": 1}, {"differences": ("hours: 2 instead of 1",)}])
def test_what_is_not_as_it_should_be_has_a_mark(change: dict[str, Any]) -> None:
    assert GOOD.as_it_should_be
    outcome = replace(GOOD, **change)
    assert not outcome.as_it_should_be
    assert table([outcome]).endswith("✗ |")


def test_a_part_that_is_missing_or_differs_is_named() -> None:
    assert different({"rows": 1, "hours": 2}, {"rows": 1, "files": 3}) == (
        "files: 3 instead of None",
        "hours: None instead of 2",
    )


def test_only_changes_are_steps_and_only_the_first_heartbeat() -> None:
    killer = Killer(lambda _: True)
    beat, read = Call("PutObject", "/b/runs/1/heartbeat.json"), Call("GetObject", "/b/hour.json")
    for call in (read, beat, beat, Call("Query", "/b")):
        assert killer(call) is None
    assert [call.action for call in killer.steps] == ["PutObject", "Query"]
