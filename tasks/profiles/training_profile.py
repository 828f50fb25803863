"""The profile of a split's training rows."""

from collections.abc import Iterable, Mapping

import pyarrow as pa

from config.use_case import UseCase
from tabular.columns import ColumnType
from tabular.derived import batch_with
from tasks import digests, locations, storage
from tasks.profiled_columns import profiled_columns
from tasks.profiles.sketches import Sketches, profile
from tasks.profiles.stored_profiles import SCHEMA_VERSION, Profile
from tasks.references import DataSplit
from tasks.rows import shards

SKETCHES, SUMMARY = "profile.bin", "profile.json"


def training_profile(use_case: UseCase, split: DataSplit, features: Mapping[str, ColumnType]) -> tuple[str, Profile]:
    """Return the folder of the profile of a split's training rows, and the profile. Creates it if it does not exist."""
    digest = digests.of_json([split.digest, features, SCHEMA_VERSION])
    folder = locations.training_profile(use_case.name, digest)
    if storage.find_manifest(folder) is None:
        needed = profiled_columns(use_case, features)
        sketches = profile_of(use_case, shards.batches(split.train_uri, needed), features)
        content = {SKETCHES: sketches.to_bytes(), SUMMARY: sketches.summary().model_dump_json(indent=1).encode()}
        storage.publish(folder, content, {"split": split.digest, "rows": sketches.rows, "features": list(features)})
    return folder, Profile.model_validate_json(storage.get(f"{folder}/{SUMMARY}"))


def profile_of(use_case: UseCase, batches: Iterable[pa.RecordBatch], features: Mapping[str, ColumnType]) -> Sketches:
    """Profile the `features` of stored rows, of which the derived ones are computed."""
    derived = {name: each for name, each in use_case.resolved.expressions.items() if name in features}
    return profile((batch_with(batch, derived) for batch in batches) if derived else batches, features)
