"""Reads a YAML file into a checked model, with errors that name the file, the key, the expected and the found."""

import os
import re
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from config.errors import ConfigError


class Document(BaseModel):
    """A frozen, strict part of a configuration file: an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


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
    lines = [f"{path}: {error.error_count()} thing(s) to mend"]
    for detail in error.errors(include_url=False):
        key = ".".join(str(part) for part in detail["loc"]) or "(the whole file)"
        lines.append(f"  {key}: expected: {detail['msg']}; found: {_found(detail)}")
    return "\n".join(lines)


def _found(detail: Any) -> str:
    if detail["type"] == "missing":
        return "nothing"
    text = repr(detail["input"])
    return text if len(text) <= 120 else text[:117] + "..."
