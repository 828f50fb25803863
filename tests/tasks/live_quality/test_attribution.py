"""Drift of attribution."""

import io
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from config.use_case import UseCase
from tabular.evidence.shap import evidence
from tabular.model_files import COMPILED_FILE
from tasks import storage
from tasks.live_quality.attribution import NDCG, RANK_CORRELATION, agreement, attribution
from tasks.live_quality.weeks import week_of
from tasks.platform import platform
from tasks.platform.seed import seed_use_case
from tasks.sagemaker import registry
from tests.sagemaker_local.support import unique
from tests.scripts.evidence.judged_rows import asked
from tests.scripts.models import COLUMNS, rows, saved_model, small_model
from tests.tasks.live_quality.live_rows import store_hour
from tests.tasks.live_quality.registered import EMPTY, register
from tests.use_cases import small_use_case

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
WEEK = week_of(MONDAY)


def test_the_same_order_of_columns_is_one_and_another_order_is_less() -> None:
    expected = np.array([3.0, 2.0, 1.0, 0.0])
    same = agreement(expected, np.tile([6.0, 5.0, 2.0, 1.0], (20, 1)))
    assert [same[NDCG].value, same[RANK_CORRELATION].value] == pytest.approx([1, 1])
    reverse = agreement(expected, np.tile([0.0, 1.0, 2.0, 9.0], (20, 1)))
    assert reverse[NDCG].value == pytest.approx(ndcg_score([expected], [[0, 1, 2, 9]]))
    assert reverse[NDCG].value < 0.9
    assert reverse[RANK_CORRELATION].value == pytest.approx(-1)


def test_the_interval_is_of_resampled_rows_and_a_single_column_has_no_order() -> None:
    live = np.abs(np.random.default_rng(1).normal(0, 1, (30, 4)))
    found = agreement(np.array([1.0, 0.9, 0.8, 0.7]), live)[RANK_CORRELATION]
    assert found.low is not None and found.high is not None
    assert found.low < found.high
    assert agreement(np.array([1.0]), np.ones((5, 1))) == {}


def model_archive(folder: Path, algorithm: str) -> bytes:
    saved_model(folder, algorithm)
    return packed(folder)


def packed(folder: Path) -> bytes:
    """The files of a folder as a model.tar.gz, without its code."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for path in sorted(folder.iterdir()):
            if path.is_file():
                tar.add(path, path.name)
    return content.getvalue()


def new_case(*features: str) -> UseCase:
    """A use case of the model, or with other features."""
    known = features or ("age", "hours", "colour", "origin")
    case = small_use_case(name=unique("attr").replace("-", "_")[:20], columns=COLUMNS, features=list(known))
    seed_use_case(case.name)
    return case


def live_rows(count: int = 60) -> list[dict[str, Any]]:
    """Rows as those that the model was trained on."""
    frame = rows(small_model("xgboost").contract, count, seed=9).drop(columns="passed")
    return [{**row, "inference_id": f"{place}"} for place, row in enumerate(frame.to_dict("records"))]


def test_live_rows_are_explained_by_the_registered_model_and_compared_with_its_evaluation(
    bucket: str, tmp_path: Path
) -> None:
    case = new_case()
    shap = evidence(asked("xgboost"))
    version = register(case, {"metrics": {}, "shap": shap}, model_archive(tmp_path, "xgboost"))
    store_hour(case, MONDAY, live_rows(), version)
    found = {each.metric: each for each in attribution(case, WEEK)}
    assert found.keys() == {NDCG, RANK_CORRELATION}
    assert found[NDCG].value == pytest.approx(1, abs=1e-6)
    assert (found[NDCG].rows, found[NDCG].reference) == (60, 1.0)


def test_another_order_of_columns_at_the_evaluation_is_drift_below_clarifys_bound(bucket: str, tmp_path: Path) -> None:
    case = new_case()
    shap = {"columns": {"age": 9.0, "colour": 3.0, "origin": 1.0}}
    version = register(case, {"metrics": {}, "shap": shap}, model_archive(tmp_path, "xgboost"))
    store_hour(case, MONDAY, live_rows(), version)
    found = {each.metric: each for each in attribution(case, WEEK, version)}
    assert found[NDCG].value < 0.9


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("evidence", "its evaluation has no SHAP values"),
        ("plain", "the model has no compiled form"),
        ("archive", "it was changed"),
        ("rows", "expected 10 rows or more, found 3"),
        ("columns", "expected the model's features in the use case, found no hours, origin"),
    ],
)
def test_the_reason_is_logged_where_nothing_is_measured(
    bucket: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, change: str, reason: str
) -> None:
    case = new_case(*(("age", "colour") if change == "columns" else ()))
    archive = EMPTY if change in ("evidence", "rows") else model_archive(tmp_path, "xgboost")
    if change == "plain":
        (tmp_path / COMPILED_FILE).unlink()
        archive = packed(tmp_path)
    shap = None if change == "evidence" else {"columns": {"age": 1.0}}
    version = register(case, {"metrics": {}, "shap": shap}, archive)
    if change == "archive":
        package = registry.find_version(platform().model_package_group(case.name), version)
        assert package
        storage.put(registry.model_uri(package), archive + b"more")
    store_hour(case, MONDAY, live_rows(3 if change == "rows" else 20), version)
    with caplog.at_level("INFO"):
        assert attribution(case, WEEK) == ()
    assert f"version {version}: not measured: " in caplog.text
    assert reason in caplog.text
