from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tabular.columns import Column
from tabular.spark.check_job import CheckJob, PartFile
from tabular.spark.ingest_job import PartSettings
from tabular.spark.part_rows import FAILED, reader, separator, within

SCHEMA = pa.schema([pa.field("a", pa.int64()), pa.field("text", pa.string())])


def job(folder: Path) -> CheckJob:
    """Two files of three rows, with a rule of rows."""
    files = []
    for number in range(2):
        path = folder / f"{number}.parquet"
        first = number * 3
        pq.write_table(pa.table([[first, first + 1, None], ["x", "y", "z"]], schema=SCHEMA), path)
        files.append(PartFile(str(path), first, 3))
    plan = {"expressions": [[7, "a > 3"]]}
    return CheckJob(tuple(files), SCHEMA, {"a": Column("a", "integer")}, (), plan, str(folder / "out"),
                    PartSettings(10, 10, "zstd"))  # fmt: skip


def test_rows_have_their_numbers_and_the_rules_that_they_fail(tmp_path: Path) -> None:
    found = job(tmp_path)
    batch = pa.RecordBatch.from_pydict({"uri": [file.uri for file in found.files], "first": [0, 3]})
    rows = [row for batch in reader(found)(iter([batch])) for row in batch.to_pylist()]
    assert [row["row"] for row in rows] == list(range(6))
    assert [row[FAILED] for row in rows] == [[7], [7], [], [7], [], []]


def test_each_row_is_separated_by_its_number(tmp_path: Path) -> None:
    found = job(tmp_path)
    chosen = {"kept": np.array([1, 4]), "without_target": np.array([4]), "shown": np.array([1])}
    written = [separator(found)((file, within(file, chosen))) for file in found.files]
    read = {name: [row for each in written for part in each[name] for row in pq.read_table(part).to_pylist()]
            for name in chosen}  # fmt: skip
    assert [row["a"] for row in read["kept"]] == [0, None, 3, None]
    assert read["without_target"] == [{"a": 4}]
    assert read["shown"] == [{"row": 1, "a": 1, "text": "y"}]
