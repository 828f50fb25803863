"""Ground truth is taken once, in parts, and its bad rows are kept with their reasons."""

from pathlib import Path

import pyarrow as pa
import pytest

from config.errors import InvalidRows, SourceError
from config.use_case import UseCase
from tasks import storage
from tasks.ground_truth import batches, land


def written(folder: Path, text: str, name: str = "truth.csv") -> str:
    (folder / name).write_text(text)
    return str(folder / name)


def test_good_rows_are_taken_and_the_others_are_in_quarantine_with_their_reasons(case: UseCase, tmp_path: Path) -> None:
    path = written(
        tmp_path, "inference_id,inference_row,passed,origin\na,0,yes,here\na,1,perhaps,there\n,,no,here\nb,,,here\n"
    )
    batch = land(case, path)
    assert (batch.rows, batch.new, batch.quarantined, batch.without_target) == (1, 1, 2, 1)
    assert batch.reasons == (
        "line 3: passed: expected one of no, yes, found 'perhaps'",
        "line 4: row: expected inference_id, found none",
    )
    assert batch.uri and batch.quarantine_uri
    assert storage.get_parquet(batch.uri).to_dict("records")[0]["target"] == "yes"
    assert len(storage.get_parquet(batch.quarantine_uri)) == 2


def test_the_same_rows_again_change_nothing(case: UseCase, tmp_path: Path) -> None:
    first = land(case, written(tmp_path, "id,passed\n1,yes\n2,no\n"))
    again = land(case, written(tmp_path, '{"id": 1, "passed": "yes"}\n{"id": 2, "passed": "no"}\n', "truth.jsonl"))
    assert again.landed_before
    assert again.digest == first.digest
    assert again.received == first.received
    assert len(batches.load(case.name).batches) == 1


def test_a_row_that_was_given_before_is_a_duplicate_or_a_correction(case: UseCase) -> None:
    land(case, pa.table({"id": [1, 2, 3], "passed": ["yes", "no", "no"]}))
    batch = land(case, pa.table({"id": [3, 1, 2, 4, 4], "passed": ["no", "no", "no", "no", "yes"]}))
    assert (batch.new, batch.duplicates, batch.corrected) == (1, 2, 2)


def test_a_source_without_an_identity_or_a_target_is_refused_before_anything_is_stored(case: UseCase) -> None:
    with pytest.raises(SourceError, match="expected the column 'inference_id', or the key: 'id'"):
        land(case, pa.table({"passed": ["yes"]}))
    with pytest.raises(SourceError, match="expected the target 'passed'"):
        land(case, pa.table({"id": [1]}))


def test_rows_of_which_none_fits_are_an_error_after_they_are_stored(case: UseCase) -> None:
    with pytest.raises(InvalidRows, match="none that fits among 1"):
        land(case, pa.table({"id": [0], "passed": ["yes"]}))
