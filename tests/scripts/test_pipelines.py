import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io

from config.settings import SCRIPTS
from tabular import contract_frames
from tabular.artefact import Artefact
from tabular.columns import Column
from tabular.contract import Contract
from tabular.features import CONSTANT, EMPTY, unusable
from tabular.pipelines import TEXT_FEATURES, build_pipeline

ROWS = 60
FEATURES = (
    Column("number", "number", nullable=True),
    Column("other", "number", nullable=True),
    Column("colour", "category", nullable=True),
)


def contract(*names: str) -> Contract:
    features = tuple(column for column in FEATURES if column.name in names)
    return Contract("small_one", "binary", "passed", ("no", "yes"), "roc_auc", features, 1)


def frame(**changes: Any) -> pd.DataFrame:
    chance = np.random.default_rng(1)
    columns = {
        "number": chance.normal(size=ROWS),
        "other": chance.normal(size=ROWS),
        "colour": chance.choice(["red", "green"], ROWS),
        "passed": ["no", "yes"] * (ROWS // 2),
    }
    return pd.DataFrame({**columns, **{name: np.full(ROWS, value) for name, value in changes.items()}})


def trained(
    terms: Contract, rows: pd.DataFrame, algorithm: str = "logistic_regression", **hyperparameters: Any
) -> Artefact:
    left_out = unusable(rows, [column.name for column in terms.features])
    pipeline = build_pipeline(terms, algorithm, hyperparameters, 1, left_out)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pipeline.fit(contract_frames.inputs(terms, rows), contract_frames.outputs(terms, rows))
    return Artefact(pipeline, terms, (0.5, 0.5))


def test_an_empty_or_constant_feature_has_no_information() -> None:
    rows = frame(number=np.nan, other=5.0, colour="red")
    assert unusable(rows, ["number", "other", "colour"]) == {"number": EMPTY, "other": CONSTANT, "colour": CONSTANT}
    rows.loc[0, ["other", "colour"]] = None
    assert unusable(rows, ["other", "colour"]) == {}, "that a value is missing may say something"


@pytest.mark.parametrize("algorithm", ["logistic_regression", "random_forest", "xgboost"])
@pytest.mark.parametrize(
    ("names", "changes"),
    [
        (("number", "other", "colour"), {"number": np.nan}),
        (("number", "other", "colour"), {"number": np.nan, "other": 5.0}),
        (("number", "colour"), {"number": np.nan}),
        (("number", "colour"), {"colour": None}),
        (("number", "colour"), {"colour": "red"}),
        (("number",), {}),
        (("colour",), {}),
    ],
)
def test_a_model_is_trained_without_it_and_takes_its_values_still(
    algorithm: str, names: tuple[str, ...], changes: dict[str, Any]
) -> None:
    terms = contract(*names)
    model = trained(terms, frame(**changes), algorithm)
    assert model.output(frame(**changes)).shape == (ROWS, 2)
    assert np.array_equal(model.output(frame(**changes)), model.output(frame(**dict.fromkeys(changes, None)))), (
        "what the training rows do not have decides nothing"
    )


def test_a_model_without_a_feature_can_be_stored(tmp_path: Path) -> None:
    model = trained(contract("number", "colour"), frame(colour=None))
    skops.io.dump(model.pipeline, tmp_path / "model.skops")
    loaded = skops.io.load(
        tmp_path / "model.skops", trusted=skops.io.get_untrusted_types(file=tmp_path / "model.skops")
    )
    assert list(loaded.feature_names_in_) == ["number", "colour"]


def test_weights_go_by_the_names_of_classes() -> None:
    model = trained(contract("number"), frame(), class_weight={"no": 1, "yes": 50})
    assert model.output(frame())[:, 1].mean() > 0.9


LEVELS = ("low", "mid", "high")
WORDED = (
    Column("level", "category", categories=LEVELS, ordered=True, nullable=True),
    Column("note", "text", nullable=True),
)


def worded(count: int = 60) -> pd.DataFrame:
    levels = [(*LEVELS, None)[number % 4] for number in range(count)]
    notes = [("good work", "bad\nwork", None)[number % 3] for number in range(count)]
    return pd.DataFrame({"level": levels, "note": notes, "passed": [["no", "yes"][n == "good work"] for n in notes]})


def encoded(model: Artefact, **columns: Any) -> np.ndarray:
    return model.features(pd.DataFrame({"level": ["low"], "note": ["work"], **columns}))


def test_an_ordered_category_is_encoded_by_its_rank_and_a_missing_one_by_the_median() -> None:
    terms = Contract("small_one", "binary", "passed", ("no", "yes"), "roc_auc", WORDED[:1], 1)
    model = trained(terms, worded())
    found = np.vstack([encoded(model, level=[level]) for level in (*LEVELS, None, "unknown")])
    low, mid, high, missing, unknown = found[:, 0]
    assert mid - low == pytest.approx(high - mid)
    assert low < mid < high
    assert missing == unknown == mid
    assert found[3, 1] != found[1, 1], "that a value is missing may say something"


@pytest.mark.parametrize("algorithm", ["logistic_regression", "random_forest", "xgboost"])
def test_a_text_is_learnt_by_its_words_by_every_algorithm(algorithm: str, tmp_path: Path) -> None:
    terms = Contract("small_one", "binary", "passed", ("no", "yes"), "roc_auc", WORDED, 1)
    model = trained(terms, worded(), algorithm)
    told = [float(model.output(worded(1).assign(note=note))[0, 1]) for note in ("Good!\n WORK", "bad work", "")]
    assert told[0] > 0.5 > max(told[1:])
    model.save(tmp_path, code=SCRIPTS)
    assert np.array_equal(Artefact.load(tmp_path).output(worded()), model.output(worded()))
    assert b"good" not in (tmp_path / "model.skops").read_bytes(), "words are hashed"


@pytest.mark.parametrize("note", ["good work", "words that no training row has", "\N{SNOWMAN}" * 500, "", None])
def test_the_encoded_text_is_bounded_whatever_the_words(note: str | None) -> None:
    terms = Contract("small_one", "binary", "passed", ("no", "yes"), "roc_auc", WORDED[1:], 1)
    found = encoded(trained(terms, worded()), note=[note])
    assert found.shape == (1, TEXT_FEATURES)
    assert np.abs(found).max() <= 1


def test_categories_of_arrow_s_dictionaries_train_the_same_model() -> None:
    features = (*FEATURES, WORDED[0])
    terms = Contract("small_one", "binary", "passed", ("no", "yes"), "roc_auc", features, 1)
    plain = frame().assign(level=worded()["level"])
    plain.loc[3, "colour"] = None
    compact = plain.astype({"colour": "category", "level": "category"})
    assert np.array_equal(trained(terms, plain).output(plain), trained(terms, compact).output(compact))
