import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from config.errors import SourceError
from config.sources import LocationSource
from tasks import storage
from tasks.sources import read_rows, read_table
from tests.use_cases import load_use_case


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_package_carries_3010_and_856_real_people() -> None:
    sizes = [
        len(read_rows(load_use_case(name).source, None, name).frame)
        for name in ("student_enrollment", "student_grades")
    ]
    assert sizes == [3010, 856]


def test_the_survey_is_the_same_each_time() -> None:
    source = load_use_case("cake_popularity").source
    pd.testing.assert_frame_equal(read_rows(source, None, "c").frame, read_rows(source, None, "c").frame)


def test_a_table_may_come_from_the_web(site: str) -> None:
    assert read_table(f"{site}/rows.csv").frame.to_dict("list") == {"a": ["1"], "b": ["2"]}


def test_a_page_that_is_not_there_is_said(site: str) -> None:
    with pytest.raises(SourceError, match=r"none.csv: can't be read: .*404"):
        read_table(f"{site}/none.csv")


def test_plain_http_from_elsewhere_is_refused() -> None:
    with pytest.raises(SourceError, match="expected https://"):
        read_table("http://example.com/rows.csv")


def test_a_table_may_come_from_s3(bucket: str) -> None:
    storage.put(f"s3://{bucket}/incoming/rows.csv", b"a;b\nx;y\n")
    assert read_table(f"s3://{bucket}/incoming/rows.csv").frame.to_dict("list") == {"a": ["x"], "b": ["y"]}


def test_a_table_may_be_parquet(tmp_path: Path) -> None:
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "rows.parquet")
    assert read_table(str(tmp_path / "rows.parquet")).frame.to_dict("list") == {"a": [1]}


def test_a_use_case_without_a_location_says_how_to_name_one() -> None:
    with pytest.raises(SourceError, match=r"expected a location, found none. Name one: --source"):
        read_rows(LocationSource(kind="location"), None, "student_dropout")


def test_a_file_that_is_not_there_is_said() -> None:
    with pytest.raises(SourceError, match=r"nowhere.csv: can't be read"):
        read_table("nowhere.csv")
