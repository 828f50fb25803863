"""Replaces the columns and the key in a use case's YAML file. All other lines and their comments stay."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import yaml

from tasks.data_contracts.odcs_columns import Keys

_TOP = re.compile(r"^(?P<key>[A-Za-z_]\w*) *:", re.MULTILINE)


def with_columns(text: str, columns: Mapping[str, Keys], key: Sequence[str]) -> str:
    """Return the YAML text of a use case with these columns and this key."""
    text = _with_block(text, "columns", columns_text(columns))
    if key or re.search(r"^key *:", text, re.MULTILINE):
        text = _with_block(text, "key", f"key: {_flow(list(key))}\n", before="columns")
    return text


def columns_text(columns: Mapping[str, Keys]) -> str:
    """Return `columns:` as YAML, one column per line."""
    lines = (f"  {_flow(name)}: {_flow(keys)}\n" for name, keys in columns.items())
    return "columns:\n" + "".join(lines)


class _Dumper(yaml.SafeDumper):
    """Writes a time without quotes and without a tag, as `config.plain_yaml` reads it."""

    def choose_scalar_style(self) -> str:
        """Return the style of the next scalar: plain for a time, which has no character that needs quotes."""
        is_time = getattr(self.event, "tag", None) == "tag:yaml.org,2002:timestamp"
        return "" if is_time else super().choose_scalar_style()


def _flow(value: Any) -> str:
    plain = {name: _plain(part) for name, part in value.items()} if isinstance(value, dict) else value
    text = yaml.dump(plain, Dumper=_Dumper, default_flow_style=True, width=10**6, allow_unicode=True, sort_keys=False)
    return str(text).removesuffix("\n").removesuffix("\n...")


def _plain(value: Any) -> Any:
    return value if not isinstance(value, datetime) or value.time() != datetime.min.time() else value.date()


def _with_block(text: str, key: str, block: str, before: str = "") -> str:
    """Replace the lines of a top-level key, up to the blank line, the comment or the key after it."""
    starts = [(found["key"], found.start()) for found in _TOP.finditer(text)]
    for number, (name, start) in enumerate(starts):
        if name == key:
            end = starts[number + 1][1] if number + 1 < len(starts) else len(text)
            inside = text[start:end]
            kept = re.search(r"(?:\n(?:[ \t]*|#.*))*\n?\Z", inside)
            return text[:start] + block.rstrip("\n") + (kept[0] if kept else "\n") + text[end:]
    place = next((start for name, start in starts if name == before), len(text))
    return text[:place] + block + text[place:]
