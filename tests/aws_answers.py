"""A fake AWS: it gives every request the answer that a test has chosen. IAM, for instance, is not enforced offline."""

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.config import Config

from tasks import clients


@dataclass
class Answers:
    """The answers, in order; the last one is repeated. `requests` are the bodies that arrived."""

    queue: list[tuple[int, bytes]]
    url: str = ""
    requests: list[bytes] = field(default_factory=list)

    def next(self) -> tuple[int, bytes]:
        return self.queue.pop(0) if len(self.queue) > 1 else self.queue[0]


@contextmanager
def answering(*answers: tuple[int, bytes]) -> Iterator[Answers]:
    """A server with these answers, each a status and a body. Status 0 closes the connection without any."""
    prepared = Answers(list(answers))

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            prepared.requests.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            status, body = prepared.next()
            if status:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body if self.command != "HEAD" else b"")

        do_GET = do_HEAD = do_POST = do_PUT = answer  # noqa: N815  names of the base class

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    prepared.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield prepared
    finally:
        server.shutdown()
        server.server_close()


def refusal(code: str, message: str, status: int = 400) -> tuple[int, bytes]:
    """An error of a JSON API, such as SageMaker's."""
    return status, json.dumps({"__type": code, "message": message}).encode()


def s3_refusal(code: str, message: str, status: int = 403) -> tuple[int, bytes]:
    """An error of S3."""
    return status, f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()


def client(service: str, url: str) -> Any:
    """A client of the flows' session, which tries once."""
    config = Config(retries={"total_max_attempts": 1}, read_timeout=1, s3={"addressing_style": "path"})
    made: Any = clients.session().client(service, endpoint_url=url, config=config)  # type: ignore[call-overload]
    return made


@contextmanager
def flows_use(service: str, url: str) -> Iterator[None]:
    """Within the body, the flows' clients of a service (as in AWS_ENDPOINT_URL_<SERVICE>) send to this address."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(f"AWS_ENDPOINT_URL_{service}", url)
        forget_clients()
        try:
            yield
        finally:
            forget_clients()


def forget_clients() -> None:
    """A new session as well: the SageMaker SDK keeps the client of each session."""
    clients.session.cache_clear()
    clients._make.cache_clear()
    if sdk := sys.modules.get("sagemaker.core.utils.utils"):
        sdk.SageMakerClient.reset()
