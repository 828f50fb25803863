"""A person's ground truth is removed wherever it is, and does not come back with a file that was taken before."""

from pathlib import Path

import pyarrow as pa
import pytest

from config.use_case import UseCase
from tasks import locations, storage
from tasks.ground_truth import batches, land, truths
from tasks.ground_truth.arrivals import take
from tasks.ground_truth.forgetting import Identities, forget
from tests.tasks.ground_truth.cases import new_case
from tests.tasks.ground_truth.kills import each_kill

PERSON = Identities(keys=((4711,),), inferences=(("their-request", 1),))


def everything(case: UseCase) -> str:
    """All objects of the ground truth as text; Parquet as its rows."""
    folder = locations.ground_truth(case.name)
    found = [f"{folder}/{name}" for name in storage.names(folder)]
    parquet = [storage.get_parquet(uri).to_csv() for uri in found if uri.endswith(".parquet")]
    return "\n".join([*parquet, *(storage.get(uri).decode() for uri in found if not uri.endswith(".parquet"))])


def landed(case: UseCase, folder: Path) -> str:
    """Land a file with a person by key, by request, in a bad row and in a malformed one; beside others."""
    path = folder / "truth.csv"
    path.write_text(
        "id,inference_id,inference_row,passed\n1,,,yes\n4711,,,no\n4711,r,3,no\n,their-request,1,no\n"
        ",their-request,2,yes\n4711,,,perhaps\n2,,,perhaps\n4711,,,no,more,cells\n"
    )
    land(case, str(path))
    return str(path)


@pytest.fixture
def rows(case: UseCase, tmp_path: Path) -> str:
    """The file of a landed person."""
    return landed(case, tmp_path)


def test_the_rows_of_a_person_are_removed_and_no_others(case: UseCase, rows: str) -> None:
    assert "4711" in everything(case)
    assert forget(case, PERSON, dry_run=True).rows == 3
    found = forget(case, PERSON)
    assert (found.rows, found.quarantined, found.batches) == (3, 2, 1)
    assert "4711" not in everything(case)
    assert truths(case).select(["inference_id", "row"]).to_pylist() == [{"inference_id": "their-request", "row": 2}]
    (batch,) = batches.load(case.name).batches
    assert batch.object
    left = storage.get_parquet(locations.ground_truth_batch(case.name, batch.object))
    assert left["key_id"].dropna().tolist() == [1]
    assert batch.forgotten == 5


def test_the_file_that_had_them_does_not_bring_them_back(case: UseCase, rows: str) -> None:
    forget(case, PERSON)
    assert land(case, rows).landed_before
    assert "4711" not in everything(case)
    assert forget(case, PERSON).rows == 0


def test_a_call_that_is_killed_at_any_step_is_completed_by_the_next_one(bucket: str, tmp_path: Path) -> None:
    def with_rows() -> UseCase:
        case = new_case()
        landed(case, tmp_path)
        return case

    kills = 0
    for case in each_kill(with_rows, lambda case: forget(case, PERSON)):
        forget(case, PERSON)
        assert "4711" not in everything(case)
        assert truths(case).num_rows == 1
        kills += 1
    assert kills == 8  # the rows, the quarantine, the list and what it no longer names


def test_the_files_of_the_inbox_that_were_taken_are_deleted(case: UseCase) -> None:
    inbox = locations.ground_truth_inbox(case.name)
    storage.put(f"{inbox}/1.csv", b"id,passed\n4711,yes\n")
    take(case)
    storage.put(f"{inbox}/2.csv", b"id,passed\n5,yes\n")
    found = forget(case, PERSON)
    assert found.files == (f"{inbox}/1.csv",)
    assert list(storage.names(inbox)) == ["2.csv"]


def test_a_file_that_was_never_taken_stays(case: UseCase) -> None:
    inbox = locations.ground_truth_inbox(case.name)
    storage.put(f"{inbox}/_uploading.csv", b"id,passed\n5,yes\n")
    assert forget(case, PERSON).files == ()
    assert list(storage.names(inbox)) == ["_uploading.csv"]


def test_a_malformed_row_is_of_a_person_by_a_whole_cell(case: UseCase, tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    path.write_text("id,passed\n1,yes\n14711,no,more,cells\n47110,no,x,y\n4711,no,x,y\n")
    land(case, str(path))
    assert forget(case, PERSON, dry_run=True).quarantined == 1


def test_a_batch_of_which_no_row_is_left_stays_in_the_list(case: UseCase) -> None:
    land(case, pa.table({"id": [4711], "passed": ["yes"]}))
    forget(case, PERSON)
    (batch,) = batches.load(case.name).batches
    assert batch.object is None
    assert not [name for name in storage.names(locations.ground_truth(case.name)) if name.endswith(".parquet")]
