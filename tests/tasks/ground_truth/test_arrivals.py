"""A folder or prefix is read on: each file once, and none is lost for another's fault."""

from pathlib import Path

import pyarrow as pa
import pytest

from config.errors import SourceError
from config.use_case import UseCase
from tasks import locations, storage
from tasks.ground_truth import truths
from tasks.ground_truth.arrivals import take
from tests.tasks.ground_truth.cases import new_case
from tests.tasks.ground_truth.kills import each_kill


def test_only_the_new_files_of_a_folder_are_taken(case: UseCase, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("inference_id,passed\na,yes\n")
    assert [batch.new for batch in take(case, str(tmp_path))] == [1]
    (tmp_path / "b.jsonl").write_text('{"inference_id": "b", "passed": "no"}\n')
    assert [batch.new for batch in take(case, str(tmp_path))] == [1]
    assert take(case, str(tmp_path)) == []
    (tmp_path / "a.csv").write_text("inference_id,passed\na,yes\nc,yes\n")
    assert [(batch.new, batch.duplicates) for batch in take(case, str(tmp_path))] == [(1, 1)]


def test_the_inbox_in_s3_is_the_default_and_a_bad_file_does_not_keep_the_others_back(case: UseCase) -> None:
    inbox = locations.ground_truth_inbox(case.name)
    storage.put(f"{inbox}/1.csv", b"inference_id,passed\na,yes\n")
    storage.put(f"{inbox}/2.csv", b"student,passed\na,yes\n")
    storage.put(f"{inbox}/3.csv", b"inference_id,passed\nb,no\n")
    with pytest.raises(SourceError, match=r"inbox/2.csv: expected the column 'inference_id'"):
        take(case)
    assert truths(case).num_rows == 2
    storage.put(f"{inbox}/2.csv", b"inference_id,passed\nc,yes\n")
    assert [batch.new for batch in take(case)] == [1]


def with_files() -> UseCase:
    """A use case with two files in its inbox."""
    case = new_case()
    for number in range(2):
        uri = f"{locations.ground_truth_inbox(case.name)}/{number}.csv"
        storage.put(uri, f"inference_id,passed\na{number},yes\n".encode())
    return case


def test_a_run_that_is_killed_at_any_step_is_completed_by_the_next_one(bucket: str) -> None:
    kills = 0
    for case in each_kill(with_files, take):
        take(case)
        assert truths(case)["target"].to_pylist() == ["yes", "yes"]
        assert take(case) == []
        kills += 1
    assert kills == 8


def test_a_file_that_is_named_is_read_again_and_changes_nothing(case: UseCase, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("inference_id,passed\na,yes\n")
    assert [batch.landed_before for batch in [*take(case, str(path)), *take(case, str(path))]] == [False, True]


def test_a_use_case_without_an_inbox_has_nothing_to_take(case: UseCase) -> None:
    assert take(case) == []
    assert truths(case).schema.field("target").type == pa.string()
