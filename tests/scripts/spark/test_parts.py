from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tabular.spark import objects
from tabular.spark.ingest_job import PartSettings
from tabular.spark.parts import Parts

SCHEMA = pa.schema([pa.field("a", pa.int64())])


def test_parts_have_full_groups_whatever_the_batches_are(tmp_path: Path) -> None:
    with Parts(f"{tmp_path}/part", SCHEMA, PartSettings(4, 2, "zstd")) as parts:
        for first, last in ((0, 3), (3, 17), (17, 18)):
            parts.write(pa.RecordBatch.from_arrays([pa.array(range(first, last))], schema=SCHEMA))
    groups = [[file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)] for file in
              map(pq.ParquetFile, parts.written)]  # fmt: skip
    assert groups == [[4, 4], [4, 4], [2]]
    assert pa.concat_tables(map(pq.read_table, parts.written))["a"].to_pylist() == list(range(18))
    objects.delete(parts.written)
    assert list(tmp_path.iterdir()) == []
