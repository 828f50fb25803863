"""Protects the servers on this machine from web pages: one check for all of them, and its ASGI middleware.

A page reaches a loopback server in two ways. By DNS rebinding its own name resolves to 127.0.0.1, and the request
carries that name in Host. From its own origin it sends requests that need no preflight, and the browser adds Origin or
Sec-Fetch-Site. AWS's clients, MLflow's and Prefect's send neither. See the Fetch standard (Origin), W3C Fetch
Metadata (Sec-Fetch-Site) and RFC 9112, section 3.2 (Host).

Imports nothing: LocalStack's and the images' interpreters run this file too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Headers = list[tuple[bytes, bytes]]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]

UVICORN_VARIABLE = "UVICORN_HTTP"
UVICORN_PROTOCOL = "sagemaker_local.loopback_uvicorn:LoopbackProtocol"
"""As an environment variable and its value, they put the check into every server that uvicorn's command starts."""
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
_USUAL_PORTS = (80, 443)  # ports that clients omit in Host
_OWN_SITES = ("same-origin", "none")  # none: typed into the address bar, or not sent by a page
_POLICY_VIOLATION = 1008  # RFC 6455
_LONGEST_SHOWN = 80


def refusal(headers: Iterable[tuple[bytes, bytes]], port: int | None) -> str | None:
    """One sentence: why the server at `port` must not answer a request with these headers; None if it may.

    `headers` are pairs with names in lower case, one pair per repetition.
    """
    pairs = list(headers)
    own = _addresses(port)
    hosts, origins, sites = (_values(pairs, name) for name in (b"host", b"origin", b"sec-fetch-site"))
    if len(hosts) != 1 or hosts[0].lower() not in own:
        found = _shown(hosts) if hosts else "no Host"
        return f"Refused: this server answers only to the Host {' or '.join(own)}; found {found}."
    allowed = [f"{scheme}://{address}" for scheme in ("http", "https") for address in own]
    if any(origin.lower() not in allowed for origin in origins):
        return f"Refused: this server answers only its own pages; found the Origin {_shown(origins)}."
    if not origins and any(site.lower() not in _OWN_SITES for site in sites):
        return (
            "Refused: this server takes no request from another site's page "
            f"(Sec-Fetch-Site: {_shown(sites)}). Enter the address in the browser's address bar."
        )
    return None


class LoopbackOnly:
    """ASGI middleware that answers 403 where `refusal` refuses, and allows only the server's own pages to read answers.

    A server without WebSockets refuses their handshake as well. Any other Upgrade is ignored, as RFC 9110 allows.
    """

    def __init__(self, app: App, *, websockets: bool = True) -> None:
        self._app, self._websockets = app, websockets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif reason := self._reason(scope):
            await (_close(receive, send) if scope["type"] == "websocket" else _refuse(send, reason))
        else:
            await self._app(scope, receive, _without_wildcard(send, _values(scope["headers"], b"origin")))

    def _reason(self, scope: Scope) -> str | None:
        reason = refusal(scope["headers"], (scope.get("server") or (None, None))[1])
        if reason or self._websockets or not _is_websocket(scope):
            return reason
        return "Refused: this server has no WebSockets."


def _is_websocket(scope: Scope) -> bool:
    upgrades = [value.lower() for value in _values(scope["headers"], b"upgrade")]
    return scope["type"] == "websocket" or "websocket" in upgrades


def _addresses(port: int | None) -> list[str]:
    numbered = [f"{name}:{port}" for name in LOOPBACK_NAMES]
    return [*numbered, *LOOPBACK_NAMES] if port is None or port in _USUAL_PORTS else numbered


def _values(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> list[str]:
    return [value.decode("latin-1").strip() for each, value in headers if each == name]


def _shown(values: list[str]) -> str:
    return ", ".join(ascii(value[:_LONGEST_SHOWN]) for value in values)


def _without_wildcard(send: Send, origins: list[str]) -> Send:
    """A `send` that replaces any allowed origin by the request's Origin, which is the server's own."""

    async def narrowed(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": _narrowed(message.get("headers", []), origins)}
        await send(message)

    return narrowed


def _narrowed(headers: Iterable[tuple[bytes, bytes]], origins: list[str]) -> Headers:
    kept = [pair for pair in headers if pair[0].lower() != b"access-control-allow-origin"]
    allowed = len(kept) < len(list(headers)) and origins
    return [*kept, (b"access-control-allow-origin", origins[0].encode("latin-1"))] if allowed else kept


async def _close(receive: Receive, send: Send) -> None:
    await receive()  # websocket.connect; a close before the handshake is answered 403
    await send({"type": "websocket.close", "code": _POLICY_VIOLATION})


async def _refuse(send: Send, reason: str) -> None:
    body = f"{reason}\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
