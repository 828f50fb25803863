"""The documents of Model Monitor and Clarify: each kind is known by its keys, and another one is refused."""

from pathlib import Path
from typing import Any

import pytest

from config.errors import SourceError
from tasks.baselines import documents
from tasks.baselines.checks import checks
from tests.tasks.baselines.cases import case
from tests.tasks.baselines.documents import analysis, constraints


@pytest.mark.parametrize(
    ("document", "first"),
    [
        (constraints({"name": "age", "completeness": 1.0}), "completeness of age"),
        (
            {"regression_constraints": {"mae": {"threshold": 1, "comparison_operator": "GreaterThanThreshold"}}},
            "mae in regression_constraints",
        ),
        (analysis("origin", AD=0.1), "CI of origin=there"),
    ],
)
def test_each_kind_of_document_is_known_by_its_keys(document: dict[str, Any], first: str) -> None:
    assert checks(case(), "document.json", document)[0].check == first


def test_another_document_is_refused_with_its_keys() -> None:
    with pytest.raises(SourceError, match=r"x.json: expected constraints.json or analysis.json .* found a, b"):
        checks(case(), "x.json", {"a": 1, "b": 2})


@pytest.mark.parametrize("content", ["{", "[1]", None])
def test_what_is_no_json_object_is_refused(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "constraints.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(SourceError, match="expected a JSON"):
        documents.read(str(file))
