"""Batches that are landed at the same time, or by a process that is killed, are counted once."""

from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa

from config.use_case import UseCase
from tasks.ground_truth import batches, land, truths
from tests.tasks.ground_truth.cases import new_case
from tests.tasks.ground_truth.kills import each_kill

FIRST = pa.table({"id": [1, 2], "inference_id": ["a", "b"], "passed": ["yes", "no"]})
SECOND = pa.table({"id": [2, 3, 0], "inference_id": ["b", "c", "d"], "passed": ["yes", "no", "no"]})


def with_first(bucket: str) -> UseCase:
    """A use case with a batch."""
    case = new_case()
    land(case, FIRST)
    return case


def test_a_landing_that_is_killed_at_any_step_is_completed_by_the_next_one(bucket: str) -> None:
    expected, kills = with_first(bucket), 0
    land(expected, SECOND)
    for case in each_kill(lambda: with_first(bucket), lambda case: land(case, SECOND)):
        assert truths(case)["target"].to_pylist() in (["yes", "no"], ["yes", "yes", "no"])
        land(case, SECOND)
        assert truths(case).drop_columns("received") == truths(expected).drop_columns("received")
        counted = [(each.new, each.corrected, each.quarantined) for each in batches.load(case.name).batches]
        assert counted == [(2, 0, 0), (1, 1, 1)]
        kills += 1
    assert kills == 6  # the rows, the quarantine and the list


def test_two_processes_that_land_at_once_lose_nothing(case: UseCase) -> None:
    parts = [pa.table({"inference_id": [f"a{number}", "same"], "passed": ["yes", "no"]}) for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda part: land(case, part), [*parts, *parts]))
    assert truths(case).num_rows == 7
    found = batches.load(case.name).batches
    assert len(found) == 6
    assert (sum(each.new for each in found), sum(each.duplicates for each in found)) == (7, 5)


def test_a_list_that_did_not_change_is_not_written(case: UseCase) -> None:
    before, after = batches.change(case.name, lambda known: known)
    assert before == after == batches.BatchList()
