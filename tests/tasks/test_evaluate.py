import math

import pandas as pd
import pytest

from config.errors import GateError
from tasks import champion, storage
from tasks.evaluate import evaluate, finite, judge, require_metrics
from tasks.references import ModelEvaluation
from tests.endpoints import packed
from tests.scripts.models import small_model
from tests.tasks.releases import new_evaluation, new_model, new_split, new_use_case, of_split, take_steps
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
    judged = judge(case, "a", found)
    assert (judged.rows, judged.primary) == (1000, "roc_auc")
    assert judged.metrics == judged.baseline == judged.champion == good
    assert judge(case, "a", {**found, "champion": None}).champion is None
    for part, whose in (("metrics", "a"), ("baseline", "the naive prediction"), ("champion", "the champion")):
        with pytest.raises(GateError, match=f"expected a finite roc_auc of {whose}"):
            judge(case, "a", {**found, part: bad})


def test_the_evidence_of_a_job_is_read_and_that_of_an_older_version_is_absent() -> None:
    case, good = small_use_case(evaluation=GATES), {"roc_auc": 0.9, "f1": 0.5}
    old = {"rows": 1000, "metrics": good, "baseline": good, "champion": None}
    judged = judge(case, "a", old)
    assert (judged.intervals, judged.comparison, judged.latency_ms, judged.bytes, judged.alone) == (
        {}, None, None, None, None,
    )  # fmt: skip
    comparison = {
        "metric": "roc_auc", "difference": 0.1, "low": 0, "high": 0.2, "level": 0.95, "resamples": 9,
        "improvement": 0, "confidence_better": 0.99,
    }  # fmt: skip
    judged = judge(
        case, "a",
        {
            **old, "intervals": {"level": 0.95, "metrics": {"f1": [0.4, 0.6]}}, "comparison": comparison,
            "latency": {"median_ms": 0.1, "p95_ms": 0.2}, "bytes": 12, "alone": {"metric": "r2", "columns": {"x": 0.1}},
        },
    )  # fmt: skip
    assert judged.intervals == {"f1": (0.4, 0.6)}
    assert judged.comparison
    assert judged.comparison.confidence_better == 0.99
    assert (judged.latency_ms, judged.bytes) == (0.1, 12)
    assert judged.alone
    assert judged.alone.columns == {"x": 0.1}


def test_a_model_of_another_split_is_refused_before_a_job_starts(bucket: str) -> None:
    case = new_use_case()
    split, other = new_split(case), new_split(case)
    with pytest.raises(GateError, match=f"of split {split.digest}, found split {other.digest}"):
        evaluate.fn(case, split, new_model(case, other), None)


def test_challenger_and_champion_are_judged_on_the_same_rows_and_the_result_names_them(bucket: str) -> None:
    case = new_use_case()
    before = new_split(case)
    first = new_model(case, before, packed(small_model()))
    take_steps(case, before, of_split(before, first), new_evaluation(case, first, 0.8))

    split = new_split(case)
    rows = pd.DataFrame({"age": [15, 16, 17], "hours": [1.0, 39.0, 30.0], "colour": "red", "origin": "yes"})
    rows["passed"] = ["no", "yes", "no"]
    storage.put(f"{split.test_uri}/data.parquet", storage.parquet(rows))
    model = new_model(case, split, packed(small_model()))
    found = evaluate.fn(case, split, model, champion.find_champion.fn(case, model))
    assert (found.rows, found.model, found.split_digest) == (3, model, split.digest)
    assert found.champion == found.metrics
    assert found.baseline["roc_auc"] == 0.5
    now = champion.read(case)
    assert now
    assert found.champion_arn == now.model_package_arn
    assert set(storage.get_json(found.uri)["points"]["roc"]) >= {"yes"}
    assert found.intervals.keys() >= {"accuracy", "roc_auc"}
    assert found.comparison
    assert (found.comparison.difference, found.comparison.confidence_better) == (0, 0)
    assert found.latency_ms
    assert found.bytes == storage.size(model.model_uri)
    assert ModelEvaluation.model_validate_json(found.model_dump_json()) == found
