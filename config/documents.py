"""Reads a YAML file into a checked model, with errors that name the file, the key, the expected and the found."""

import os
import re
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from config.errors import ConfigError


class Document(BaseModel):
    """A frozen, strict part of a configuration file: an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _knows_every_key(cls, content: Any) -> Any:
        unknown = [str(key) for key in content if key not in cls.model_fields] if isinstance(content, dict) else []
        if unknown:
            hints = [f"{key!r}{_did_you_mean(key, cls.model_fields)}" for key in unknown]
            raise ValueError(f"expected only the keys {', '.join(cls.model_fields)}; found {', '.join(hints)}")
        return content


Model = TypeVar("Model", bound=Document)


def read_document(path: Path, model: type[Model]) -> Model:
    """Return the YAML file at `path` as a `model`; `${NAME}` stands for an environment variable.

    Raises ConfigError when the file is missing, is not YAML, or does not fit the model.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: can't be read: {error.strerror}") from error
    try:
        content = yaml.safe_load(_expand(text, path))
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: is not YAML: {error}") from error
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise ConfigError(_explain(path, error)) from error


def _expand(text: str, path: Path) -> str:
    def value(match: re.Match[str]) -> str:
        name, default = match["name"], match["default"]
        if (found := os.environ.get(name, default)) is None:
            raise ConfigError(
                f"{path}: needs the environment variable {name}: expected a value, found it unset. "
                f"Set it: export {name}=..."
            )
        return found

    return re.sub(r"\$\{(?P<name>[A-Z_]+)(?::-(?P<default>[^}]*))?\}", value, text)


def _explain(path: Path, error: ValidationError) -> str:
    lines = [f"{path}: {error.error_count()} {'mistake' if error.error_count() == 1 else 'mistakes'}"]
    for detail in error.errors(include_url=False):
        key = ".".join(str(part) for part in detail["loc"])
        lines += [f"  {key}{': ' if key else ''}{line}" for line in _sentences(detail)]
    return "\n".join(lines)


def _sentences(detail: Any) -> list[str]:
    """What was expected and found; our own rules say both, one a line."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "value_error":
        return str(context["error"]).split("\n")
    if kind == "missing":
        return ["expected a value, found nothing"]
    if kind == "union_tag_invalid":
        return [f"{context['discriminator']}: expected one of {context['expected_tags']}; found {context['tag']!r}"]
    found = repr(detail["input"])
    hint = ". Quote it: YAML reads yes, no, on and off as true and false" if isinstance(detail["input"], bool) else ""
    return [f"expected: {detail['msg']}; found: {found if len(found) <= 120 else found[:117] + '...'}{hint}"]


def _did_you_mean(key: str, known: Iterable[str]) -> str:
    near = get_close_matches(key, known, n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""
