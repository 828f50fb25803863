"""The digest of a stored split is that of its rows and its contract."""

import io
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from tasks import digests, storage
from tasks.split_content import content_digest, files_of

MANIFEST: dict[str, Any] = {
    "shard_rows": 2,
    "shards": {
        "train": ["part-00000.parquet", "part-00001.parquet"],
        "validation": ["part-00000.parquet"],
        "test": ["part-00000.parquet"],
    },
}
TERMS = '{"target": "passed"}'


def bodies(*ages: int) -> list[bytes]:
    """The Parquet file of each age, the contract last."""
    return [*(storage.parquet(pd.DataFrame({"age": [age]})) for age in ages), TERMS.encode()]


def split(*ages: int) -> dict[str, io.BytesIO]:
    return dict(zip(files_of(MANIFEST), map(io.BytesIO, bodies(*ages)), strict=True))


def rows(*ages: int) -> str:
    digest = digests.RowDigest(pa.schema([("age", pa.int64())]))
    digest.update(pa.record_batch({"age": list(ages)}))
    return digest.hexdigest()


def test_it_is_the_digest_of_the_split_and_each_file_can_be_read_again() -> None:
    files = split(1, 2, 3, 4)
    parts = {"train": rows(1, 2), "validation": rows(3), "test": rows(4)}
    assert content_digest(MANIFEST, files) == digests.of_split(parts, TERMS, 2)
    assert [file.tell() for file in files.values()] == [0] * 5


@pytest.mark.parametrize("ages", [(2, 1, 3, 4), (1, 2, 3, 5), (1, 2, 4, 3)])
def test_another_row_or_another_order_is_another_digest(ages: tuple[int, ...]) -> None:
    assert content_digest(MANIFEST, split(*ages)) != content_digest(MANIFEST, split(1, 2, 3, 4))


def test_a_split_of_an_older_version_has_one_file_for_each_part() -> None:
    assert files_of({}) == [
        "train/data.parquet", "validation/data.parquet", "test/data.parquet", "contract/contract.json",
    ]  # fmt: skip
