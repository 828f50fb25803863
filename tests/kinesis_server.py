"""Kinesis for tests in this process: the Kinesis of the offline cloud, with a clock that a test advances."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from time import time
from typing import Any

import boto3
import pytest
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from sagemaker_local import moto_kinesis
from sagemaker_local.moto_services import MotoServices
from tests.aws_answers import forget_clients

ACCOUNT, REGION = "000000000000", "us-east-1"


class RealClock:
    """A clock that follows the real one, as far ahead as a test has advanced it."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> float:
        return time() + self.ahead

    def advance(self, seconds: float) -> None:
        self.ahead += seconds


@dataclass(frozen=True)
class Kinesis:
    """A running server."""

    client: Any
    clock: RealClock

    def create(self, name: str, shards: int = 2) -> str:
        """Create a stream, and return its name."""
        self.client.create_stream(StreamName=name, ShardCount=shards)
        return name

    def send(self, name: str, records: Iterable[tuple[str, bytes]]) -> None:
        """Write values with their partition keys, in order."""
        entries = [{"PartitionKey": key, "Data": value} for key, value in records]
        for start in range(0, len(entries), 500):
            self.client.put_records(StreamName=name, Records=entries[start : start + 500])

    def shards(self, name: str) -> list[str]:
        """The ids of all shards."""
        return [shard["ShardId"] for shard in self.client.list_shards(StreamName=name)["Shards"]]


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    protocol_version = "HTTP/1.1"

    def log(self, *_: object) -> None: ...


@contextmanager
def running_kinesis() -> Iterator[Kinesis]:
    """A server, and the environment variable for its address."""
    services, clock = MotoServices(ACCOUNT), RealClock()

    @Request.application
    def answer(request: Request) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        query = request.query_string.decode()
        status, answered, body = services.answer(request.method, request.path, query, headers, request.get_data())
        return Response(body, status, answered)

    server = make_server("127.0.0.1", 0, answer, threaded=True, request_handler=Quiet)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_KINESIS", f"http://127.0.0.1:{server.port}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        forget_clients()
        services._imported()
        moto_kinesis.install(clock)
        yield Kinesis(boto3.client("kinesis", REGION), clock)
        moto_kinesis.install()
    server.shutdown()
    server.server_close()
    forget_clients()
