"""A proxy before the offline cloud that answers chosen calls with a fault, or loses their answers."""

import http.client
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.aws_answers import forget_clients, refusal, s3_refusal
from tests.patience import PATIENCE

Kind = Literal["denied", "expired", "throttled", "internal", "dropped", "lost", "hangs", "cut"]
"""`dropped`: the connection is closed before the call is executed; `lost`: after it; `hangs`: it is executed, and no
answer comes in time; `cut`: the connection is closed within the answer."""

CODES: Mapping[str, tuple[str, str, int, int]] = {
    "denied": ("AccessDeniedException", "AccessDenied", 400, 403),
    "expired": ("ExpiredTokenException", "ExpiredToken", 400, 400),
    "throttled": ("ThrottlingException", "SlowDown", 400, 503),
    "internal": ("InternalFailure", "InternalError", 500, 500),
}
"""The code and the status of each refusal: of the JSON APIs, and of S3."""
S3_LIST = "ListObjectsV2"
VARIABLES = (
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_SAGEMAKER",
    "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME",
)
"""The services that a lifecycle calls."""
OWN_HEADERS = ("connection", "transfer-encoding", "content-length", "date", "server")


@dataclass(frozen=True)
class Call:
    """A request: its action, such as `CreateEndpoint` or `PutObject`, and what of S3 or an endpoint it names."""

    action: str
    path: str

    @property
    def is_s3(self) -> bool:
        """Whether it goes to S3."""
        return self.action in (*S3_ACTIONS.values(), S3_LIST, "ListBuckets")

    @property
    def title(self) -> str:
        """The action, and the kind of object or the query's prefix."""
        if "/results/" in self.path:
            return f"{self.action} results"
        return f"{self.action} {self.path.rpartition('/')[2]}" if self.action in S3_ACTIONS.values() else self.action


S3_ACTIONS = {"GET": "GetObject", "PUT": "PutObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}


@dataclass
class FaultyCloud:
    """`faults` chooses a fault for a call, or None. `calls` are all calls, `hit` those with a fault."""

    faults: Callable[[Call], Kind | None] = lambda _: None
    hang_seconds: float = 2.0
    calls: list[Call] = field(default_factory=list)
    hit: list[tuple[Kind, Call]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def choose(self, call: Call) -> Kind | None:
        """Note the call, and return its fault."""
        with self._lock:
            self.calls.append(call)
            if kind := self.faults(call):
                self.hit.append((kind, call))
            return kind


def at_calls(kind: Kind, titles: Collection[str], times: int = 1) -> Callable[[Call], Kind | None]:
    """A fault of the first calls with each of these titles."""
    seen: Counter[str] = Counter()

    def fault(call: Call) -> Kind | None:
        seen[call.title] += 1
        return kind if call.title in titles and seen[call.title] <= times else None

    return fault


BEGUN = "PutObject heartbeat.json"
"""The call that ends the preparations of a run. Nothing is made before it, and it repeats itself."""


def at_each_action(kind: Kind, times: int = 1) -> Callable[[Call], Kind | None]:
    """A fault of the first calls of every action and object, in a run that has begun."""
    seen: Counter[str] = Counter()

    def fault(call: Call) -> Kind | None:
        if call.title == BEGUN or BEGUN not in seen:
            seen.update([BEGUN] if call.title == BEGUN else [])
            return None
        seen[call.title] += 1
        return kind if seen[call.title] <= times else None

    return fault


def call_of(method: str, path: str, headers: Mapping[str, str]) -> Call:
    """The call of a request."""
    if target := headers.get("X-Amz-Target"):
        return Call(target.rpartition(".")[2], "")
    place = urlsplit(path)
    if found := re.fullmatch(r"/endpoints/([^/]+)/invocations", place.path):
        return Call("InvokeEndpoint", found[1])
    if found := re.search(r"/operation/(\w+)$", place.path):
        return Call(found[1], "")
    if method == "POST":
        return Call("Query", place.path)
    query = parse_qs(place.query, keep_blank_values=True)
    if method == "GET" and ("list-type" in query or place.path.count("/") < 2 or place.path == "/"):
        return Call(S3_LIST if "list-type" in query else "ListBuckets", f"{place.path}?{place.query}")
    return Call(S3_ACTIONS[method], place.path)


def _refused(kind: Kind, call: Call) -> tuple[int, bytes]:
    json_code, s3_code, json_status, s3_status = CODES[kind]
    if call.is_s3:
        return s3_refusal(s3_code, f"a test's {s3_code}", s3_status)
    return refusal(json_code, f"a test's {json_code}", json_status)


class Proxy(BaseHTTPRequestHandler):
    """Forwards requests to `host`, except those that meet a fault of `cloud`."""

    cloud: FaultyCloud
    host: str
    protocol_version = "HTTP/1.1"

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        call = call_of(self.command, self.path, dict(self.headers))
        kind = self.cloud.choose(call)
        if kind in CODES:
            return self._send(*_refused(kind, call), {})  # type: ignore[arg-type]
        if kind == "dropped":
            self.close_connection = True
            return None
        answer = self._forwarded(body)
        if kind == "hangs":
            time.sleep(self.cloud.hang_seconds)
        if kind in ("lost", "hangs"):
            self.close_connection = True
            return None
        status, content, headers = answer
        if kind == "cut" and content:
            self._send(status, content[: len(content) // 2], {**headers, "Content-Length": str(len(content))})
            self.close_connection = True
            return None
        return self._send(status, content, headers)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815  names of the base class

    def _forwarded(self, body: bytes) -> tuple[int, bytes, dict[str, str]]:
        connection = http.client.HTTPConnection(self.host, timeout=PATIENCE)
        sent = {name: value for name, value in self.headers.items() if name.lower() != "expect"}
        connection.request(self.command, self.path, body, {**sent, "Host": self.host})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in OWN_HEADERS}
        length = answer.headers.get("Content-Length") if self.command == "HEAD" else None
        return answer.status, content, {**kept, **({"Content-Length": length} if length else {})}

    def _send(self, status: int, content: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None: ...


@contextmanager
def _proxy(cloud: FaultyCloud, service: str) -> Iterator[str]:
    """The address of a proxy before the service at this URL."""
    handler = type("BoundProxy", (Proxy,), {"cloud": cloud, "host": urlsplit(service).netloc})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def proxied(environment: Mapping[str, str]) -> Iterator[tuple[FaultyCloud, dict[str, str]]]:
    """A faulty cloud before the cloud of these variables, and the variables of a process that reaches it."""
    cloud = FaultyCloud()
    services = {name: environment[name] for name in VARIABLES}
    with ExitStack() as stack:
        urls = {url: stack.enter_context(_proxy(cloud, url)) for url in set(services.values())}
        yield cloud, {name: urls[url] for name, url in services.items()}


@contextmanager
def faulty_cloud(environment: Mapping[str, str]) -> Iterator[FaultyCloud]:
    """Within the body, the flows' clients reach the cloud of these variables by proxies."""
    with proxied(environment) as (cloud, variables), pytest.MonkeyPatch.context() as patch:
        for name, url in variables.items():
            patch.setenv(name, url)
        forget_clients()
        try:
            yield cloud
        finally:
            forget_clients()
