"""A run for tests of pages. The objects at its addresses do not exist."""

from datetime import UTC, datetime
from typing import Any

from tasks.references import (
    Deployment,
    DriftReport,
    FeatureDrift,
    LifecycleRun,
    ModelEvaluation,
    Predictions,
    Reference,
    Release,
    StageRecord,
    TrainedModels,
    ValidatedDataset,
)
from tests.references import a_dataset, a_model, a_split

CASE = "small_one"
STARTED = datetime(2026, 1, 31, 9, 5, tzinfo=UTC)
PACKAGE = "arn:aws:sagemaker:us-east-1:000000000000:model-package/vishwaops-offline-small-one/3"
METRICS = {"roc_auc": 0.8123, "f1": 0.7012, "accuracy": 0.7544}
REPORT = {"quarantined": 7, "quarantined_by_column": {"age": 5, "colour": 2}}
POINTS = {
    "classes": ["no", "yes"],
    "confusion": [[61, 12], [18, 29]],
    "roc": {"yes": {"fpr": [0, 0.1, 0.3, 1], "tpr": [0, 0.6, 0.85, 1]}},
}


def references(**changes: Reference) -> dict[str, Reference]:
    """The output of each stage, by name. `changes` replace outputs or add stages."""
    dataset = a_dataset(use_case=CASE, digest="0123456789abcdef", rows=607)
    split = a_split(train_rows=360, validation_rows=120, test_rows=120, unused_features={"height": "constant"})
    metrics = {f"validation:{name}": value for name, value in METRICS.items()}
    models = tuple(
        a_model(candidate=name, algorithm=algorithm, job_name=f"small-one-{name}-5f3a9c1d2e7b4a60", seconds=seconds,
                metrics=metrics)
        for name, algorithm, seconds in (("logistic", "logistic_regression", 2.4), ("xgboost", "xgboost", 3.75))
    )  # fmt: skip
    return {
        "ingest": dataset,
        "validate": ValidatedDataset(
            use_case=CASE, dataset=dataset, uri="s3://b/v", quarantine_uri="s3://b/small_one/quarantine.parquet",
            report_uri="s3://b/r", rows=600, quarantined=7,
        ),
        "split": split,
        "train": TrainedModels(use_case=CASE, split_digest="s", models=models),
        "evaluate": evaluation(),
        "register": release(),
        "deploy": Deployment(
            use_case=CASE, endpoint_name="vishwaops-offline-small-one", endpoint_arn="arn", model_package_arn=PACKAGE,
            trained_on=split, changed=True,
        ),
        "predict": Predictions(
            use_case=CASE, endpoint_name="e", trained_on=split, uri="s3://b/p", rows=120, quality=0.8123,
            sample=({"row": "0", "answer": "yes, probability 0.83"}, {"row": "1", "answer": "no, probability 0.64"}),
        ),
        "monitor": DriftReport(
            use_case=CASE, uri="s3://b/m", reference_profile_uri="s3://b/rp", scored_profile_uri="s3://b/sp", rows=120,
            verdict="warning",
            features=(
                FeatureDrift(
                    feature="age", psi=0.182, verdict="warning", significant=True, p_value=0.0004,
                    change="distribution", statistic=41.2, degrees=9, moved=("range: 3 rows above 18",),
                ),
                FeatureDrift(feature="colour", psi=0.034, verdict="stable", p_value=0.4),
            ),
        ),
        **changes,
    }  # fmt: skip


def evaluation(**changes: Any) -> ModelEvaluation:
    """The evaluation of the first candidate, with a champion."""
    plain = {
        "use_case": CASE, "model": a_model(candidate="logistic"), "split_digest": "s", "job_name": "j",
        "job_arn": "arn", "uri": "s3://b/e", "rows": 120, "primary": "roc_auc", "metrics": METRICS,
        "baseline": {"roc_auc": 0.5, "accuracy": 0.61}, "champion": {"roc_auc": 0.79}, "champion_arn": PACKAGE,
        "intervals": {"roc_auc": (0.7251, 0.8896), "f1": (0.61, 0.78)}, "latency_ms": 0.0612, "bytes": 2_340_000,
        "comparison": {
            "metric": "roc_auc", "difference": 0.0223, "low": -0.011, "high": 0.055, "level": 0.95,
            "resamples": 1000, "improvement": 0.01, "confidence_better": 0.873,
        },
    }  # fmt: skip
    return ModelEvaluation(**{**plain, **changes})


def release(**changes: Any) -> Release:
    """An approved version."""
    plain = {
        "use_case": CASE, "model_package_arn": PACKAGE, "version": 3, "approved": True, "reasons": (),
        "mlflow_run_id": "8f14e45fceea167a5a36dedd4bea2543", "champion_arn": PACKAGE,
    }  # fmt: skip
    return Release(**{**plain, **changes})


def a_run(**changes: Reference) -> LifecycleRun:
    """A run of every stage; `validate` was reused."""
    records = tuple(
        StageRecord(
            use_case=CASE, run="20260131-090500-ab12", stage=stage, started=STARTED, seconds=0.4 + number * 1.3,
            ran=() if stage == "validate" else (stage,), reused=stage == "validate", reference=reference,
        )
        for number, (stage, reference) in enumerate(references(**changes).items())
    )  # fmt: skip
    return LifecycleRun(use_case=CASE, run="20260131-090500-ab12", started=STARTED, records=records)
