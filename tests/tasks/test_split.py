import pandas as pd
import pyarrow as pa
import pytest

from tabular.features import CONSTANT, EMPTY
from tasks.references import ValidatedDataset
from tasks.rows import shards
from tasks.split import split
from tasks.storage import get_json, names, parquet, put
from tests.references import a_dataset
from tests.tasks.split_rows import frame
from tests.use_cases import small_use_case


def stored(bucket: str, rows: pd.DataFrame) -> ValidatedDataset:
    uri = f"s3://{bucket}/rows.parquet"
    put(uri, parquet(rows))
    dataset = a_dataset(rows=len(rows))
    return ValidatedDataset(
        use_case="small_one", dataset=dataset, uri=uri, quarantine_uri="q", report_uri="r", rows=len(rows),
        quarantined=0,
    )  # fmt: skip


def test_a_split_keeps_a_note_of_what_models_are_trained_without(bucket: str) -> None:
    parts = split.fn(small_use_case(), stored(bucket, frame()))
    assert parts.unused_features == {"colour": CONSTANT}
    manifest = get_json(parts.train_uri.removesuffix("/train") + "/manifest.json")
    assert manifest["unused_features"] == {"colour": CONSTANT}


def test_a_derived_feature_without_information_is_noted_too(bucket: str) -> None:
    derived = {
        "same": {"expression": "age - age", "type": "number"},
        "none": {"expression": "age / (age - age)", "type": "number"},
    }
    case = small_use_case(derived=derived, features=["age", "same", "none"])
    assert split.fn(case, stored(bucket, frame())).unused_features == {"same": CONSTANT, "none": EMPTY}


def test_shards_of_another_size_are_another_version_so_that_no_folder_has_a_row_twice(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, rows = small_use_case(name="sharded"), stored(bucket, frame())
    whole = split.fn(case, rows)
    monkeypatch.setattr(shards, "SHARD_ROWS", 50)
    cut = split.fn(case, rows)
    assert split.fn(case, rows) == cut
    assert cut.digest != whole.digest
    for parts in (whole, cut):
        found = pa.Table.from_batches(list(shards.batches(parts.train_uri)))
        assert found["id"].to_pylist() == sorted(set(found["id"].to_pylist()))
        assert len(found) == parts.train_rows == 180
    assert len(list(names(cut.train_uri))) == 4
