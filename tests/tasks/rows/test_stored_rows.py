import pandas as pd
import pyarrow as pa
import pytest

from tasks import storage
from tasks.rows import stored_rows
from tasks.rows.stored_rows import RowFile

TYPES = {"id": "Int64", "hours": "float64", "city": "string", "day": "datetime64[us]"}


def frame(count: int) -> pd.DataFrame:
    numbers = range(count)
    plain = {"id": numbers, "hours": [n / 3 for n in numbers], "city": ["é"] * count, "day": ["2018-01-30"] * count}
    frame = pd.DataFrame(plain).astype(TYPES)
    frame.loc[1:1, :] = None
    return frame


@pytest.mark.parametrize("count", [0, 1, 1000])
def test_rows_written_by_batches_are_read_again_with_their_pandas_types(bucket: str, count: int) -> None:
    uri, rows, schema = f"s3://{bucket}/stored_rows/{count}.parquet", frame(count), stored_rows.schema_of(TYPES)
    with RowFile(schema) as file:
        for first in range(0, count, 300):
            file.write(stored_rows.batch_of(rows.iloc[first : first + 300], schema))
        file.write(stored_rows.batch_of(rows.head(0), schema))
        assert file.rows == count
        storage.put(uri, file.finished())
    pd.testing.assert_frame_equal(storage.get_parquet(uri), rows)
    with stored_rows.opened(uri) as stored:
        batches = list(stored.iter_batches(400, columns=["id", "city"]))
    assert sum(map(len, batches)) == count
    assert all(len(batch) <= 400 for batch in batches)


def test_integers_keep_every_digit(bucket: str) -> None:
    schema = stored_rows.schema_of({"id": "Int64"})
    batch = pa.RecordBatch.from_pydict({"id": [2**62 + 1, None]}, schema=schema)
    assert stored_rows.frame_of(batch)["id"].tolist() == [2**62 + 1, pd.NA]


def test_rows_that_are_not_there_are_a_missing_file(bucket: str) -> None:
    with pytest.raises(FileNotFoundError), stored_rows.opened(f"s3://{bucket}/stored_rows/none.parquet"):
        pass
