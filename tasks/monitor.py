"""monitor: measure the drift of the scored rows from the model's training rows."""

from config.use_case import UseCase
from tasks import locations, names, storage
from tasks.profiled_columns import profiled_columns, profiled_features
from tasks.profiles.training_profile import SKETCHES, SUMMARY, profile_of, training_profile
from tasks.profiles.verdicts import feature_drifts, worst_verdict
from tasks.progress import log
from tasks.references import DataSplit, DriftReport, Predictions
from tasks.steps import step


@step(cached=True)
def monitor(use_case: UseCase, split: DataSplit, predictions: Predictions) -> DriftReport:
    """Profile the scored rows, compare the profile with that of the training rows, and return each feature's drift.

    Both profiles are stored in S3; the training profile is stored once per split. Neither has sensitive columns. With
    fewer training or scored rows than `monitoring.minimum_rows` the verdict is `too few rows`.
    """
    limits = use_case.monitoring
    features = profiled_features(use_case)
    training_folder, reference = training_profile(use_case, split, features)
    needed = profiled_columns(use_case, features)
    sketches = profile_of(use_case, storage.get_batches(predictions.uri, needed), features)
    scored = sketches.summary()
    drifts = feature_drifts(limits, reference, scored)

    folder = locations.profiles(use_case.name, names.stamp())
    storage.put(f"{folder}/{SKETCHES}", sketches.to_bytes())
    storage.put_json(f"{folder}/{SUMMARY}", scored.content())
    report = DriftReport(
        use_case=use_case.name,
        uri=f"{folder}/drift.json",
        reference_profile_uri=f"{training_folder}/{SUMMARY}",
        scored_profile_uri=f"{folder}/{SUMMARY}",
        rows=predictions.rows,
        verdict=worst_verdict(drifts) if min(reference.rows, scored.rows) >= limits.minimum_rows else "too few rows",
        features=tuple(drifts),
    )
    storage.put_json(report.uri, report.model_dump())
    log.info("monitor   %s", report.headline)
    return report
