"""monitor: have the rows that were scored moved away from those that the model was trained on?"""

from typing import Literal

from config.thresholds import Monitoring
from config.use_case import UseCase
from tasks import locations, names, storage
from tasks.progress import log
from tasks.references import DataSplit, DriftReport, FeatureDrift, Predictions
from tasks.steps import step

VERDICTS = ("stable", "warning", "drift")


@step(cached=True)
def monitor(use_case: UseCase, split: DataSplit, predictions: Predictions) -> DriftReport:
    """Profile the training rows and the scored rows, keep both profiles in S3, and judge each feature's drift.

    Sensitive columns are in neither profile. Below `monitoring.minimum_rows` there is no verdict.
    """
    from tasks.profiles import profile, psi  # whylogs takes a while to import

    limits = use_case.monitoring
    features = [name for name in use_case.features if not use_case.columns[name].sensitive]
    reference = profile(storage.get_parquet(f"{split.train_uri}/data.parquet"), features)
    scored = profile(storage.get_parquet(predictions.uri), features)
    drifts = []
    for name in features:
        found = psi(reference, scored, name, use_case.columns[name].type == "category")
        verdict = judge(limits, found.value, found.noise)
        drifts.append(FeatureDrift(feature=name, psi=found.value, noise=found.noise, verdict=verdict))
    drifts.sort(key=lambda drift: (VERDICTS.index(drift.verdict), drift.psi), reverse=True)

    folder = locations.profiles(use_case.name, names.stamp())
    storage.put(f"{folder}/reference.bin", reference.to_bytes())
    storage.put(f"{folder}/scored.bin", scored.to_bytes())
    report = DriftReport(
        use_case=use_case.name,
        uri=f"{folder}/drift.json",
        reference_profile_uri=f"{folder}/reference.bin",
        scored_profile_uri=f"{folder}/scored.bin",
        rows=predictions.rows,
        verdict=drifts[0].verdict if predictions.rows >= limits.minimum_rows else "too few rows",
        features=tuple(drifts),
    )
    storage.put_json(report.uri, report.model_dump())
    log.info(
        "monitor   %s over %d features; most moved: %s, %s",
        report.verdict,
        len(drifts),
        drifts[0].feature,
        drifts[0].shown,
    )
    return report


def judge(limits: Monitoring, value: float, noise: float) -> Literal["stable", "warning", "drift"]:
    """The verdict on one feature's PSI; what chance alone may make of so few rows is no drift."""
    if value <= noise:
        return "stable"
    if value >= limits.psi_drift:
        return "drift"
    return "warning" if value >= limits.psi_warning else "stable"
