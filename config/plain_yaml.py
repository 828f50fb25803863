"""Reads YAML as plain data: no tags, no repeated keys, no control characters, a bounded number of aliases."""

import re
import unicodedata
from pathlib import Path
from typing import Any

import yaml

from config.errors import ConfigError

MAX_BYTES, MAX_NODES, MAX_DEPTH, MAX_DIGITS = 2**19, 50_000, 50, 50
"""Limits of a file's size, of its nodes with every alias expanded, of its nesting, and of one number's digits.

A use case with 1,000 columns has 10,000 nodes.
"""
_HIDING = {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}
"""Unicode's bidirectional controls, which make a text look different from its content."""
_TO_QUOTE = {"${": "has ${...}", ": %": "begins with %"}


def read_yaml(path: Path) -> Any:
    """Return the content of the YAML file at `path`.

    Raises ConfigError when it can't be read, is not one document of UTF-8 YAML, repeats a key, has a tag, a control
    character, or more than the limits above.
    """
    text = _text(path)
    try:
        loader = _Loader(text, path)
        if (root := loader.get_single_node()) is None:
            return None
        _require_limits(root, path)
        _require_plain(root, path)
        return loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        raise ConfigError(_explain(error, text, path)) from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: expected YAML, found a character that it does not allow") from error
    except RecursionError as error:
        raise _too_deep(path) from error
    except ValueError as error:
        raise ConfigError(f"{path}: expected plain values, found an invalid date or number: {error}") from error


class _Loader(yaml.SafeLoader):
    """Refuses tags: plain values need none, and some libraries create objects from them."""

    def __init__(self, text: str, path: Path) -> None:
        super().__init__(text)
        self._path = path

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if tag := getattr(event, "tag", None):
            shown = tag.replace("tag:yaml.org,2002:", "!!")[:80]
            raise ConfigError(f"{_line(self._path, event)}: expected a plain value, found the tag {shown}. Remove it")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Keys such as `on` and `no`, which YAML 1.1 reads as true and false, are texts."""
        for key, _ in node.value:
            if key.tag.endswith(":bool"):
                key.tag = "tag:yaml.org,2002:str"
        return super().construct_mapping(node, deep)


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: expected a file that can be read, found: {error.strerror}") from error
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{path}: expected at most {MAX_BYTES:,} bytes, found {len(content):,}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{path}: expected text in UTF-8, found the byte {content[error.start]:#04x} at {error.start}. "
            "Save the file as UTF-8"
        ) from error


def _explain(error: yaml.MarkedYAMLError, text: str, path: Path) -> str:
    mark = error.problem_mark or error.context_mark
    line = text.splitlines()[mark.line] if mark and mark.line < len(text.splitlines()) else ""
    where = f"{path}: line {mark.line + 1}" if mark else str(path)
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return f"{where}: is not YAML: expected spaces before the key, found a tab"
    if isinstance(error, yaml.constructor.ConstructorError):
        return f"{where}: expected a plain value, found {line.strip()[:80]!r}. Quote it if it is a text"
    hint = next((f". Quote a text that {what}" for mark, what in _TO_QUOTE.items() if mark in line), "")
    return f"{where}: is not YAML: expected one document of keys and values, found: {error.problem}{hint}"


def _require_limits(root: yaml.Node, path: Path) -> None:
    if (count := _Sizes(path).of(root, 0)) > MAX_NODES:
        raise ConfigError(f"{path}: expected at most {MAX_NODES:,} values with aliases expanded, found {count:,}")


class _Sizes:
    """The number of values in a node with its aliases expanded, each counted once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[int, int | None] = {}

    def of(self, node: yaml.Node, depth: int) -> int:
        if depth > MAX_DEPTH:
            raise _too_deep(self._path)
        if id(node) not in self._known:
            self._known[id(node)] = None
            self._known[id(node)] = 1 + sum(self.of(child, depth + 1) for child in _children(node))
        if (size := self._known[id(node)]) is None:
            raise ConfigError(f"{_line(self._path, node)}: expected an alias of another value, found one of its parent")
        return size


def _too_deep(path: Path) -> ConfigError:
    return ConfigError(f"{path}: expected at most {MAX_DEPTH} levels of nesting, found more")


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _require_plain(root: yaml.Node, path: Path) -> None:
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        waiting += _children(node)
        _require_unique_keys(node, path)
        if isinstance(node, yaml.ScalarNode):
            _require_short(node, path)
            _require_decimal(node, path)
            _require_visible(node, path)


def _require_unique_keys(node: yaml.Node, path: Path) -> None:
    lines: dict[str, int] = {}
    for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
        if not isinstance(key, yaml.ScalarNode):
            raise ConfigError(f"{_line(path, key)}: expected a text as a key, found a list or a mapping")
        if key.value in lines:
            raise ConfigError(
                f"{_line(path, key)}: expected each key once, found {key.value!r} again; it is on line "
                f"{lines[key.value]} as well. Remove one of them"
            )
        lines[key.value] = key.start_mark.line + 1


def _require_short(node: yaml.ScalarNode, path: Path) -> None:
    if node.tag.endswith((":int", ":float")) and len(node.value) > MAX_DIGITS:
        raise ConfigError(
            f"{_line(path, node)}: expected a number of at most {MAX_DIGITS} digits, found {len(node.value):,}. "
            "Quote it if it is a text"
        )


def _require_decimal(node: yaml.ScalarNode, path: Path) -> None:
    """Refuse numbers that YAML 1.1 does not read as decimal: 010 is 8, and 2:48 is 168."""
    if node.tag.endswith((":int", ":float")) and re.match(r"[-+]?(0[0-9_]|[0-9_.]*:)", node.value):
        raise ConfigError(
            f"{_line(path, node)}: expected a number without leading zeros and colons, found {node.value}. "
            "Quote it if it is a text"
        )


def _require_visible(node: yaml.ScalarNode, path: Path) -> None:
    for character in node.value:
        if _hides(character):
            raise ConfigError(
                f"{_line(path, node)}: expected text that can be seen, found the control character "
                f"U+{ord(character):04X}. Remove it"
            )


def _hides(character: str) -> bool:
    return (unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t") or character in _HIDING


def _line(path: Path, node: Any) -> str:
    return f"{path}: line {node.start_mark.line + 1}"
