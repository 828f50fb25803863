"""A fake network to an HTTP service that can lose every answer, and connections that are open."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.patience import PATIENCE


@dataclass
class LossyNetwork:
    """While `down`, requests arrive at the service no more: their connections are closed. `lost` counts them.

    `targets` are the actions of all requests, such as `SageMaker.CreateEndpoint`.
    """

    url: str = ""
    down: bool = False
    lost: int = 0
    targets: list[str] = field(default_factory=list)


@contextmanager
def lossy_network(service: str) -> Iterator[LossyNetwork]:
    """A proxy on this machine before the service at this URL."""
    network, host = LossyNetwork(), urlsplit(service).netloc

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            network.targets.append(self.headers.get("X-Amz-Target", ""))
            if network.down:
                network.lost += 1
                self.close_connection = True
                return
            connection = http.client.HTTPConnection(host, timeout=PATIENCE)
            connection.request("POST", self.path, body, {**self.headers, "Host": host})
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            self.send_response(answer.status)
            for name in ("Content-Type", "x-amzn-ErrorType"):
                if value := answer.headers.get(name):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    network.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield network
    finally:
        server.shutdown()
        server.server_close()
