"""The published contract of a use case: config/contracts/<use case>.yaml, with a semantic version."""

import re
from pathlib import Path

import yaml

from config import settings
from config.errors import ConfigError
from config.plain_yaml import read_yaml
from config.use_case import UseCase
from tasks.data_contracts.breaking import Changes, changes
from tasks.data_contracts.odcs import Contract, contract_of

FIRST = "1.0.0"
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")


def path_of(use_case: str) -> Path:
    """The path of a use case's published contract."""
    return settings.CONTRACTS / f"{use_case}.yaml"


def read_contract(path: Path) -> Contract:
    """Read a contract's file. Raises ConfigError when it is missing, is no YAML, or no mapping."""
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: expected a data contract, found {type(content).__name__}")
    return content


def published_changes(use_case: UseCase) -> Changes | None:
    """Compare a use case's schema with its published contract; None when it has none. Raises ConfigError."""
    path = path_of(use_case.name)
    if not path.is_file():
        return None
    try:
        return changes(read_contract(path), use_case)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}" if str(path) not in str(error) else str(error)) from error


def publish(use_case: UseCase, *, breaking: bool = False, path: Path | None = None) -> tuple[Path, str, Changes | None]:
    """Write the contract of a use case's schema. Returns its path, its version and what has changed.

    The first version is 1.0.0. A breaking change increases the first number, and any other change the second. Raises
    ConfigError for a breaking change without `breaking`, and writes nothing.
    """
    found = published_changes(use_case) if path is None else None
    path = path or path_of(use_case.name)
    if found and found.breaking and not breaking:
        listed = "\n".join(f"  {each}" for each in found.breaking)
        raise ConfigError(
            f"{path}: expected a schema that rows of the published contract fit, found breaking changes:\n{listed}\n"
            "Undo them, or agree on them with those who write and read these rows, and add --breaking"
        )
    version = _next(str(read_contract(path).get("version")), found) if found else FIRST
    if found is None or found.any:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(as_yaml(contract_of(use_case, version)), encoding="utf-8")
    return path, version, found


def _next(version: str, found: Changes) -> str:
    if not (parts := _VERSION.fullmatch(version)):
        raise ConfigError(f"version: expected three numbers such as 1.0.0, found {version!r}")
    major, minor, patch = map(int, parts.groups())
    if found.breaking:
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if found.compatible else f"{major}.{minor}.{patch}"


def as_yaml(contract: Contract) -> str:
    """Return a contract as the text of its file."""
    head = "# Open Data Contract Standard 3.1. `vishwaops contract export` writes it from the use case's YAML.\n"
    return head + yaml.safe_dump(contract, sort_keys=False, allow_unicode=True, width=120)
