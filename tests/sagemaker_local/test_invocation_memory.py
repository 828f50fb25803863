"""The memory of SageMaker local does not grow with the number of requests."""

import os
import socket
from contextlib import ExitStack
from functools import partial
from urllib.parse import urlsplit

import psutil

from tests.patience import PATIENCE
from tests.sagemaker_local.endpoint_support import config_of, variant
from tests.sagemaker_local.support import ROLE, SIGNED, Bench, archive, unique
from tests.sagemaker_local.test_own_programs import OWN

SERVER = """
import asyncio, os, socket

ANSWER = b"HTTP/1.1 200 OK\\r\\nContent-Type: text/plain\\r\\nContent-Length: 200\\r\\n\\r\\n" + b"x" * 200

class Small(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
    def data_received(self, data):
        self.transport.write(ANSWER)

async def main():
    listener = socket.socket(fileno=int(os.environ["SAGEMAKER_LOCAL_SOCKET_FD"]))
    await (await asyncio.get_running_loop().create_server(Small, sock=listener)).serve_forever()

asyncio.run(main())
"""
FIRST, MORE = 6_000, int(os.environ.get("INVOCATIONS", "10000"))
"""The first requests last longer than a batch of metrics, which is as large as a second has requests."""
CONNECTIONS = 16
ROUNDS = 3
"""Other tests use the same server, so the least growth counts. A leak is in every round."""
MOST_GROWTH = 2e6
"""Bytes: 200 for each of 10,000 requests, an eighth of what one needs while it is in progress."""


def test_memory_is_flat_over_many_requests(bench: Bench) -> None:
    name = unique("small")
    data = bench.put(f"{name}/model.tar.gz", archive(code__serving__server=SERVER))
    bench.sagemaker.create_model(
        ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": OWN, "ModelDataUrl": data}
    )
    endpoint = bench.endpoint(config_of(bench, variant(name)))
    invoke(bench, endpoint, FIRST)
    growths = list[int]()
    while len(growths) < ROUNDS and min(growths, default=MOST_GROWTH) >= MOST_GROWTH:
        before = memory(bench)
        invoke(bench, endpoint, MORE)
        growths.append(memory(bench) - before)
    bench.sagemaker.delete_endpoint(EndpointName=endpoint)
    assert min(growths) < MOST_GROWTH, f"{min(growths) / MORE:.0f} bytes per request"


def invoke(bench: Bench, endpoint: str, times: int) -> None:
    """Sends requests over persistent connections, one of each at a time."""
    port = urlsplit(bench.url).port or 0
    head = f"POST /endpoints/{endpoint}/invocations HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: {SIGNED}\r\n"
    with ExitStack() as opened:
        open_one = partial(socket.create_connection, ("127.0.0.1", port), timeout=PATIENCE)
        connections = [opened.enter_context(open_one()) for _ in range(CONNECTIONS)]
        for turn in range(times // CONNECTIONS):
            for number, connection in enumerate(connections):
                inference = f"X-Amzn-SageMaker-Inference-Id: {turn}-{number}\r\nContent-Length: 200\r\n\r\n"
                connection.sendall(f"{head}{inference}".encode() + b"r" * 200)
            for connection in connections:
                answer = connection.recv(1 << 16)
                assert answer.startswith(b"HTTP/1.1 200 ")
                while not answer.endswith(b"x" * 200):
                    answer += connection.recv(1 << 16)


def memory(bench: Bench) -> int:
    """The bytes of the server's own memory."""
    port = urlsplit(bench.url).port
    [server] = {
        each.pid
        for each in psutil.net_connections("tcp")
        if each.status == psutil.CONN_LISTEN and each.laddr[1:2] == (port,) and each.pid
    }
    return int(psutil.Process(server).memory_full_info().uss)
