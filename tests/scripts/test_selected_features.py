"""What a fitted pipeline selects: features that are left out, and the record in the archive."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from tabular.columns import Column
from tabular.contract import Contract
from tabular.engineered.choice import Choice
from tabular.engineered_features import Engineered
from tabular.pipelines import build_pipeline
from tabular.selected_features import FILE, SelectedFeatures, selected_features

FEATURES = (Column("age", "number"), Column("hours", "number"), Column("colour", "category"))
ENGINEERED = (
    Engineered(name="unused", kind="count", of=("colour",)),
    Engineered(name="long", kind="bins", of=("hours",), edges=(-1.0,)),
    Engineered(name="old", kind="bins", of=("age",), edges=(50.0,)),
)
CONTRACT = Contract("small", "regression", "score", (), "r2", FEATURES, 1, engineered=ENGINEERED)
FRAME = pd.DataFrame({"age": np.arange(100.0), "hours": np.arange(100.0) % 7, "colour": np.repeat(["red", "blue"], 50)})
BY_VARIANCE = {"variance": 0.0}
"""It leaves out the only bin of `long`."""


def chosen(selection: Mapping[str, Any] | None, reduction: Mapping[str, Any] | None) -> SelectedFeatures | None:
    """Fit a pipeline without the feature `unused`, and return what it selects."""
    pipeline: Pipeline = build_pipeline(CONTRACT, "ridge", {}, 1, ["unused"], Choice(selection, reduction))
    return selected_features(pipeline.fit(FRAME, np.arange(100.0)), CONTRACT, ["unused"])


def test_a_feature_of_which_nothing_is_kept_is_left_out() -> None:
    assert chosen(BY_VARIANCE, None) == SelectedFeatures(7, 6, ("long",), None)
    assert chosen(BY_VARIANCE, {"components": 2}) == SelectedFeatures(7, 6, ("long",), 2)
    assert chosen(None, {"components": 3}) == SelectedFeatures(7, 7, (), 3)


def test_a_pipeline_that_takes_every_feature_selects_nothing() -> None:
    assert chosen(None, None) is None


def test_the_choice_is_one_line_of_the_log_and_a_record(tmp_path: Path) -> None:
    some = SelectedFeatures(7, 4, ("long", "town"), 2)
    expected = "Selected: 4 of 7 encoded features, without long, town; 2 principal components of them"
    assert some.headline == expected
    assert SelectedFeatures(7, 7, (), None).headline == "Selected: 7 of 7 encoded features"
    some.write(tmp_path)
    record = json.loads((tmp_path / FILE).read_text(encoding="utf-8"))
    assert record == {"encoded": 7, "kept": 4, "left_out": ["long", "town"], "components": 2}
