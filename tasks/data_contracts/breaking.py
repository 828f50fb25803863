"""Compares a use case's schema with its published contract: which changes break it, and which do not.

A change is *breaking* when rows that fit the published contract may be quarantined or refused, or when a column that
readers of the dataset know is gone or has another type. Other changes are *compatible*.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from config.use_case import UseCase
from tasks.data_contracts.odcs import Contract, contract_of
from tasks.data_contracts.odcs_columns import Keys, columns_of, schema_of

WIDENED = {("integer", "number")}
"""The changes of a type that every value survives: published, then new."""


@dataclass(frozen=True)
class Changes:
    """The differences between a published contract and a schema, as text."""

    breaking: tuple[str, ...]
    compatible: tuple[str, ...]

    @property
    def any(self) -> bool:
        """Whether there is one."""
        return bool(self.breaking or self.compatible)


def changes(published: Contract, use_case: UseCase) -> Changes:
    """Compare the published contract with a use case's schema. Raises ConfigError for a contract that can't be read."""
    old, old_key = columns_of(schema_of(published, use_case.name))
    new, new_key = columns_of(schema_of(contract_of(use_case, "0.0.0"), use_case.name))
    found = [*_removed(old, new), *_added(old, new), *_key(old_key, new_key)]
    for name in old.keys() & new.keys():
        found += _column(name, old[name], new[name])
    texts = {breaks: tuple(sorted(text for each, text in found if each == breaks)) for breaks in (True, False)}
    return Changes(texts[True], texts[False])


_Change = tuple[bool, str]
"""Whether it breaks the contract, and the change."""


def _removed(old: Mapping[str, Keys], new: Mapping[str, Keys]) -> Iterator[_Change]:
    for name in old.keys() - new.keys():
        yield True, f"{name}: expected the published column; it was removed"


def _added(old: Mapping[str, Keys], new: Mapping[str, Keys]) -> Iterator[_Change]:
    for name in new.keys() - old.keys():
        required = not new[name].get("nullable")
        yield required, f"{name}: a {'required' if required else 'nullable'} column was added"


def _key(old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[_Change]:
    if set(old) != set(new):
        # A shorter key, or the first one, must be unique among more rows.
        yield not (old and set(old) < set(new)) and bool(new), f"key: was {_listed(old)}; is {_listed(new)}"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none"


def _column(name: str, old: Keys, new: Keys) -> Iterator[_Change]:
    if old["type"] != new["type"]:
        yield (old["type"], new["type"]) not in WIDENED, f"{name}: type: was {old['type']}; is {new['type']}"
    if bool(old.get("nullable")) != bool(new.get("nullable")):
        required = not new.get("nullable")
        yield required, f"{name}: is {'required' if required else 'nullable'} now"
    for side, sign in (("minimum", 1), ("maximum", -1)):
        yield from _limit(name, side, sign, old.get(side), new.get(side))
    yield from _categories(name, old.get("categories"), new.get("categories"))
    yield from _length(name, old.get("max_length"), new.get("max_length"))
    if old.get("format") != new.get("format"):
        yield True, f"{name}: format: was {old.get('format', 'ISO 8601')}; is {new.get('format', 'ISO 8601')}"
    if old.get("header") != new.get("header"):
        yield True, f"{name}: header: was {old.get('header', name)}; is {new.get('header', name)}"
    if lost := sorted({*old.get("missing", ())} - {*new.get("missing", ())}):
        yield True, f"{name}: missing: {', '.join(map(repr, lost))} no longer means a missing value"
    if gained := sorted({*new.get("missing", ())} - {*old.get("missing", ())}):
        yield False, f"{name}: missing: {', '.join(map(repr, gained))} means a missing value now"
    for key in ("description", "sensitive", "ordered"):
        if old.get(key) != new.get(key):
            yield False, f"{name}: {key} has changed"


def _limit(name: str, side: str, sign: int, old: Any, new: Any) -> Iterator[_Change]:
    if old != new:
        yield new is not None and _narrower(old, new, sign), f"{name}: {side}: was {_shown(old)}; is {_shown(new)}"


def _narrower(old: Any, new: Any, sign: int) -> bool:
    comparable = _numbers(old, new) or (old is not None and type(old) is type(new))
    return not comparable or bool(new > old if sign > 0 else new < old)


def _numbers(old: Any, new: Any) -> bool:
    return isinstance(old, int | float) and isinstance(new, int | float)


def _shown(limit: Any) -> str:
    return "none" if limit is None else str(limit)


def _categories(name: str, old: list[str] | None, new: list[str] | None) -> Iterator[_Change]:
    if old is None and new is not None:
        yield True, f"{name}: categories: was any text; is {', '.join(new)}"
    elif old is not None and new is None:
        yield False, f"{name}: categories: is any text now"
    elif old is not None and new is not None:
        if lost := [text for text in old if text not in new]:
            yield True, f"{name}: categories: without {', '.join(lost)}"
        if gained := [text for text in new if text not in old]:
            yield False, f"{name}: categories: with {', '.join(gained)}"


def _length(name: str, old: int | None, new: int | None) -> Iterator[_Change]:
    if old != new:
        shorter = new is not None and (old is None or new < old)
        yield shorter, f"{name}: max_length: was {_shown(old)}; is {_shown(new)}"
