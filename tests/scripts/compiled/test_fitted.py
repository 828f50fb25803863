"""Reads the steps of a fitted pipeline: their values, and what is refused as unknown."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from tabular.compiled.fitted import steps_of
from tabular.compiled.steps import Number, OneHot, Scale, Step, Words
from tabular.compiled.text_encoding import text_encoder
from tabular.compiled.unknown import Unknown

TEXTS = ["one two three", "two two four", "three", "", "five one four six"]


def scaled() -> Pipeline:
    return make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())


def one_hot(**settings: Any) -> Pipeline:
    imputer = SimpleImputer(strategy="constant", fill_value="(missing)")
    return make_pipeline(imputer, OneHotEncoder(sparse_output=False, **settings))


def steps(transformers: list[tuple[str, Any, Any]], frame: pd.DataFrame, folder: Path, **ranked: Any) -> list[Step]:
    return steps_of(ColumnTransformer(transformers).fit(frame), ranked, folder)


def test_numbers_have_the_median_the_scale_and_an_indicator_where_rows_were_missing(tmp_path: Path) -> None:
    frame = pd.DataFrame({"age": [1.0, 3.0, 8.0, 4.0], "hours": [2.0, np.nan, 4.0, 4.0], "unused": [0, 0, 0, 0]})
    assert steps([("numbers", scaled(), ["age", "hours"])], frame, tmp_path) == [
        Number("age", 0, 3.5, Scale(4.0, 6.5**0.5)),
        Number("hours", 1, 4.0, Scale(3.5, 0.75**0.5), 2, Scale(0.25, 0.1875**0.5)),
    ]


def test_categories_follow_the_numbers_and_rare_ones_share_a_column(tmp_path: Path) -> None:
    colours = np.array(["red", "red", "blue", "green", "red", "green"], dtype=object)
    towns = np.array(["Ulm", None, None, "Ulm", None, "Ulm"], dtype=object)
    frame = pd.DataFrame({"age": np.arange(6.0), "colour": colours, "town": towns})
    encode = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="(missing)", missing_values=None),
        OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=2, sparse_output=False),
    )
    _, *found = steps([("numbers", scaled(), ["age"]), ("categories", encode, ["colour", "town"])], frame, tmp_path)
    assert found == [
        OneHot("colour", 1, 3, {"green": 0, "red": 1, "blue": 2}, other=2, missing=2),
        OneHot("town", 4, 2, {"(missing)": 0, "Ulm": 1}, other=None, missing=0),
    ]


def test_ordered_categories_follow_as_numbers_with_their_categories(tmp_path: Path) -> None:
    levels = ("low", "mid", "high")
    ordinals = OrdinalEncoder(categories=[list(levels)], handle_unknown="use_encoded_value", unknown_value=np.nan)
    frame = pd.DataFrame({"age": [1.0, 2.0, 3.0, 4.0], "level": ["mid", "high", "low", np.nan]})
    transformers = [("numbers", scaled(), ["age"]), ("ordinals", make_pipeline(ordinals, scaled()), ["level"])]
    _, found = steps(transformers, frame, tmp_path, level=levels)
    assert found == Number("level", 1, 1.0, Scale(1.0, 0.5**0.5), 2, Scale(0.25, 0.1875**0.5), levels)


def test_texts_are_encoded_as_by_scikit_learn(tmp_path: Path) -> None:
    hashing = HashingVectorizer(n_features=32, ngram_range=(1, 2), alternate_sign=False, norm=None)
    words = make_pipeline(hashing, TfidfTransformer(sublinear_tf=True), TruncatedSVD(3, random_state=0))
    frame = pd.DataFrame({"essay": TEXTS})
    transformer = ColumnTransformer([("text essay", words, "essay")]).fit(frame)
    (step,) = steps_of(transformer, {}, tmp_path)
    assert isinstance(step, Words)
    assert (step.places, step.hashes, step.ngrams) == ((0, 1, 2), 32, (1, 2))
    encode = text_encoder(step, tmp_path)
    for texts in (TEXTS, ["two unknown words words"], [""]):
        expected = transformer.transform(pd.DataFrame({"essay": texts}))
        assert np.allclose(encode(texts), expected, rtol=1e-12, atol=1e-15)
    assert np.any(encode(TEXTS[:1]))


@pytest.mark.filterwarnings("ignore:Skipping features without any observed values")
@pytest.mark.parametrize(
    ("name", "transformer", "found"),
    [
        ("splines", StandardScaler(), "transformer 'splines'"),
        ("numbers", scaled(), "a number without a value in the training rows"),
        ("categories", one_hot(drop="first"), "a one-hot encoder that drops categories"),
    ],
)
def test_an_unknown_part_of_a_pipeline_is_named(name: str, transformer: Any, found: str, tmp_path: Path) -> None:
    cells: dict[str, list[Any]] = {"numbers": [np.nan, np.nan], "splines": [1.0, 2.0], "categories": ["a", "b"]}
    frame = pd.DataFrame({"age": cells[name], "hours": ["a", "b"] if name == "categories" else [1.0, 2.0]})
    with pytest.raises(Unknown, match=f"^{found}$"):
        steps([(name, transformer, ["age", "hours"])], frame, tmp_path)


def test_a_remainder_is_known_only_where_it_is_dropped(tmp_path: Path) -> None:
    frame = pd.DataFrame({"age": [1.0, 2.0], "hours": [1.0, 2.0]})
    with pytest.raises(Unknown, match="transformer 'remainder'"):
        steps_of(ColumnTransformer([("numbers", scaled(), ["age"])], remainder="passthrough").fit(frame), {}, tmp_path)
