"""All mistakes of an invalid use case: those of its keys, and those between the keys that are valid."""

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from config import consistency, explanations, settings
from config.errors import ConfigError
from config.plain_yaml import read_yaml
from config.use_case import UseCase, load_use_case, use_case_names


def mistakes(name: str) -> list[str]:
    """Return every mistake in the YAML of a use case, as `key: expected ..., found ...`; none for a valid one.

    Raises ConfigError when there is no such file, or it can't be read as YAML.
    """
    try:
        load_use_case(name)
    except ConfigError as error:
        if not isinstance(error.__cause__, ValidationError):
            raise
        content = read_yaml(_path(name))
        found = explanations.mistakes(error.__cause__, content)
        return list(dict.fromkeys([*found, *_between_valid_keys(content)]))
    return []


def _path(name: str) -> Path:
    return settings.USE_CASES / f"{name}.yaml" if name in use_case_names() else Path(name).expanduser()


def _between_valid_keys(content: Any) -> list[str]:
    """Return the mistakes between those keys that are valid by themselves."""
    if not isinstance(content, dict):
        return []
    case, found = UseCase.model_construct(None, **_valid(content)), list[str]()
    for rule in consistency.RULES:
        try:
            for problem in rule(case):
                found.append(problem)
        except AttributeError:  # it needs a key that is missing or invalid
            continue
    return found


def _valid(content: dict[str, Any]) -> dict[str, Any]:
    """Return the values of the valid keys, and the defaults of absent ones. Columns have no names yet."""
    valid = {}
    for name, field in UseCase.model_fields.items():
        if name not in content:
            continue
        try:
            valid[name] = TypeAdapter(field.rebuild_annotation()).validate_python(content[name])
        except ValidationError:
            continue
    if "columns" in valid:
        valid["columns"] = UseCase._columns_know_their_names(valid["columns"])
    return valid
