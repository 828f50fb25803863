"""Imports a contract into a use case's YAML."""

import difflib
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import ValidationError

from config.errors import ConfigError
from config.explanations import explain
from config.use_case import UseCase, use_case_path
from tasks.data_contracts.odcs_columns import columns_of, schema_of
from tasks.data_contracts.published import read_contract
from tasks.data_contracts.yaml_columns import with_columns


@dataclass(frozen=True)
class Imported:
    """A use case's YAML with the columns of a contract."""

    path: Path
    """The file of the use case."""
    text: str
    """Its new content."""
    difference: tuple[str, ...]
    """The changed lines, each after `-` or `+`."""


def imported(contract: Path, use_case: str, name: str | None = None) -> Imported:
    """Return the YAML of a use case with the columns and the key of a contract's object `name`.

    Raises ConfigError when the contract can't be read, or when other parts of the use case do not fit its columns, such
    as a feature that the contract does not have. Writes nothing.
    """
    try:
        columns, key = columns_of(schema_of(read_contract(contract), name))
    except ConfigError as error:
        raise ConfigError(f"{contract}: {error}" if str(contract) not in str(error) else str(error)) from error
    path = use_case_path(use_case)
    before = path.read_text(encoding="utf-8")
    text = with_columns(before, columns, key)
    content = yaml.safe_load(text)
    try:
        UseCase.model_validate(content)
    except ValidationError as error:
        raise ConfigError(explain(error, f"{path} with the columns of {contract}", content)) from error
    lines = difflib.unified_diff(before.splitlines(), text.splitlines(), lineterm="", n=0)
    shown = tuple(line for line in lines if not line.startswith(("---", "+++", "@@")))
    return Imported(path, text, shown)
