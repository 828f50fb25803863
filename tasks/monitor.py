"""monitor: measure the drift of the scored rows from the model's training rows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from config.use_case import UseCase
from tabular.columns import ColumnType
from tabular.derived import batch_with
from tasks import digests, locations, names, storage
from tasks.profiled_columns import profiled_columns, profiled_features
from tasks.profiles.stored_profiles import SCHEMA_VERSION, Profile
from tasks.profiles.verdicts import feature_drifts
from tasks.progress import log
from tasks.references import DataSplit, DriftReport, FeatureDrift, Predictions
from tasks.references.serving import FeatureVerdict
from tasks.rows import shards
from tasks.steps import step

if TYPE_CHECKING:
    from tasks.profiles.sketches import Sketches

SKETCHES, SUMMARY = "profile.bin", "profile.json"


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
    sketches = _profile(use_case, storage.get_batches(predictions.uri, needed), features)
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


def training_profile(use_case: UseCase, split: DataSplit, features: Mapping[str, ColumnType]) -> tuple[str, Profile]:
    """Return the folder of the profile of a split's training rows, and the profile. Creates it if it does not exist."""
    digest = digests.of_json([split.digest, features, SCHEMA_VERSION])
    folder = locations.training_profile(use_case.name, digest)
    if storage.find_manifest(folder) is None:
        needed = profiled_columns(use_case, features)
        sketches = _profile(use_case, shards.batches(split.train_uri, needed), features)
        content = {SKETCHES: sketches.to_bytes(), SUMMARY: sketches.summary().model_dump_json(indent=1).encode()}
        storage.publish(folder, content, {"split": split.digest, "rows": sketches.rows, "features": list(features)})
    return folder, Profile.model_validate_json(storage.get(f"{folder}/{SUMMARY}"))


def _profile(use_case: UseCase, batches: Iterable[pa.RecordBatch], features: Mapping[str, ColumnType]) -> "Sketches":
    from tasks.profiles.sketches import profile  # whylogs takes seconds to import

    derived = {name: each for name, each in use_case.resolved.expressions.items() if name in features}
    return profile((batch_with(batch, derived) for batch in batches) if derived else batches, features)


def worst_verdict(drifts: Sequence[FeatureDrift]) -> FeatureVerdict:
    """Return the worst verdict of the features; `stable` without any profiled feature."""
    return drifts[0].verdict if drifts else "stable"
