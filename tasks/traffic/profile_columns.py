"""Profiles with other columns, made one: a use case's features may change within an hour or a span."""

from collections.abc import Mapping, Sequence
from functools import reduce

from tasks.profiles import compact, merging
from tasks.profiles.stored_profiles import Profile


def merged(contents: Sequence[bytes]) -> bytes:
    """Return the compact profile of all rows of some compact profiles, of the columns that all of them have."""
    if len(contents) == 1:
        return contents[0]
    return compact.to_bytes(merging.merged(of_common_columns([compact.from_bytes(each) for each in contents])))


def of_common_columns(profiles: Sequence[Profile]) -> list[Profile]:
    """Return the profiles with the columns that all of them have with one type: a use case's features may change."""
    kinds = [_kinds(each) for each in profiles]
    common = reduce(lambda first, second: first & second, kinds) if kinds else set()
    if all(len(each) == len(common) for each in kinds):
        return list(profiles)
    return [each.model_copy(update={"columns": _only(each, common)}) for each in profiles]


def _kinds(found: Profile) -> set[tuple[str, str]]:
    return {(name, column.type) for name, column in found.columns.items()}


def _only(found: Profile, common: set[tuple[str, str]]) -> Mapping[str, object]:
    return {name: column for name, column in found.columns.items() if (name, column.type) in common}
