"""Environment variables in configuration: `${NAME}` or `${NAME:-default}`, in the keys that allow them."""

import os
import re
from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase
from typing import Any

from config.errors import ConfigError

_VARIABLE = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^${}]*))?\}")
_USER = re.compile(r"(?<=://)[^\s/]*@")
_QUERY = re.compile(r"(?P<address>\b[A-Za-z][A-Za-z0-9+.-]*://[^\s?'\"]*)\?[^\s'\"]*[^\s'\".,:;)]")


def expand(text: str, where: str) -> str:
    """Return `text` with each variable replaced by its value. Values are not expanded recursively.

    Raises ConfigError, with `where`, for a variable that is not set and has no default.
    """

    def value(match: re.Match[str]) -> str:
        name, default = match["name"], match["default"]
        if (found := os.environ.get(name, default)) is None:
            raise ConfigError(
                f"{where}: needs the environment variable {name}: expected a value, found none. "
                f"Set it: export {name}=..."
            )
        return found

    return _VARIABLE.sub(value, text)


def problems(content: Any, allowed: Collection[str]) -> list[str]:
    """Return a message for each text whose `${` is malformed, or whose key is not in `allowed`.

    Keys are joined by dots, such as `source.location`. In `allowed`, `*` matches any text. A message has a variable's
    name, never its value.
    """
    found = []
    for key, text in _texts(content, ""):
        if "${" not in text:
            continue
        if not any(fnmatchcase(key, pattern) for pattern in allowed):
            places = f"only {', '.join(allowed)} may have one" if allowed else "no key of this file may have one"
            found.append(f"{key}: expected no environment variable, because {places}; found {text[:80]!r}")
        elif "${" in _VARIABLE.sub("", text):
            found.append(f"{key}: expected ${{NAME}} or ${{NAME:-default}}; found {text[:80]!r}")
    return found


def _texts(content: Any, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(content, str):
        yield key, content
    elif isinstance(content, dict):
        for name, part in content.items():
            inner = f"{key}.{name}" if key else str(name)
            yield from ((inner, name),) if isinstance(name, str) else ()
            yield from _texts(part, inner)
    elif isinstance(content, list):
        for number, part in enumerate(content):
            yield from _texts(part, f"{key}.{number}" if key else str(number))


def hide(message: str, address: str) -> str:
    """Return `message` with every occurrence of the user, the password and the query of `address` removed."""
    parts = [*_USER.findall(address), *(match[0].partition("?")[2] for match in _QUERY.finditer(address))]
    hidden = message.replace(address, without_secrets(address))
    for part in sorted(filter(None, parts), key=len, reverse=True):
        hidden = hidden.replace(part, "")
    return hidden


def without_secrets(text: str) -> str:
    """Return `text` with the user, the password and the query of each address removed."""
    return _QUERY.sub(r"\g<address>?...", _USER.sub("", text))
