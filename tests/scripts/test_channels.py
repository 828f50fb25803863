"""Channels of one file and of several shards, with the columns that a model needs."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tabular import contract_frames
from tabular.channels import read_channel
from tests.scripts.models import contract, rows


def write(folder: Path, *frames: pd.DataFrame) -> Path:
    for number, frame in enumerate(frames):
        frame.to_parquet(folder / f"part-{number:05}.parquet")
    return folder


@pytest.mark.parametrize("algorithm", ["xgboost", "ridge"])
def test_shards_are_read_in_order_as_one_file_is(algorithm: str, tmp_path: Path) -> None:
    terms = contract(algorithm)
    whole = rows(terms, 30, seed=1).assign(key=range(30), other="x")
    shards = [whole[:10], whole[10:11].assign(colour=None), whole[11:].assign(colour="blue")]
    found = read_channel(write(tmp_path, *shards), terms)
    expected = pd.concat(shards, ignore_index=True)
    assert list(found) == ["age", "hours", "colour", "origin", "passed"]
    pd.testing.assert_frame_equal(
        contract_frames.inputs(terms, found).astype({"colour": object, "origin": object}),
        contract_frames.inputs(terms, expected),
    )
    assert (contract_frames.outputs(terms, found) == contract_frames.outputs(terms, expected)).all()
    whole.to_parquet(tmp_path / "alone")
    assert (
        contract_frames.outputs(terms, read_channel(tmp_path / "alone", terms)) == contract_frames.outputs(terms, whole)
    ).all()


def test_each_category_is_in_memory_once(tmp_path: Path) -> None:
    terms = contract("xgboost")
    found = read_channel(write(tmp_path, *(rows(terms, 20, seed) for seed in (1, 2))), terms)
    assert [found[name].dtype.name for name in ("colour", "origin", "passed")] == ["category"] * 3
    assert contract_frames.inputs(terms, found)["colour"].dtype.name == "category"


@pytest.mark.parametrize("kind", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.large_string())])
def test_texts_of_other_writers_are_read_too(kind: pa.DataType, tmp_path: Path) -> None:
    terms, frame = contract("xgboost"), rows(contract("xgboost"), 5, seed=1)
    table = pa.Table.from_pandas(frame)
    plain = table["colour"].cast(pa.large_string())
    column = plain.dictionary_encode().cast(kind) if pa.types.is_dictionary(kind) else plain.cast(kind)
    pq.write_table(table.set_column(2, "colour", column), tmp_path / "rows.parquet")
    assert read_channel(tmp_path, terms)["colour"].tolist() == frame["colour"].tolist()


def test_a_channel_without_a_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="expected Parquet files, found none"):
        read_channel(tmp_path, contract("ridge"))
