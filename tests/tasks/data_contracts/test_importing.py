"""Imports a contract into a use case's YAML."""

from pathlib import Path

import pytest

from config import settings
from config.errors import ConfigError
from config.use_case import load_use_case
from tasks.data_contracts.importing import imported
from tasks.data_contracts.odcs import contract_of
from tasks.data_contracts.published import as_yaml

NAME = "cake_popularity"


def test_only_changed_lines_are_shown_and_nothing_is_written(tmp_path: Path) -> None:
    contract, path = tmp_path / "contract.yaml", settings.USE_CASES / f"{NAME}.yaml"
    before = path.read_text()
    contract.write_text(as_yaml(contract_of(load_use_case(NAME), "1.0.0")).replace("maximum: 25", "maximum: 30"))
    found = imported(contract, NAME)
    assert found.path == path
    assert any(line.startswith("+") and "maximum: 30" in line for line in found.difference)
    assert "maximum: 30" in found.text
    assert path.read_text() == before


def test_an_error_names_the_contract(tmp_path: Path) -> None:
    contract = tmp_path / "contract.yaml"
    contract.write_text(as_yaml({**contract_of(load_use_case(NAME), "1.0.0"), "schema": []}))
    with pytest.raises(ConfigError, match=r"contract\.yaml: schema: expected one of"):
        imported(contract, NAME)
