"""The servers on this machine answer only its own programs and a server's own pages."""

import asyncio
import socket
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest

from offline_cloud import Cloud
from sagemaker_local.loopback_only import LoopbackOnly, refusal
from tests.patience import PATIENCE
from tests.sagemaker_local.support import BUCKET, SIGNED, Bench

HOST = b"127.0.0.1:4567"


def headers(host: bytes | None = HOST, **more: bytes) -> list[tuple[bytes, bytes]]:
    named = [(name.replace("_", "-").encode(), value) for name, value in more.items()]
    return named if host is None else [(b"host", host), *named]


@pytest.mark.parametrize("host", [b"127.0.0.1:4567", b"localhost:4567", b"LocalHost:4567", b"[::1]:4567"])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"origin": b"http://127.0.0.1:4567"},
        {"origin": b"http://localhost:4567", "sec_fetch_site": b"cross-site"},
        {"sec_fetch_site": b"same-origin"},
        {"sec_fetch_site": b"none"},
    ],
)
def test_programs_and_own_pages_are_answered(host: bytes, more: Mapping[str, bytes]) -> None:
    assert refusal(headers(host, **more), 4567) is None


@pytest.mark.parametrize(
    "host",
    [
        None,
        b"",
        b"127.0.0.1",
        b"127.0.0.1:80",
        b"127.0.0.1:4567.example",
        b"rebind.example:4567",
        b"10.evil.example:4567",
        b"127.0.0.1.evil.example:4567",
        b"localhost.evil.example:4567",
        b"bucket.localhost:4567",
        b"0.0.0.0:4567",
        b"127.0.0.1:4567, evil",
        b"127.0.0.1:4567@evil",
        b"\xff",
    ],
)
def test_any_other_host_is_refused_with_what_is_expected(host: bytes | None) -> None:
    assert "answers only to the Host 127.0.0.1:4567 or localhost:4567 or [::1]:4567" in str(
        refusal(headers(host), 4567)
    )


def test_a_repeated_host_is_refused() -> None:
    assert refusal([*headers(), (b"host", HOST)], 4567)


@pytest.mark.parametrize(
    "origin",
    [b"null", b"", b"http://127.0.0.1:8000", b"http://127.0.0.1", b"http://rebind.example:4567", b"file://", b"*"],
)
def test_a_foreign_origin_is_refused(origin: bytes) -> None:
    assert "only its own pages" in str(refusal(headers(origin=origin), 4567))


@pytest.mark.parametrize("site", [b"cross-site", b"same-site", b"", b"anything"])
def test_a_page_of_another_site_is_refused_where_no_origin_is_named(site: bytes) -> None:
    assert "another site's page" in str(refusal(headers(sec_fetch_site=site), 4567))


def test_usual_ports_may_be_left_out() -> None:
    assert refusal(headers(b"localhost"), 80) is None
    assert refusal(headers(b"localhost", origin=b"http://localhost"), 80) is None


def answer(scope: dict[str, Any], allowed: bytes = b"*") -> list[dict[str, Any]]:
    """The middleware's messages, over an application that allows every origin."""
    sent: list[dict[str, Any]] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        given = [(b"access-control-allow-origin", allowed), (b"x", b"y")]
        await send({"type": "http.response.start", "status": 200, "headers": given})

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(LoopbackOnly(application, websockets=False)({"server": ("127.0.0.1", 4567), **scope}, receive, send))
    return sent


def test_no_answer_allows_every_origin() -> None:
    (plain,) = answer({"type": "http", "headers": headers()})
    assert plain["headers"] == [(b"x", b"y")]
    (own,) = answer({"type": "http", "headers": headers(origin=b"http://localhost:4567")})
    assert (b"access-control-allow-origin", b"http://localhost:4567") in own["headers"]
    assert (b"access-control-allow-origin", b"*") not in own["headers"]


def test_a_websocket_is_closed_before_its_handshake() -> None:
    (closed,) = answer({"type": "websocket", "headers": headers()})
    assert closed["type"] == "websocket.close"


@pytest.fixture(params=["sagemaker", "localstack"])
def port(request: pytest.FixtureRequest, cloud: Cloud) -> int:
    return int(cloud.urls[request.param].rsplit(":", 1)[1])


def exchange(port: int, *parts: bytes) -> bytes:
    """The bytes that a server sends until it closes the connection, for these bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        for part in parts:
            connection.sendall(part)
        return b"".join(iter(lambda: connection.recv(1 << 16), b""))


def raw(line: bytes, *lines: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join([line, *lines, b"Connection: close", b"", b""]) + body


def statuses(answered: bytes) -> list[int]:
    return [int(part[:3]) for part in answered.replace(b"HTTP/1.0 ", b"HTTP/1.1 ").split(b"HTTP/1.1 ")[1:]]


def refused_requests(own: bytes) -> Iterator[bytes]:
    yield raw(b"GET / HTTP/1.1", b"Host: rebind.example:4567")
    yield raw(b"GET / HTTP/1.1")
    yield raw(b"GET / HTTP/1.0")
    yield raw(b"GET / HTTP/1.1", own, b"Host: rebind.example")
    yield raw(b"GET http://rebind.example/ HTTP/1.1", b"Host: rebind.example")
    yield raw(b"POST / HTTP/1.1", own, b"Origin: null", b"Content-Length: 2", body=b"{}")
    yield raw(b"OPTIONS / HTTP/1.1", own, b"Origin: http://a.example", b"Access-Control-Request-Method: PUT")
    yield raw(b"GET / HTTP/1.1", own, b"Sec-Fetch-Site: same-site")
    yield raw(b"GET / HTTP/1.1", own, b"Origin: http://a.example", b"Upgrade: websocket")


def test_bytes_on_the_wire_are_refused_in_one_sentence(port: int) -> None:
    for request in refused_requests(b"Host: 127.0.0.1:%d" % port):
        answered = exchange(port, request)
        assert statuses(answered) == [403], request
        assert answered.count(b"Refused: ") == 1
        assert b"access-control-allow" not in answered.lower()


def test_an_action_by_get_is_refused_unless_it_is_signed(port: int) -> None:
    own, action = b"Host: 127.0.0.1:%d" % port, b"Action=CreateUser&UserName=by-get&Version=2010-05-08"
    for path in (b"/", b"/moto/"):
        answered = exchange(port, raw(b"GET %s?%s HTTP/1.1" % (path, action), own))
        assert statuses(answered)[0] in (403, 404)


def test_a_websocket_of_a_program_is_refused_and_other_upgrades_are_ignored(bench: Bench) -> None:
    port = int(bench.url.rsplit(":", 1)[1])
    own, key = b"Host: 127.0.0.1:%d" % port, b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    upgrade = b"GET /endpoints/x/invocations HTTP/1.1\r\n" + own + b"\r\nConnection: Upgrade\r\n"
    answered = exchange(port, upgrade + b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" + key + b"\r\n\r\n")
    assert statuses(answered) == [403]
    assert b"has no WebSockets" in answered
    plain = raw(b"GET /_sagemaker_local/health HTTP/1.1", own, b"Upgrade: h2c")
    assert statuses(exchange(port, plain)) == [200]


def test_unmodified_clients_work_by_every_loopback_name(cloud: Cloud, bench: Bench) -> None:
    for name in ("127.0.0.1", "localhost"):
        s3 = boto3.client("s3", endpoint_url=cloud.urls["localstack"].replace("127.0.0.1", name))
        s3.put_object(Bucket=BUCKET, Key=name, Body=b"x")
        link = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": name})
        assert urllib.request.urlopen(link).read() == b"x"
        sagemaker = boto3.client("sagemaker", endpoint_url=bench.url.replace("127.0.0.1", name))
        assert "Models" in sagemaker.list_models()


def edge_requests(own: bytes) -> Iterator[tuple[int, bytes]]:
    signed = b"Authorization: " + SIGNED.encode()
    post = b"Content-Length: 2"
    target = b"X-Amz-Target: SageMaker.ListModels"
    yield 404, raw(b"POST /endpoints/x HTTP/1.1", own, signed, post, body=b"{}")
    yield 404, raw(b"POST /endpoints/ HTTP/1.1", own, signed, post, body=b"{}")
    yield 404, raw(b"POST /endpoints//invocations HTTP/1.1", own, signed, post, body=b"{}")
    yield 404, raw(b"POST /endpoints/x/invocations/more HTTP/1.1", own, signed, post, body=b"{}")
    yield 404, raw(b"POST /endpoints/x/nothing HTTP/1.1", own, signed, post, body=b"{}")
    yield 404, raw(b"GET /endpoints/x/invocations HTTP/1.1", own, signed)
    yield 404, raw(b"HEAD /endpoints/x/invocations HTTP/1.1", own, signed)
    yield 404, raw(b"PUT / HTTP/1.1", own, signed, post, body=b"{}")
    yield 404, raw(b"GET /%00%ff%2e%2e%2f HTTP/1.1", own, signed)
    yield 404, raw(b"OPTIONS * HTTP/1.1", own)
    yield 400, raw(b"POST /endpoints/a%2Fb/invocations HTTP/1.1", own, signed, post, body=b"{}")
    yield 400, raw(b"POST /endpoints/%ff%00/invocations HTTP/1.1", own, signed, post, body=b"{}")
    yield 400, raw(b"GET /\xff\xfe HTTP/1.1", own)
    yield 400, raw(b"CONNECT a.example:80 HTTP/1.1", own)
    yield 400, raw(b"POST / HTTP/1.1", own, b"Content-Length: -5")
    yield 400, raw(b"POST / HTTP/1.1", own, b"Content-Length: 5", b"Content-Length: 6", body=b"12345")
    yield 400, raw(b"POST / HTTP/1.1", own, b"Transfer-Encoding: chunked", body=b"zz\r\n\r\n")
    nested, numbers = b'{"a":' * 100_000, b'{"MaxResults": NaN}'
    for body in (nested, numbers, b'{"NameContains": "\\ud800"}', b"\xff\xfe\xfd", b"[]", b'{"MaxResults": 1e999}'):
        yield 400, raw(b"POST / HTTP/1.1", own, signed, target, b"Content-Length: %d" % len(body), body=body)
    chunked = b"2\r\n{}\r\n0\r\nX-Amz-Target: SageMaker.DeleteModel\r\n\r\n"
    yield 200, raw(b"POST / HTTP/1.1", own, signed, target, b"Transfer-Encoding: chunked", body=chunked)
    large = b"a" * (17 << 20)
    yield 413, raw(b"POST / HTTP/1.1", own, signed, target, b"Content-Length: %d" % len(large), body=large)
    yield (
        400,
        raw(b"POST /endpoints/x/invocations HTTP/1.1", own, signed, b"Content-Length: %d" % len(large), body=large),
    )
    yield 431, b"GET / HTTP/1.1\r\n" + own + b"\r\nX: " + b"a" * (1 << 19)


def test_edges_of_http_get_what_they_deserve_and_the_next_request_its_answer(bench: Bench) -> None:
    port = int(bench.url.rsplit(":", 1)[1])
    own = b"Host: 127.0.0.1:%d" % port
    health = raw(b"GET /_sagemaker_local/health HTTP/1.1", own)
    expected = exchange(port, health).partition(b"\r\n\r\n")[2]
    for status, request in edge_requests(own):
        try:
            answered = exchange(port, request)
        except ConnectionResetError:  # it was answered and closed before the rest was sent
            answered = b""
        assert statuses(answered) == [status] or (status == 431 and not answered), (request[:200], answered[:300])
        assert b"Traceback" not in answered
        assert exchange(port, health).partition(b"\r\n\r\n")[2] == expected


def test_pipelined_requests_are_answered_in_order(bench: Bench) -> None:
    port = int(bench.url.rsplit(":", 1)[1])
    own = b"Host: 127.0.0.1:%d" % port
    first = b"GET /first HTTP/1.1\r\n" + own + b"\r\n\r\n"
    answered = exchange(port, first, b"GET /second HTTP/1.1\r\n" + own + b"\r\n\r\n", raw(b"GET /third HTTP/1.1", own))
    assert [answered.index(name) for name in (b"/first", b"/second", b"/third")] == sorted(
        answered.index(name) for name in (b"/first", b"/second", b"/third")
    )
    assert statuses(answered) == [404, 404, 404]


def test_a_request_that_never_ends_blocks_no_other_and_has_no_effect(bench: Bench) -> None:
    port = int(bench.url.rsplit(":", 1)[1])
    head = b"POST / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: %s\r\n" % (port, SIGNED.encode())
    target = b"X-Amz-Target: SageMaker.CreateExperiment\r\nContent-Length: 1000\r\n\r\n"
    whole = b'{"ExperimentName": "half-sent"}'
    open_ones = [socket.create_connection(("127.0.0.1", port)) for _ in range(40)]
    for connection in open_ones:
        connection.sendall(head + target + whole)
    assert bench.sagemaker.list_experiments()["ExperimentSummaries"] is not None
    for connection in open_ones:
        connection.close()
    names = [each["ExperimentName"] for each in bench.sagemaker.list_experiments()["ExperimentSummaries"]]
    assert "half-sent" not in names
