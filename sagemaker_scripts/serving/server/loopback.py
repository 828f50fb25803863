"""Refuses what a web page on the same machine may send to a server on the loopback interface.

By DNS rebinding a page's own name resolves to 127.0.0.1, and the request has that name in Host. From its own origin a
page sends requests that need no preflight, and the browser adds Origin or Sec-Fetch-Site. AWS's clients send neither.
"""

from collections.abc import Sequence

_NAMES = ("127.0.0.1", "localhost", "[::1]")
_USUAL_PORTS = (80, 443)  # ports that clients omit in Host
_OWN_SITES = ("same-origin", "none")
_LONGEST_SHOWN = 80


def refusal(headers: Sequence[tuple[bytes, bytes]], port: int) -> str | None:
    """Return why the server at `port` must not answer a request with these headers (names in lower case), or None."""
    own = [f"{name}:{port}" for name in _NAMES] + list(_NAMES if port in _USUAL_PORTS else ())
    hosts, origins, sites = (_values(headers, name) for name in (b"host", b"origin", b"sec-fetch-site"))
    if len(hosts) != 1 or hosts[0] not in own:
        return f"This server answers only to the Host {' or '.join(own)}; found {_shown(hosts)}."
    if any(origin not in [f"http://{address}" for address in own] for origin in origins):
        return f"This server answers only its own pages; found the Origin {_shown(origins)}."
    if not origins and any(site not in _OWN_SITES for site in sites):
        return f"This server takes no request from another site's page (Sec-Fetch-Site: {_shown(sites)})."
    return None


def _values(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> list[str]:
    return [value.decode("latin-1").strip().lower() for each, value in headers if each == name]


def _shown(values: list[str]) -> str:
    return ", ".join(ascii(value[:_LONGEST_SHOWN]) for value in values) or "none"
