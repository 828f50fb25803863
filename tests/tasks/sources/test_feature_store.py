"""Labels with features of the Feature Store, as far as they need no group."""

from pathlib import Path
from typing import Any

import pytest

from config.sources import FeatureStoreSource
from tasks.sources.feature_store import open_for, open_source
from tests.use_cases import small_use_case


def source(labels: Path) -> dict[str, Any]:
    return {
        "kind": "feature_store",
        "labels": {"kind": "location", "location": str(labels), "delimiter": ";"},
        "key": ["id"],
        "event_time": "decided",
        "groups": [{"use_case": "other_one", "group": "people", "features": ["age", "colour"]}],
    }


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    file = tmp_path / "labels.csv"
    file.write_text("id;decided;passed\n1;2026-01-03;no\n")
    return file


def test_the_source_is_described_by_its_labels_and_groups_and_has_the_labels_format(labels: Path) -> None:
    found = open_source(FeatureStoreSource.model_validate(source(labels)), "small_one", ())
    assert found.describe() == f"{labels} with features of people of other_one"
    assert found.format.delimiter == ";"


def test_the_types_of_keys_are_those_of_the_use_case(labels: Path) -> None:
    case = small_use_case(source=source(labels))
    assert open_for(case).known["id"] == case.columns["id"]  # type: ignore[attr-defined]


def test_joined_labels_are_joined_by_the_types_of_the_use_case(labels: Path, tmp_path: Path) -> None:
    marks = tmp_path / "marks.csv"
    marks.write_text("id,age\n01,12\n")
    wanted = source(labels)
    joins = [{"source": {"kind": "location", "location": str(marks)}, "on": ["id"]}]
    joined = {"kind": "joined", "base": wanted["labels"], "joins": joins}
    case = small_use_case(source={**wanted, "labels": joined})
    [found] = open_for(case).labels.batches()  # type: ignore[attr-defined]
    assert found["age"].to_pylist() == ["12"], "the integers 1 and 01 are equal"
