"""The measured coverage of intervals and sets."""

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import binomtest

from tabular.calibration.conformal import fit
from tabular.calibration.file import Calibration
from tabular.evidence.prediction_sets import evidence
from tabular.evidence.shares import share_interval
from tests.scripts.evidence.answers import a_contract, answers
from tests.scripts.evidence.grouped import GROUPS, grouped, settings


def measured(task: str, coverage: float = 0.9, **changes: Any) -> dict[str, Any]:
    """The evidence of a model whose quantiles are of other rows."""
    conformal = fit(a_contract(task), *answers(task, 5_000, seed=9), coverage)
    found = evidence(grouped(task, calibration=Calibration(rows=5_000, conformal=conformal), **changes))
    assert found
    return dict(json.loads(json.dumps(found, allow_nan=False)))


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_the_coverage_is_measured_overall_and_in_each_group(task: str) -> None:
    found = measured(task, seed=5)
    by_group = found["columns"]["group"]
    assert [each["group"] for each in by_group] == list(GROUPS)
    assert sum(each["rows"] for each in by_group) == found["rows"] == 900
    share = sum(each["rows"] * each["coverage"] for each in by_group) / 900
    assert found["coverage"] == pytest.approx(share)
    first, second, worse = by_group
    assert worse["high"] < 0.9  # its answers are those of other rows
    assert min(first["high"], second["high"]) > 0.9
    assert found["low"] < found["coverage"] < found["high"]


def test_each_class_is_measured_and_the_sets_are_counted_by_size() -> None:
    found = measured("multiclass", 0.8)
    assert list(found["classes"]) == ["no", "yes", "maybe"]
    assert sum(each["rows"] for each in found["classes"].values()) == 900
    assert sum(found["sizes"].values()) == 900
    assert found["size"] == pytest.approx(sum(int(size) * rows for size, rows in found["sizes"].items()) / 900)
    assert measured("multiclass", 0.95)["size"] > found["size"]


def test_a_width_has_the_target_s_unit_and_none_without_bounds() -> None:
    truth, output = answers("regression", 5_000, seed=9)
    found = measured("regression")
    assert found["size"] == pytest.approx(2 * np.sort(np.abs(truth - output))[4_500])
    few = Calibration(rows=3, conformal=fit(a_contract("regression"), truth[:3], output[:3], 0.9))
    endless = evidence(grouped("regression", calibration=few))
    assert endless
    assert (endless["size"], endless["coverage"]) == (None, 1.0)


def test_small_groups_are_counted_and_models_without_quantiles_have_no_evidence() -> None:
    group = pa.array(["a"] * 880 + ["b"] * 20)
    *_, small = measured("binary", columns={"group": group}, settings=settings(least=30))["columns"]["group"]
    assert small == {"group": "b", "rows": 20, "coverage": None}
    assert evidence(grouped()) is None
    assert evidence(grouped(calibration=Calibration(rows=9))) is None


@pytest.mark.parametrize(("hits", "rows"), [(0, 5), (5, 5), (540, 600), (1, 2)])
def test_the_interval_of_a_share_is_clopper_and_pearson_s(hits: int, rows: int) -> None:
    theirs = binomtest(hits, rows).proportion_ci(0.95, method="exact")
    assert share_interval(hits, rows, 0.95) == pytest.approx((theirs.low, theirs.high))
