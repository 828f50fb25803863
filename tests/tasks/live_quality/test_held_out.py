"""Subgroups of the held-out rows have figures, also by columns that are no features."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from config.use_case import UseCase
from tasks import storage
from tasks.live_quality.held_out import held_out_figures
from tasks.live_quality.measured_figures import measure
from tasks.references import Champion
from tests.tasks.monitoring.live_hours import frame, held_out_predictions, released_case


def with_held_out(rows: pd.DataFrame, predicted: pd.DataFrame, **changes: Any) -> tuple[UseCase, Champion]:
    """A use case with a version, its held-out rows and its predictions of them."""
    case, champion = released_case(**changes)
    storage.put(f"{champion.split.test_uri}/part-00000.parquet", storage.parquet(rows))
    held_out_predictions(case, champion, predicted)
    return case, champion


@pytest.fixture
def rows() -> pd.DataFrame:
    """Answers with true values: `there` the model is always wrong."""
    found = frame(200).assign(id=pd.array(range(1, 201), "Int64"), input_row=range(200))
    origin = np.where(np.arange(200) % 2, "there", "here")
    other = found["prediction"].map({"yes": "no", "no": "yes"})
    truth = found["prediction"].where(origin == "here", other)
    return found.assign(origin=pd.array(origin, "string"), passed=truth.astype("string"))


TRUTH = ["id", "colour", "origin", "passed"]
ANSWERS = ["input_row", "id", "prediction", "probability_no", "probability_yes"]


def test_the_figures_are_those_of_the_same_rows_with_ground_truth(bucket: str, rows: pd.DataFrame) -> None:
    case, champion = with_held_out(rows[TRUTH], rows[ANSWERS])
    found = held_out_figures(case, champion.version, ["colour", "origin"], None)
    assert found["accuracy", ""] == 0.5
    assert (found["accuracy", "origin=here"], found["accuracy", "origin=there"]) == (1, 0)
    live = pa.Table.from_pandas(rows.rename(columns={"passed": "target"}), preserve_index=False)
    measured = {(each.metric, each.group): each.value for each in measure(case, live, None).figures}
    assert {name: found[name] for name in measured if "origin" not in name[1]} == pytest.approx(
        {name: value for name, value in measured.items() if "origin" not in name[1]}
    )


def test_rows_that_were_removed_since_are_left_out_by_their_key(bucket: str, rows: pd.DataFrame) -> None:
    case, champion = with_held_out(rows[TRUTH].drop(index=[3, 150]), rows[ANSWERS].drop(index=[3, 150]))
    assert held_out_figures(case, champion.version, ["origin"], None)["accuracy", "origin=here"] == 1


def test_without_a_key_the_rows_must_be_as_many_as_the_predictions(bucket: str, rows: pd.DataFrame) -> None:
    changed = rows[TRUTH].drop(index=[3])
    case, champion = with_held_out(changed, rows[ANSWERS], key=[])
    assert held_out_figures(case, champion.version, ["origin"], None) == {}


def test_a_version_without_held_out_predictions_has_none(bucket: str) -> None:
    case, champion = released_case()
    assert held_out_figures(case, champion.version, [], None) == {}
    assert held_out_figures(case, 9, [], None) == {}
