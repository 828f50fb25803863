"""An HTTP server on this machine that keeps what it gets, as a webhook does."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any


@dataclass
class HookServer:
    """The requests that a server has got. It answers with `status`, and not before `answers` is set."""

    status: int = 200
    location: str = ""
    answers: Event = field(default_factory=Event)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""


@contextmanager
def hook_server(status: int = 200, location: str = "", *, answers: bool = True) -> Iterator[HookServer]:
    """Start a server on a free port, and stop it."""
    kept = HookServer(status, location)
    if answers:
        kept.answers.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            kept.answers.wait()
            self.send_response(kept.status)
            if kept.location:
                self.send_header("Location", kept.location)
            self.end_headers()

        def do_GET(self) -> None:  # a redirect that is followed
            kept.bodies.append({})
            self.send_error(404)

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    kept.url = f"http://127.0.0.1:{server.server_port}/services/T0/secret-part"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        kept.answers.set()
        server.shutdown()
        server.server_close()
        thread.join()
