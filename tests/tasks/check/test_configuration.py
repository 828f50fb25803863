"""All mistakes of an invalid use case at once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.errors import ConfigError
from tasks.check.configuration import mistakes
from tests.use_cases import content


def written(folder: Path, changes: Mapping[str, Any]) -> str:
    path = folder / "rows.yaml"
    path.write_text(yaml.safe_dump({**content("student_grades"), "name": "other_rows", **changes}))
    return str(path)


def test_a_valid_use_case_has_no_mistakes(tmp_path: Path) -> None:
    assert mistakes("student_grades") == []
    assert mistakes(written(tmp_path, {})) == []


def test_mistakes_of_keys_and_those_between_valid_keys_are_found_together(tmp_path: Path) -> None:
    changes = {
        "split": {"by": "random", "seed": 7, "validation": 0.9, "test": 0.2},
        "quality": {"minimum_rows": 0, "maximum_quarantined_share": 2},
        "features": ["age", "age", "hsgpaa"],
        "candidates": [{"name": "a", "algorithm": "ridge", "hyperparameters": {"alpha": -1, "alfa": 1}}],
        "evaluation": {"primary": "f1", "gates": [{"metric": "rmse", "at_most": 13}]},
    }
    found = "\n".join(mistakes(written(tmp_path, changes)))
    for key in (
        "split.validation: expected a number below 0.5",
        "quality.minimum_rows: ",
        "quality.maximum_quarantined_share: ",
        "features: expected each column once, found 'age' again",
        "features: expected columns of the schema, found 'hsgpaa' (did you mean 'hsgpa'?)",
        "candidates.0.hyperparameters.alpha: ",
        "found 'alfa' (did you mean 'alpha'?)",
        "evaluation.primary: expected one of rmse, mae, r2",
    ):
        assert key in found


def test_each_mistake_is_listed_once_and_none_is_cut(tmp_path: Path) -> None:
    columns = {f"x{number}": {"type": "integr"} for number in range(40)}
    found = mistakes(written(tmp_path, {"columns": columns}))
    assert len(found) == len(set(found)) >= 40


def test_a_missing_file_and_one_that_is_no_yaml_are_errors(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="use case: expected one of"):
        mistakes("no_such_use_case")
    (tmp_path / "rows.yaml").write_text("a: [")
    with pytest.raises(ConfigError, match="is not YAML"):
        mistakes(str(tmp_path / "rows.yaml"))
