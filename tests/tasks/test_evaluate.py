import math

import pytest

from config.errors import GateError
from tasks.evaluate import finite, judge, require_metrics
from tests.use_cases import small_use_case

GATES = {"primary": "roc_auc", "gates": [{"metric": "f1", "at_least": 0.5}]}


def test_a_metric_that_decides_and_is_undefined_is_named_with_whose_it_is() -> None:
    case = small_use_case(evaluation=GATES)
    metrics = finite({"roc_auc": math.nan, "f1": 0.5, "accuracy": math.nan})
    with pytest.raises(GateError, match="expected a finite roc_auc of logistic on the held-out rows, found none"):
        require_metrics(case, "logistic", metrics)
    with pytest.raises(GateError, match="expected a finite roc_auc, f1 of logistic"):
        require_metrics(case, "logistic", {})
    with pytest.raises(GateError, match="expected a finite roc_auc of the champion"):
        require_metrics(case, "the champion", {"f1": 0.5}, ["roc_auc"])


def test_a_metric_that_decides_nothing_may_be_undefined() -> None:
    require_metrics(
        small_use_case(evaluation=GATES), "logistic", finite({"roc_auc": 0.9, "f1": 0.5, "recall": math.nan})
    )


def test_the_champions_figure_has_to_be_there_as_well() -> None:
    case, good, bad = small_use_case(evaluation=GATES), {"roc_auc": 0.9, "f1": 0.5}, {"roc_auc": math.nan, "f1": 0.5}
    found = {"rows": 1000, "metrics": good, "baseline": good, "champion": good}
    assert str(judge(case, "a", found)) == "1,000 held-out rows: roc_auc 0.9000, naive 0.9000, champion 0.9000"
    assert str(judge(case, "a", {**found, "champion": None})).endswith("no champion yet")
    for part, whose in (("metrics", "a"), ("baseline", "the naive prediction"), ("champion", "the champion")):
        with pytest.raises(GateError, match=f"expected a finite roc_auc of {whose}"):
            judge(case, "a", {**found, part: bad})
