"""The batches of a source, with malformed rows; and a module for each kind."""

import os
import threading
from importlib import import_module
from pathlib import Path
from typing import get_args

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from config.errors import SourceError
from config.sources import LocationSource, Source
from tasks.sources import delimited_files, files, open_source, parquet_files
from tasks.sources.location import open_address
from tasks.sources.source import RESERVED
from tests.source_rows import at, gathered


def test_every_configured_kind_has_a_module_of_its_name() -> None:
    configured = {get_args(kind.model_fields["kind"].annotation)[0] for kind in get_args(get_args(Source)[0])}
    opening = {kind: import_module(f"tasks.sources.{kind}").open_source for kind in configured}
    assert all(map(callable, opening.values()))


def test_a_malformed_row_keeps_its_place_its_line_its_reason_and_its_text(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n3\n\n4,5\n")
    assert gathered(open_address(str(tmp_path / "rows.csv"))).to_pylist() == [
        {"a": "1", "b": "2", "__file__": None, "__line__": 2, "__malformed__": None, "__text__": None},
        {
            "a": None,
            "b": None,
            "__file__": None,
            "__line__": 3,
            "__malformed__": "expected 2 cells as in the header, found 1",
            "__text__": "3",
        },
        {"a": "4", "b": "5", "__file__": None, "__line__": 5, "__malformed__": None, "__text__": None},
    ]


def test_parquet_rows_have_their_types_and_no_lines(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1.5, None], "b": ["x", "-"]}), tmp_path / "rows.parquet")
    source = LocationSource.model_validate({"kind": "location", "missing": ["-"]})
    found = gathered(open_source(source, str(tmp_path / "rows.parquet"), "case"))
    assert found.drop_columns(RESERVED.names).to_pydict() == {"a": [1.5, None], "b": ["x", None]}
    assert all(found[name].null_count == 2 for name in RESERVED.names)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_batches_have_a_limit_one_schema_and_all_rows(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (delimited_files, parquet_files):
        monkeypatch.setattr(module, "BATCH_ROWS", 7)
    path = tmp_path / f"rows.{kind}"
    if kind == "csv":
        path.write_text("a,b\n" + "".join(f"{row},x\n" for row in range(24)) + "short\n")
    else:
        pq.write_table(pa.table({"a": range(25), "b": ["x"] * 25}), path)
    batches = list(files.read_batches(str(path)))
    assert [len(batch) for batch in batches] == [7, 7, 7, 4]
    assert len({batch.schema for batch in batches}) == 1


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_file_with_a_reserved_column_is_refused(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"rows.{kind}"
    if kind == "csv":
        path.write_text("a,__line__\n1,2\n")
    else:
        pq.write_table(pa.table({"a": [1], "__line__": [2]}), path)
    with pytest.raises(SourceError, match="names of columns that VishwaOps does not use itself, found '__line__'"):
        at(str(path))


def test_a_pipe_is_read_like_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("a,b\n1,2\n",))
    writer.start()
    assert at(str(pipe)) == {"a": ["1"], "b": ["2"]}
    writer.join()
