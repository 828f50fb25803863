import json
import logging
from collections.abc import Callable
from email.message import Message
from typing import Any

import pytest

from config.errors import ConfigError, SourceError
from config.sources import RestSource, Since
from tasks import cancellation, clients
from tasks.sources import open_source, rest_requests, retries
from tasks.sources.rest import Rest, RestSince
from tasks.sources.rest_pages import next_link, with_parameters
from tasks.sources.rest_watermarks import Watermark
from tasks.sources.source import Incremental
from tests.scripted_site import Reply, Request, Site, scripted_site
from tests.source_rows import gathered, malformed_rows, sound_cells

TOKEN = "hunter2-token"
EVERY: list[dict[str, Any]] = [
    {"id": number, "name": f"n{number}", "at": f"2024-01-{number:02}T00:00:00Z"} for number in range(1, 8)
]
SIZE = 3
Answer = Callable[[Request], Reply | None]


@pytest.fixture(autouse=True)
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were waited. No time passes."""
    seconds: list[float] = []
    monkeypatch.setattr(cancellation, "wait", seconds.append)
    return seconds


def opened(site: Site, **keys: Any) -> Rest:
    content = {"kind": "rest", "location": f"{site.url}/rows", "records": "$.data", **keys}
    found = open_source(RestSource.model_validate(content), None, "case", ["id", "name"])
    assert isinstance(found, Rest)
    return found


def reply(body: Any, headers: dict[str, str] | None = None) -> Reply:
    return Reply(json.dumps(body).encode(), headers={"Content-Type": "application/json", **(headers or {})})


def ids(source: Rest) -> list[int]:
    return [int(str(cell)) for cell in sound_cells(source)["id"]]


def gives(body: Any) -> Answer:
    """An API that always gives this answer."""
    return lambda request: reply(body)


def part(first: int) -> list[dict[str, Any]]:
    return EVERY[first : first + SIZE]


def link(request: Request) -> Reply:
    first = int(request.query.get("from", 0))
    following = f'</rows?from={first + SIZE}>; rel="next", </rows>; rel="first"'
    return reply({"data": part(first)}, {"Link": following} if first + SIZE < len(EVERY) else {})


def next_path(request: Request) -> Reply:
    first = int(request.query.get("from", 0))
    following = f"/rows?from={first + SIZE}" if first + SIZE < len(EVERY) else None
    return reply({"data": part(first), "links": {"next": following}})


def cursor(request: Request) -> Reply:
    first = int(request.query.get("after", "c0")[1:])
    more = {"cursor": f"c{first + SIZE}"} if first + SIZE < len(EVERY) else {}
    return reply({"data": part(first), "meta": more})


def page(request: Request) -> Reply:
    return reply({"data": part((int(request.query["p"]) - 1) * SIZE)})


def offset(request: Request) -> Reply:
    return reply({"data": part(int(request.query["skip"]))})


PAGED: dict[str, tuple[Answer, dict[str, Any]]] = {
    "link": (link, {"by": "link"}),
    "next": (next_path, {"by": "next", "path": "$.links.next"}),
    "cursor": (cursor, {"by": "cursor", "path": "$.meta.cursor", "parameter": "after"}),
    "page": (page, {"by": "page", "parameter": "p"}),
    "offset": (offset, {"by": "offset", "parameter": "skip"}),
}


NEXT = {"pages": {"by": "next"}}


class Unreliable:
    """Answers of which every second one is lost, cut off, refused or an error. The request is then repeated."""

    def __init__(self, answer: Answer) -> None:
        self.answer, self.count = answer, 0

    def __call__(self, request: Request) -> Reply | None:
        self.count += 1
        if self.count % 2 == 0:
            return self.answer(request)
        found = self.answer(request)
        assert found is not None
        faults = [
            None,
            Reply(found.body, 200, found.headers, cut=5),
            Reply(status=429, headers={"Retry-After": "3"}),
            Reply(b"<html>", 502),
        ]
        return faults[self.count // 2 % len(faults)]


@pytest.mark.parametrize("kind", PAGED)
@pytest.mark.parametrize("reliable", [True, False])
def test_all_pages_are_read_once_in_order(kind: str, reliable: bool) -> None:
    answer, pages = PAGED[kind]
    with scripted_site(answer if reliable else Unreliable(answer)) as site:
        source = opened(site, pages=pages)
        assert ids(source) == list(range(1, 8))
        assert gathered(source)["__line__"].to_pylist() == list(range(1, 8))


def test_the_address_keeps_its_query_and_gets_the_size_of_a_page() -> None:
    with scripted_site(page) as site:
        source = opened(site, location=f"{site.url}/rows?kind=a%20b&p=9", pages=PAGED["page"][1], page_size=50)
        ids(source)
    assert site.requests[0].query == {"kind": "a b", "limit": "50", "p": "1"}
    assert site.requests[-1].query["p"] == "4"


@pytest.mark.parametrize(
    ("body", "path", "expected"),
    [
        (EVERY[:2], "$", [1, 2]),
        ({"a": {"b": EVERY[:2]}}, "$.a.b", [1, 2]),
        ({"a": EVERY[:2]}, "$.a[*]", [1, 2]),
        ({"groups": [{"rows": EVERY[:1]}, {"rows": EVERY[1:2]}]}, "$.groups[*].rows", [1, 2]),
    ],
)
def test_the_records_are_where_the_path_says(body: Any, path: str, expected: list[int]) -> None:
    with scripted_site(lambda request: reply(body)) as site:
        assert ids(opened(site, records=path)) == expected


def test_a_record_that_is_no_object_is_malformed() -> None:
    with scripted_site(lambda request: reply({"data": [EVERY[0], 7, {"id": {"a": 1}}]})) as site:
        rows = malformed_rows(opened(site))
    assert [(row.line, row.text) for row in rows] == [(2, "7"), (3, '{"id": {"a": 1}}')]


@pytest.mark.parametrize(
    ("answer", "keys", "message"),
    [
        (gives({"rows": []}), {}, r"page 1: expected a list of records at `records: \$.data`, found an object with"),
        (gives({"data": {"id": 1}}), {}, "expected a list of records"),
        (lambda _: Reply(b"<html>login"), {}, "page 1: expected JSON, found .* that is not JSON: Expecting value"),
        (lambda _: Reply(b'{"data": [{"a": 1, "a": 2}]}'), {}, "an object has a key more than once"),
        (gives({"data": []}), {}, "expected records, found none"),
        (gives({"data": None}), {}, "expected records, found none"),
        (gives({"data": EVERY}), {"pages": {"by": "page"}}, "page 2: expected other records than on the page before"),
        (gives({"data": EVERY, "next": "/rows?key=hunter3"}), NEXT, "page 1: expected a new page after it, found one"),
        (gives({"data": EVERY, "next": "https://evil.example/rows?x=1"}), NEXT,
         "expected the next page on the same server, found it on evil.example, which must not get the token"),
        (gives({"data": EVERY, "next": "http://127.0.0.1:9/rows"}), NEXT, "expected the next page on the same server"),
        (page, {"pages": PAGED["page"][1], "maximum_pages": 2}, "expected at most 2 pages, found more"),
        (lambda _: Reply(status=404), {}, "page 1: can't be read: the server answered 404"),
        (lambda _: Reply(status=401), {}, r"answered 401 .*\. Correct the token"),
        (lambda _: None, {}, "can't be read: the server's answer is not HTTP, or it hung up"),
        (lambda _: Reply(status=500), {}, "the server answered 500"),
        (lambda _: Reply(status=429, headers={"Retry-After": "7200"}), {}, "asks to wait for 7,200 seconds, which is"),
        (lambda _: Reply(status=302, headers={"Location": "http://example.com/rows?token=x"}), {},
         "found http:// in a redirect to example.com"),
    ],
)  # fmt: skip
def test_an_api_that_can_t_be_read_is_one_sentence_without_a_secret(
    answer: Answer,
    keys: dict[str, Any],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("VISHWAOPS_TEST_TOKEN", TOKEN)
    monkeypatch.setenv("VISHWAOPS_TEST_KEY", "hunter3")
    with scripted_site(answer) as site, caplog.at_level(logging.DEBUG):
        address = f"{site.url}/rows?key=${{VISHWAOPS_TEST_KEY}}"
        source = opened(site, location=address, token="${VISHWAOPS_TEST_TOKEN}", **keys)
        with pytest.raises(SourceError, match=message) as failed:
            list(source.batches())
    for shown in (str(failed.value), source.describe(), repr(source), caplog.text):
        assert "hunter" not in shown
        assert "\n" not in str(failed.value)
    assert site.requests[0].query["key"] == "hunter3"


@pytest.mark.parametrize(("header", "sent"), [("Authorization", f"Bearer {TOKEN}"), ("X-Api-Key", TOKEN)])
def test_the_token_is_sent_in_its_header_to_its_own_server_only(
    header: str, sent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISHWAOPS_TEST_TOKEN", TOKEN)
    with (
        scripted_site(lambda request: reply({"data": EVERY})) as other,
        scripted_site(lambda request: Reply(status=307, headers={"Location": f"{other.url}/rows"})) as site,
    ):
        ids(opened(site, token="${VISHWAOPS_TEST_TOKEN}", token_header=header))
    assert site.requests[0].headers[header] == sent
    assert header not in other.requests[0].headers


def test_a_token_with_a_line_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISHWAOPS_TEST_TOKEN", "hunter2\r\nX-Other: 1")
    with scripted_site(page) as site, pytest.raises(SourceError, match="expected a token of printable ASCII") as failed:
        ids(opened(site, token="${VISHWAOPS_TEST_TOKEN}"))
    assert "hunter" not in str(failed.value)


def test_a_token_that_is_not_set_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_site(page) as site, pytest.raises(ConfigError, match=r"source.token: needs .*VISHWAOPS_TEST_TOKEN"):
        ids(opened(site, token="${VISHWAOPS_TEST_TOKEN}"))


@pytest.mark.parametrize(
    ("refusal", "seconds"),
    [
        (Reply(status=429, headers={"Retry-After": "11"}), 11),
        (Reply(status=429, headers={"Retry-After": "Thu, 26 Nov 2026 10:00:20 GMT"}), 20),
        (Reply(status=429, headers={"X-RateLimit-Reset": "1795687235"}), 35),
        (Reply(status=429, headers={"X-RateLimit-Reset": "12"}), 12),
        (Reply(status=403, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1795687205"}), 5),
        (Reply(status=503, headers={"Retry-After": "2"}), 2),
        (Reply(status=503, headers={"Retry-After": "soon"}), None),
    ],
)
def test_a_rate_limit_is_waited_for_as_long_as_the_server_says(
    refusal: Reply, seconds: float | None, waited: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "now", lambda: 1795687200.0)  # 2026-11-26 10:00:00 UTC
    steps = [refusal, reply({"data": EVERY})]
    with scripted_site(lambda request: steps.pop(0)) as site:
        assert ids(opened(site)) == list(range(1, 8))
    assert len(waited) == 1
    assert waited[0] == seconds if seconds else waited[0] < 1


def test_the_next_request_waits_when_none_is_left(waited: list[float]) -> None:
    def answer(request: Request) -> Reply:
        found = page(request)
        last = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9"} if request.query["p"] == "2" else {}
        return Reply(found.body, 200, {**found.headers, **last})

    with scripted_site(answer) as site:
        assert ids(opened(site, pages=PAGED["page"][1])) == list(range(1, 8))
    assert waited == [9.0]


def test_pauses_grow(waited: list[float]) -> None:
    with scripted_site(lambda request: Reply(status=500)) as site, pytest.raises(SourceError):
        ids(opened(site))
    assert len(site.requests) == retries.ATTEMPTS
    assert waited == sorted(waited)
    assert len(set(waited)) == retries.ATTEMPTS - 1


def test_a_page_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest_requests, "LARGEST_PAGE", 100)
    with scripted_site(page) as site, pytest.raises(SourceError, match=r"found more. Set `page_size`"):
        ids(opened(site, pages=PAGED["page"][1]))


class Growing:
    """An API of records that are added and changed, which gives those from a time on, in pages."""

    def __init__(self, *, includes: bool) -> None:
        self.records: list[dict[str, Any]] = list(EVERY[:3])
        self.includes = includes

    def __call__(self, request: Request) -> Reply:
        since, first = request.query.get("since", ""), int(request.query["skip"])
        found = [row for row in self.records if row["at"] > since or (self.includes and row["at"] == since)]
        return reply({"data": found[first : first + 2]})


def since(site: Site, **keys: Any) -> RestSince:
    field = {"field": "at", "parameter": "since", **keys}
    source = opened(site, pages={"by": "offset", "parameter": "skip"}, since=field)
    assert isinstance(source, RestSince)
    assert isinstance(source, Incremental)
    return source


@pytest.mark.parametrize("includes", [True, False])
def test_each_run_reads_the_records_after_the_last_one(includes: bool) -> None:
    api = Growing(includes=includes)
    with scripted_site(api) as site:
        first = since(site)
        assert ids(first) == [1, 2, 3]
        api.records += EVERY[3:5]
        second = first.after(first.position())
        assert ids(second) == [4, 5]
        assert second.position()["value"] == "2024-01-05T00:00:00Z"
        third = since(site).after(json.loads(json.dumps(second.position())))
        assert list(third.batches()) == []
        assert third.position() == second.position()
        if includes:  # a record of the same time that appears later
            api.records.append({**EVERY[4], "id": 9})
            assert ids(third.after(third.position())) == [9]


def test_times_are_compared_as_times_and_numbers_as_numbers() -> None:
    records = [{"id": 1, "at": "2024-01-01T23:30:00-01:00"}, {"id": 2, "at": "2024-01-02T00:00:00Z"}]
    with scripted_site(lambda request: reply({"data": records if request.query["skip"] == "0" else []})) as site:
        source = since(site)
        assert ids(source) == [1, 2]
        assert source.position()["value"] == "2024-01-01T23:30:00-01:00"
        records[:] = [{"id": 1, "at": 9}, {"id": 2, "at": 10}]
        source = since(site, first=0)
        assert ids(source) == [1, 2]
        assert source.position()["value"] == 10
    assert site.requests[-1].query["since"] == "0"


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([{"id": 1}], "expected a time, a date or a number in 'at' of each record, found none"),
        ([7], "found none. Correct `since.field`"),
        ([{"id": 1, "at": "2024-01-01"}, {"id": 2, "at": 5}], "expected values of one kind in 'at', found times"),
    ],
)
def test_records_without_a_place_in_time_are_refused(records: list[Any], message: str) -> None:
    with (
        scripted_site(lambda request: reply({"data": records})) as site,
        pytest.raises(SourceError, match=message),
    ):
        ids(since(site))


def test_a_position_of_another_field_is_refused() -> None:
    with scripted_site(page) as site, pytest.raises(SourceError, match="expected a position of the field 'at', found"):
        since(site).after({"field": "other", "value": 1, "seen": []})


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"token": "abc"}, r"expected \$\{NAME\} only"),
        ({"token": "${A:-abc}"}, r"expected \$\{NAME\} only"),
        ({"token": "${A}", "secret": "b"}, "expected either `token` or `secret`, found both"),
        ({"records": "$.["}, "expected JSONPath such as"),
        ({"pages": {"by": "next", "path": "$$$"}}, "expected JSONPath such as"),
        ({"pages": {"by": "scroll"}}, "by"),
        ({"page_size": 0}, "greater than or equal to 1"),
        ({"token_header": "X: y"}, "pattern"),
    ],
)
def test_keys_that_do_not_fit_are_refused(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message) as refused:
        RestSource.model_validate({"kind": "rest", "location": "https://example.com/rows", **keys})
    assert "abc" not in str(refused.value).partition("[type=")[0]


@pytest.mark.parametrize(
    ("values", "target"),
    [
        (['<https://a/?x=1,2>; rel="next"'], "https://a/?x=1,2"),
        (['<a>; rel="prev", <b>; rel=next'], "b"),
        (['<a>; title="rel=next, x"; rel="prev next"'], "a"),
        (['<a>; rel="first"', '<b>; REL="next"'], "b"),
        (['<a>; rel="nextpage"'], None),
        ([], None),
    ],
)
def test_the_next_link_is_found_by_its_relation(values: list[str], target: str | None) -> None:
    headers = Message()
    for value in values:
        headers["Link"] = value
    assert next_link(headers) == target


def test_a_parameter_replaces_that_of_the_same_name() -> None:
    assert with_parameters("https://a/b?x=1&y=&x=3#f", {"x": "ü &"}) == "https://a/b?y=&x=%C3%BC+%26#f"


def test_a_token_of_secrets_manager_is_read_again_when_it_was_rotated(cloud: object) -> None:
    manager, name = clients.client("secretsmanager"), "case/rest-token"
    manager.create_secret(Name=name, SecretString=json.dumps({"token": "hunter4-old"}))
    valid = ["hunter4-old"]

    def answer(request: Request) -> Reply:
        known = request.headers["Authorization"] == f"Bearer {valid[0]}"
        return reply({"data": EVERY}) if known else Reply(status=401)

    with scripted_site(answer) as site:
        source = opened(site, secret=name)
        assert ids(source) == list(range(1, 8))
        manager.put_secret_value(SecretId=name, SecretString=json.dumps({"token": "hunter4-new"}))
        valid[0] = "hunter4-new"
        assert ids(source) == list(range(1, 8))
        valid[0] = "another"
        with pytest.raises(SourceError, match="answered 401") as failed:
            ids(source)
    assert "hunter4" not in str(failed.value)


def test_a_watermark_of_the_same_value_keeps_what_was_seen_before() -> None:
    field = Since(field="n", parameter="from")
    first = Watermark.of(field, None, "api")
    assert [first.is_new({"n": n}) for n in (1, 2, 2)] == [True] * 3
    second = Watermark.of(field, first.position(), "api")
    assert second.parameters() == {"from": 2}
    assert [second.is_new(row) for row in ({"n": 2}, {"n": 1}, {"n": 2, "new": True})] == [False, False, True]
    assert len(second.position()["seen"]) == 2
