"""The stage `validate` writes the rows that fit the schema to the feature group of the use case."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from config.use_case import load_use_case
from flows.lifecycle import stage
from tasks.feature_store.online import values_of
from tests.use_cases import content

ROWS = "id,age,colour,passed\n1,15,red,no\n2,99,red,yes\n3,20,,yes\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A use case of three rows, of which one does not fit."""
    plain: dict[str, Any] = content("student_enrollment") | {
        "name": "stored_people",
        "source": {"kind": "location", "location": str(tmp_path / "rows.csv")},
        "columns": {
            "id": {"type": "integer"},
            "age": {"type": "integer", "minimum": 10, "maximum": 30},
            "colour": {"type": "category", "nullable": True},
            "passed": {"type": "category", "categories": ["no", "yes"]},
        },
        "known_only_afterwards": [],
        "target": {"column": "passed", "task": "binary", "classes": ["no", "yes"]},
        "features": ["age", "colour"],
        "feature_store": {"group": "people", "key": ["id"], "features": ["age", "colour"]},
        "quality": {"minimum_rows": 1, "maximum_quarantined_share": 0.5},
    }
    plain.pop("derived", None)
    plain["evaluation"] = {"primary": "roc_auc", "gates": [{"metric": "roc_auc", "at_least": 0.6}]}
    (tmp_path / "rows.csv").write_text(ROWS)
    file = tmp_path / "stored_people.yaml"
    file.write_text(yaml.safe_dump(plain))
    return file


def test_only_rows_that_fit_can_be_read_by_their_key(path: Path, prefect: str) -> None:
    for name in ("ingest", "validate"):
        stage(name, str(path))
    found = values_of(load_use_case(str(path)), ["1", "2", "3"])
    assert found == {
        "1": {"id": "1", "age": "15", "colour": "red"},
        "3": {"id": "3", "age": "20", "colour": None},
    }
