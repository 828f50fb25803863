"""A candidate that is fitted batch by batch: the pipeline that scikit-learn and XGBoost fit to a frame of all rows."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tabular import contract_frames
from tabular.channels import StoredRows
from tabular.collective import ALONE
from tabular.columns import Column
from tabular.contract import Contract
from tabular.derived import Derived
from tabular.distributed.encoding import fit_encoding, summarize
from tabular.distributed.fitting import fit, is_streamed, require_streamed
from tabular.engineered.choice import Choice
from tabular.folds import FoldKeys
from tabular.pipelines import build_pipeline
from tabular.recipe import Recipe, Rows
from tests.scripts.distributed.threads import on_ranks

FEATURES = (
    Column("amount", "number", nullable=True),
    Column("count", "integer", nullable=True),
    Column("place", "category", nullable=True),
    Column("level", "category", categories=("low", "mid", "high"), ordered=True, nullable=True),
    Column("same", "number"),
)
TWICE = Derived(name="twice", expression="amount * 2 - count", type="number")
MANY = Derived(name="many", expression="count > 20", type="category")
TERMS = Contract(
    "stored", "binary", "passed", ("no", "yes"), "roc_auc", FEATURES, 1, (TWICE, MANY),
    ("amount", "count", "place", "level", "same", "twice", "many"),
)  # fmt: skip


def frame(count: int = 1800) -> pd.DataFrame:
    """Rows with missing values in every column but one, and categories of few rows."""
    random = np.random.default_rng(5)
    places = random.choice([*"abc", *(f"rare {number}" for number in range(30))], count, p=[0.3] * 3 + [0.1 / 30] * 30)
    rows = pd.DataFrame(
        {
            "amount": random.normal(5e4, 1e4, count),
            "count": pd.array(random.integers(0, 40, count), dtype="Int64"),
            "place": places.astype(object),
            "level": random.choice(np.array(["low", "mid", "high"], dtype=object), count),
            "same": 4.0,
        }
    )
    for name in ("amount", "count", "place", "level"):
        rows.loc[random.random(count) < 0.08, name] = None
    chance = rows["amount"].fillna(5e4) / 1e4 - 5 + (rows["place"] == "a") + random.normal(0, 0.7, count)
    return rows.assign(passed=np.where(chance > 0, "yes", "no"))


def stored(folder: Path, rows: pd.DataFrame, parts: int = 1) -> StoredRows:
    """Write rows as a channel."""
    folder.mkdir()
    for number, places in enumerate(np.array_split(np.arange(len(rows)), parts)):
        rows.iloc[places].to_parquet(folder / f"part-{number}.parquet")
    return StoredRows((folder,), TERMS)


def in_frame(recipe: Recipe, rows: pd.DataFrame, held_out: pd.DataFrame | None = None) -> Any:
    return recipe.fit(Rows(rows, FoldKeys("random", np.zeros(len(rows)))), held_out)


@pytest.mark.parametrize(
    "hyperparameters",
    [
        {},
        {"class_weight": {"no": 1, "yes": 3}, "subsample": 0.8, "max_bin": 2000},
        {"early_stopping_rounds": 2, "learning_rate": 0.9},
    ],
)
def test_the_model_is_that_of_a_frame_in_any_number_of_files(tmp_path: Path, hyperparameters: dict[str, Any]) -> None:
    rows, held_out = frame(), frame(300)
    recipe = Recipe(TERMS, "xgboost", {"n_estimators": 30, **hyperparameters}, 1)
    expected = in_frame(recipe, rows, held_out)
    found = fit(recipe, stored(tmp_path / "train", rows, 3), stored(tmp_path / "held", held_out), ALONE)
    assert found.left_out == expected.left_out == {"same": "constant"}
    assert found.chosen == expected.chosen
    boosters = [each.pipeline["model"].get_booster().save_raw() for each in (found, expected)]
    assert boosters[0] == boosters[1]
    inputs = contract_frames.inputs(TERMS, held_out)
    assert np.array_equal(found.pipeline.predict_proba(inputs), expected.pipeline.predict_proba(inputs))


def test_the_encoding_of_two_ranks_is_scikit_learn_s(tmp_path: Path) -> None:
    rows = frame()
    whole = build_pipeline(TERMS, "xgboost", {}, 1, ["same"])["features"].fit(contract_frames.inputs(TERMS, rows))
    parts = [stored(tmp_path / "a", rows[:500]), stored(tmp_path / "b", rows[500:], 2)]
    for summaries in on_ranks(parts, lambda ranks, part: summarize(ranks, part, 16)):
        found = build_pipeline(TERMS, "xgboost", {}, 1, ["same"])["features"]
        fit_encoding(found, TERMS, summaries)
        assert summaries.unusable == {"same": "constant"}
        assert found.get_feature_names_out().tolist() == whole.get_feature_names_out().tolist()
        assert found.output_indices_ == whole.output_indices_
        inputs = contract_frames.inputs(TERMS, rows)
        assert np.allclose(found.transform(inputs), whole.transform(inputs), rtol=0, atol=1e-12)
        assert any("infrequent" in name for name in found.get_feature_names_out())


def test_three_classes_are_learnt_although_one_file_lacks_a_class(tmp_path: Path) -> None:
    terms = Contract("stored", "multiclass", "passed", ("a", "b", "c"), "log_loss", FEATURES[:1], 1)
    rows = frame(900).assign(passed=np.repeat(["a", "b", "c"], 300))
    folder = stored(tmp_path / "train", rows, 3).places
    recipe = Recipe(terms, "xgboost", {"n_estimators": 4}, 1)
    found = fit(recipe, StoredRows(folder, terms), None, ALONE).pipeline["model"]
    assert (found.n_classes_, found.objective) == (3, "multi:softprob")
    assert found.get_booster().save_raw() == in_frame(recipe, rows).pipeline["model"].get_booster().save_raw()


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(TERMS, "logistic_regression", {}, 1),
        Recipe(TERMS, "xgboost", {"tree_method": "exact"}, 1),
        Recipe(TERMS, "xgboost", {"booster": "gblinear"}, 1),
        Recipe(TERMS, "xgboost", {}, 1, choice=Choice(selection={"variance": 0.0})),
    ],
)
def test_several_instances_refuse_a_candidate_that_needs_all_rows(recipe: Recipe) -> None:
    assert not is_streamed(recipe)
    require_streamed(recipe, ALONE)
    with pytest.raises(ValueError, match=r"Use training\.instances: 1"):
        on_ranks([None, None], lambda ranks, _: require_streamed(recipe, ranks))
