"""Downloads over a connection that breaks."""

import io
import logging
import re

import pytest

from config.errors import SourceError
from tasks import cancellation
from tasks.sources import retries, transfers
from tasks.sources.places import https
from tasks.sources.places.https import download
from tests.scripted_site import Reply, Request, Site, scripted_site

CONTENT = bytes(range(256)) * 40
TAG = '"one"'


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses before further attempts take no time."""
    monkeypatch.setattr(retries, "FIRST_PAUSE", 0.001)


class Breaking:
    """A file whose connection breaks after every 4,000 bytes."""

    def __init__(self, tag: str | None = TAG, *, continues: bool = True, size: int = 4000) -> None:
        self.tag, self.continues, self.size, self.content = tag, continues, size, CONTENT
        self.changes: dict[int, bytes] = {}
        """The content from this request on."""
        self.count = 0

    def __call__(self, request: Request) -> Reply:
        self.content = self.changes.get(self.count, self.content)
        if self.count in self.changes:
            self.tag = f'"{self.count}"'
        self.count += 1
        headers = {"ETag": self.tag} if self.tag else {}
        begin = re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range", ""))
        if begin and self.continues and request.headers.get("If-Range") == self.tag:
            first = int(begin[1])
            if first >= len(self.content):
                return Reply(status=416)
            part = self.content[first:]
            span = f"bytes {first}-{len(self.content) - 1}/{len(self.content)}"
            return Reply(part, 206, {**headers, "Content-Range": span}, cut=self._cut(part))
        return Reply(self.content, 200, headers, cut=self._cut(self.content))

    def _cut(self, part: bytes) -> int | None:
        return self.size if len(part) > self.size else None


def downloaded(site: Site) -> bytes:
    file = io.BytesIO()
    download(f"{site.url}/rows.csv", file)
    return file.getvalue()


def test_a_broken_download_continues_where_it_was() -> None:
    with scripted_site(Breaking()) as site:
        assert downloaded(site) == CONTENT
    assert [(r.headers.get("Range"), r.headers.get("If-Range")) for r in site.requests] == [
        (None, None),
        ("bytes=4000-", TAG),
        ("bytes=8000-", TAG),
    ]


def test_a_download_that_gets_further_each_time_may_break_often() -> None:
    with scripted_site(Breaking(size=1000)) as site:
        assert downloaded(site) == CONTENT
    assert len(site.requests) == 11 > 2 * retries.ATTEMPTS


def test_a_file_that_changes_meanwhile_is_downloaded_from_its_beginning() -> None:
    answer = Breaking()
    answer.changes = {1: b"new " * 900}
    with scripted_site(answer) as site:
        assert downloaded(site) == b"new " * 900


def test_a_file_that_becomes_shorter_than_what_has_arrived_is_downloaded_again() -> None:
    steps = [Reply(CONTENT, 200, {"ETag": TAG}, cut=4000), Reply(status=416), Reply(b"short", 200, {"ETag": '"two"'})]
    with scripted_site(lambda request: steps.pop(0)) as site:
        assert downloaded(site) == b"short"


@pytest.mark.parametrize(
    "headers",
    [
        {"ETag": 'W/"weak"'},
        {"ETag": TAG, "Accept-Ranges": "none"},
        {"Last-Modified": "Thu, 26 Nov 2026 10:00:00 GMT", "Date": "Thu, 26 Nov 2026 10:00:30 GMT"},
        {},
    ],
)
def test_without_a_sure_sign_that_the_file_is_the_same_the_download_begins_again(headers: dict[str, str]) -> None:
    steps = [Reply(b"a" * 99, 200, headers, cut=50), Reply(b"b" * 99, 200, headers)]
    with scripted_site(lambda request: steps.pop(0)) as site:
        assert downloaded(site) == b"b" * 99
    assert "Range" not in site.requests[1].headers


def test_an_answer_with_another_part_than_asked_for_is_not_added() -> None:
    part = Reply(CONTENT[10:], 206, {"ETag": TAG, "Content-Range": f"bytes 10-{len(CONTENT) - 1}/{len(CONTENT)}"})
    steps = [Reply(CONTENT, 200, {"ETag": TAG}, cut=4000), part, Reply(CONTENT, 200, {"ETag": TAG})]
    with scripted_site(lambda request: steps.pop(0) if len(steps) > 1 else steps[0]) as site:
        assert downloaded(site) == CONTENT


def test_a_download_that_never_gets_further_is_given_up() -> None:
    with (
        scripted_site(Breaking(tag=None)) as site,
        pytest.raises(SourceError, match=r"was cut off after 4,000 bytes. Try again"),
    ):
        downloaded(site)
    assert len(site.requests) == retries.ATTEMPTS


def test_a_busy_server_is_asked_again_after_the_time_that_it_names(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(cancellation, "wait", waited.append)
    steps: list[Reply | None] = [Reply(status=503, headers={"Retry-After": "7"}), None, Reply(b"rows")]
    with scripted_site(lambda request: steps.pop(0)) as site:
        assert downloaded(site) == b"rows"
    assert waited[0] == 7
    assert waited[1] < 1


def test_a_missing_file_is_not_asked_for_again() -> None:
    with scripted_site(lambda request: Reply(status=404)) as site, pytest.raises(SourceError, match="answered 404"):
        downloaded(site)
    assert len(site.requests) == 1


def test_a_file_that_is_too_large_is_refused_before_it_is_received(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(https, "LARGEST_BYTES", 1000)
    for headers in ({}, {"Transfer-Encoding": "identity", "Content-Length": str(1 << 60)}):
        answer = Reply(CONTENT, 200, headers, cut=2000)
        with scripted_site(lambda request, answer=answer: answer) as site:  # type: ignore[misc]
            with pytest.raises(SourceError, match=r"expected a file of at most .*, found a larger one"):
                downloaded(site)
            assert len(site.requests) == 1


def test_a_long_download_shows_how_far_it_is_without_the_secret(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(transfers, "QUIET_SECONDS", 0)
    monkeypatch.setattr(https, "CHUNK_BYTES", 4000)
    with scripted_site(lambda request: Reply(CONTENT)) as site, caplog.at_level(logging.INFO, "vishwaops"):
        download(f"{site.url}/rows.csv?key=hunter2", io.BytesIO())
    assert re.search(r"rows.csv\?\.\.\.: 0\.0 of 0\.0 MB, .* a second", caplog.text)
    assert "hunter2" not in caplog.text
