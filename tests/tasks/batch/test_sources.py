"""What can be scored: files, folders, prefixes in S3 and landed tables."""

from pathlib import Path

import pytest

from config.errors import MissingInput, SourceError
from config.use_case import UseCase
from tasks import storage
from tasks.batch.intake import read_rows
from tasks.batch.sources import open_scored
from tests.tasks.batch.conftest import COLUMNS, rows, written
from tests.use_cases import small_use_case


@pytest.fixture
def plain_case() -> UseCase:
    """A use case without resources in the cloud."""
    return small_use_case(columns=COLUMNS, features=["age", "hours", "origin"])


def numbers(case: UseCase, location: str) -> list[tuple[int, int]]:
    """The row number and the key of each good row."""
    found = [batch.good for batch in read_rows(case, open_scored(case, location))]
    return [
        pair for batch in found for pair in zip(batch["input_row"].to_pylist(), batch["id"].to_pylist(), strict=True)
    ]


def test_a_folder_has_the_rows_of_its_files_by_name(plain_case: UseCase, tmp_path: Path) -> None:
    frame = rows(6)
    (tmp_path / "deep").mkdir()
    written(tmp_path, frame[4:], "deep/b.csv")
    frame[:4].to_json(tmp_path / "a.jsonl", orient="records", lines=True)
    (tmp_path / ".hidden").write_text("x")
    opened = open_scored(plain_case, str(tmp_path))
    assert numbers(plain_case, str(tmp_path)) == [(row, row + 1) for row in range(6)]
    [first, second] = [batch.good for batch in read_rows(plain_case, opened)]
    assert first["source_file"][0].as_py() == str(tmp_path / "a.jsonl")
    assert second["source_line"][0].as_py() == 2
    before = opened.fingerprint()
    written(tmp_path, frame[:1], "c.csv")
    assert opened.fingerprint() != before


def test_an_empty_folder_is_refused(plain_case: UseCase, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="expected files, found none"):
        numbers(plain_case, str(tmp_path))


def test_a_prefix_in_s3_has_the_rows_of_its_objects(plain_case: UseCase, bucket: str) -> None:
    for name, part in (("a", rows(6)[:4]), ("b", rows(6)[4:])):
        storage.put(f"s3://{bucket}/to-score/{name}.csv", part.to_csv(index=False).encode())
    assert sorted(key for _, key in numbers(plain_case, f"s3://{bucket}/to-score/")) == [1, 2, 3, 4, 5, 6]
    with pytest.raises(SourceError, match="expected rows, found no object"):
        numbers(plain_case, f"s3://{bucket}/nothing-to-score/")


def test_a_missing_table_is_named(bucket: str, plain_case: UseCase) -> None:
    with pytest.raises(MissingInput, match="cake_popularity: expected the digest or the tag of one version"):
        open_scored(plain_case, "table:cake_popularity@nothing")


def test_a_row_whose_target_can_not_be_read_is_good(tmp_path: Path) -> None:
    case = small_use_case(
        columns={**COLUMNS, "passed": {"type": "number"}},
        features=["age", "hours", "origin"],
        target={"column": "passed", "task": "regression"},
        evaluation={"primary": "rmse", "gates": [{"metric": "r2", "at_least": 0.1}]},
        candidates=[{"name": "ridge", "algorithm": "ridge"}],
    )
    frame = rows(3).assign(passed=["1", "many", "2"])
    frame.loc[2, "id"] = "x"
    [batch] = read_rows(case, open_scored(case, written(tmp_path, frame)))
    assert batch.good["passed"].to_pylist() == [1.0, None]
    assert batch.bad["reasons"].to_pylist() == [["id: expected a whole number of at least 1, found 'x'"]]
