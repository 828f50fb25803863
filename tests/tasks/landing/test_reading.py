"""A version's rows by every engine that is here, also after later commits."""

import duckdb
import pandas as pd
import pytest

from config.errors import MissingInput
from tasks.landing import reading, versions
from tasks.landing.commit import land
from tasks.landing.table import find_table
from tests.tasks.landing.support import Log, case, rows, source_of


def test_every_engine_reads_the_rows_of_a_tagged_version_after_later_commits(bucket: str) -> None:
    use_case, log = case("read_engines"), Log([1, 2])
    land(use_case, log)
    log.ids.append(3)
    version = land(use_case, log)
    versions.tag(use_case.name, "first-model", versions.find(use_case.name, version.digest))
    land(use_case, source_of(rows(9)))
    wanted = [(1, 11), (2, 12), (3, 13)]

    table = find_table(use_case.name)
    assert table is not None
    for ref in ("first-model", f"v-{version.digest}"):
        scanned = table.scan(snapshot_id=table.refs()[ref].snapshot_id, selected_fields=("id", "age")).to_arrow()
        assert sorted(zip(*scanned.to_pydict().values(), strict=True)) == wanted
    with reading.downloaded(version) as paths:
        files = [str(path) for path in paths]
        assert duckdb.execute("select id, age from read_parquet(?)", [files]).fetchall() == wanted
        frame = pd.concat(map(pd.read_parquet, paths))
        assert list(frame[["id", "age"]].itertuples(index=False, name=None)) == wanted
    with reading.opened(version) as stored:
        assert [batch["id"].to_pylist() for batch in stored.iter_batches(rows=2)] == [[1, 2], [3]]
        assert stored.read().to_pandas().dtypes.astype(str)[["id", "passed"]].tolist() == ["Int64", "string"]
        assert (stored.rows, len(stored.files)) == (3, 2)


def test_glue_shows_the_columns_and_the_location_to_athena(bucket: str) -> None:
    use_case = case("read_glue")
    land(use_case, source_of(rows(1)))
    table = find_table(use_case.name)
    assert table is not None
    shown = table.catalog.glue.get_table(DatabaseName=table.name()[0], Name=use_case.name)["Table"]  # type: ignore[attr-defined]
    assert shown["Parameters"]["table_type"] == "ICEBERG"
    assert shown["Parameters"]["metadata_location"] == table.metadata_location
    columns = {column["Name"]: column["Type"] for column in shown["StorageDescriptor"]["Columns"]}
    assert {name: columns[name] for name in ("id", "passed")} == {"id": "bigint", "passed": "string"}


def test_a_deleted_version_is_named_with_what_to_do(bucket: str) -> None:
    version = land(case("read_deleted"), source_of(rows(1)))
    gone = version.model_copy(update={"snapshot": 1})
    missing = pytest.raises(MissingInput, match=r"found no such snapshot: it has been deleted\. Land it again")
    with missing, reading.opened(gone):
        pass
