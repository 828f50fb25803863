"""Contributions: what each input column adds to a prediction. Together with the bias they are the prediction."""

import numpy as np
import pytest

from tests.scripts.compiled.models import Compiled, checked, json_rows, stored

NAMES = ("logistic_regression", "random_forest", "random_forest number", "ridge", "xgboost", "xgboost binary",
    "xgboost number")  # fmt: skip


@pytest.fixture(scope="module", params=NAMES)
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    return stored(request.param, tmp_path_factory.mktemp("model"))


def test_the_sum_is_the_margin_the_probability_or_the_number(both: Compiled) -> None:
    encoded = both.model.encode(checked(json_rows(200, seed=5), both.model.contract).values, 200)
    sums, output = both.model.contributions(encoded).sum(axis=-1), both.model.predict(encoded)
    algorithm = type(both.plain.pipeline[-1]).__name__
    if algorithm in ("XGBClassifier", "LogisticRegression"):
        if output.shape[1] == 2:
            expected = np.log(output[:, 1] / output[:, 0])
        else:  # the log-odds of classes have no fixed level
            sums, expected = sums - sums.mean(axis=1, keepdims=True), np.log(output)
            expected = expected - expected.mean(axis=1, keepdims=True)
    else:
        expected = output[:, -1] if output.ndim == 2 else output
    assert np.allclose(sums, expected, rtol=1e-4, atol=1e-5)


def test_an_input_that_does_not_matter_adds_nothing_and_one_that_does_adds_most(both: Compiled) -> None:
    rows = json_rows(200, seed=5)
    encoded = both.model.encode(checked(rows, both.model.contract).values, 200)
    parts = np.abs(both.model.contributions(encoded)).reshape(-1, len(both.model.contract.input_columns) + 1)
    names = [column.name for column in both.model.contract.input_columns]
    means = dict(zip(names, parts[:, :-1].mean(axis=0), strict=True))
    assert max(means, key=means.__getitem__) in ("age", "colour", "late")
    assert means["town"] < max(means.values()) / 2
