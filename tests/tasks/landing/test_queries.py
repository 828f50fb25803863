"""SQL over local Parquet files."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.landing.queries import literal, queries, quoted

NAME = 'the "best" one'


def file(path: Path, *values: int) -> Path:
    pq.write_table(pa.table({NAME: values}), path)
    return path


def test_a_view_has_the_rows_of_all_its_files_and_names_are_quoted(tmp_path: Path) -> None:
    first, second = file(tmp_path / "it's 1.parquet", 1, 2), file(tmp_path / "2.parquet", 3)
    with queries(before=[first], after=[first, second]) as found:
        assert found.rows(f"SELECT {quoted(NAME)} FROM after ORDER BY 1") == [(1,), (2,), (3,)]
        assert found.row("SELECT (SELECT count(*) FROM before), (SELECT count(*) FROM after)") == (2, 3)


@pytest.mark.parametrize("text", ["plain", "it's", "'; DROP VIEW rows; --"])
def test_a_text_is_one_value_of_sql(text: str) -> None:
    with queries() as found:
        assert found.row(f"SELECT {literal(text)}") == (text,)


def test_memory_is_bounded_the_rest_goes_to_a_folder_that_is_deleted_and_no_extension_is_fetched() -> None:
    with queries() as found:
        memory, folder, fetches, loads = found.row(
            "SELECT current_setting('memory_limit'), current_setting('temp_directory'), "
            "current_setting('autoinstall_known_extensions'), current_setting('autoload_known_extensions')"
        )
        assert (memory, fetches, loads, Path(folder).is_dir()) == ("488.2 MiB", False, False, True)
    assert not Path(folder).exists()
    with pytest.raises(duckdb.ConnectionException):
        found.rows("SELECT 1")
