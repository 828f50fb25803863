"""What the live traffic of a model version is compared with: its training rows, and its predictions of held-out rows.

s3://<monitoring bucket>/<use case>/profiles/models/<digest>/  profile.json and manifest.json, made once per version
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from config.errors import MissingInput
from config.use_case import UseCase
from tabular.derived import batch_with
from tasks import champion, digests, locations, storage
from tasks.platform import platform
from tasks.profiled_columns import profiled_answers, profiled_columns, profiled_features
from tasks.profiles.sketches import Sketches
from tasks.profiles.stored_profiles import SCHEMA_VERSION, Profile
from tasks.profiles.training_profile import SUMMARY, profile_of, training_profile
from tasks.progress import log
from tasks.references import DataSplit, Predictions
from tasks.rows import shards
from tasks.sagemaker import registry
from tasks.steps import step

MOST_PREDICTIONS = 200
"""The latest batches of predictions that are searched for those of the held-out rows."""


@dataclass(frozen=True)
class ModelVersion:
    """A registered version, as far as its reference profile depends on it."""

    arn: str
    model_uri: str
    split: DataSplit


def reference_profile(use_case: UseCase, version: int, segment: str = "") -> Profile:
    """Return the profile of the rows that a version was trained on, with its predictions of the held-out rows.

    `segment`, such as `school=GP`, limits both to the rows with that value. The profile is stored when it is first
    needed. A baseline that was imported for the version replaces it, except for segments. Without predictions of the
    held-out rows it has only features. Raises MissingInput when the version or its split does not exist, and when its
    rows do not have the use case's columns: they have changed since.
    """
    found = model_version(use_case, version)
    try:
        return _reference(use_case, found, version, segment)
    except (KeyError, pa.ArrowException) as error:
        raise MissingInput(
            f"{use_case.name}: expected the use case's columns in the rows that version {version} was trained on, "
            "found others: the columns have changed since. Train a version with them"
        ) from error


def _reference(use_case: UseCase, found: ModelVersion, version: int, segment: str) -> Profile:
    if not segment and (imported := storage.find_manifest(imported_folder(use_case, found))) is not None:
        log.info("monitor   version %d is compared with the baseline %s", version, imported["source"])
        return _stored(imported_folder(use_case, found))
    complete = _folder(use_case, found, segment)
    if storage.find_manifest(complete) is not None:
        return _stored(complete)
    if (uri := held_out_predictions(use_case, found.arn)) is not None:
        return _publish(use_case, found, segment, uri)
    log.info(
        "monitor   version %d: no predictions of held-out rows, so the drift of predictions is not judged", version
    )
    return _training(use_case, found, segment)


@step()
def store_reference(use_case: UseCase, predictions: Predictions) -> None:
    """Store the reference profile of the version whose predictions of the held-out rows these are.

    Other predictions, and those of a version that no longer exists, change nothing.
    """
    manifest = storage.find_manifest(predictions.uri.rpartition("/")[0]) or {}
    if not manifest.get(locations.HELD_OUT):
        return
    if (package := registry.find_package(str(manifest.get("model_package_arn")))) is not None:
        found = _of_package(use_case, package)
        if storage.find_manifest(_folder(use_case, found, "")) is None:
            _publish(use_case, found, "", predictions.uri)


def store_imported(use_case: UseCase, version: int, profile: Profile, source: str) -> str:
    """Store a profile as what the live traffic of a version is compared with, and return its address.

    `source` names where it comes from. An earlier one is replaced. Raises MissingInput as `reference_profile`.
    """
    folder = imported_folder(use_case, model_version(use_case, version))
    storage.put(f"{folder}/{SUMMARY}", profile.model_dump_json(indent=1).encode())
    storage.put_json(f"{folder}/{locations.MANIFEST}", {"version": version, "source": source, "rows": profile.rows})
    return f"{folder}/{SUMMARY}"


def model_version(use_case: UseCase, version: int) -> ModelVersion:
    """Return a registered version. Raises MissingInput when it, or the split that it was trained on, does not exist."""
    group = platform().model_package_group(use_case.name)
    if (package := registry.find_version(group, version)) is None:
        raise MissingInput(f"{use_case.name}: expected version {version} in {group}, found none")
    return _of_package(use_case, package)


def _of_package(use_case: UseCase, package: Mapping[str, Any]) -> ModelVersion:
    split = champion.split_of(use_case, package)
    return ModelVersion(package["ModelPackageArn"], registry.model_uri(package), split)


def imported_folder(use_case: UseCase, version: ModelVersion) -> str:
    """The folder of the imported baseline of a version."""
    return locations.imported_profile(use_case.name, digests.of_json([version.arn, version.model_uri]))


def _folder(use_case: UseCase, version: ModelVersion, segment: str) -> str:
    # A group that was deleted and made again numbers its packages from 1: the ARN alone is not unique.
    identity = [version.arn, version.model_uri, version.split.digest]
    columns = [profiled_features(use_case), profiled_answers(use_case)]
    digest = digests.of_json([*identity, *columns, segment, SCHEMA_VERSION])
    return locations.model_profile(use_case.name, digest)


def _stored(folder: str) -> Profile:
    return Profile.model_validate_json(storage.get(f"{folder}/{SUMMARY}"))


def _training(use_case: UseCase, version: ModelVersion, segment: str) -> Profile:
    features = profiled_features(use_case)
    if not segment:
        return training_profile(use_case, version.split, features)[1]
    column, _, value = segment.partition("=")
    needed = profiled_columns(use_case, [*features, column])
    rows = _of_segment(use_case, shards.batches(version.split.train_uri, needed), column, value)
    return profile_of(use_case, rows, features).summary()


def _publish(use_case: UseCase, version: ModelVersion, segment: str, predictions_uri: str) -> Profile:
    training, answers = _training(use_case, version, segment), _answers(use_case, segment, predictions_uri).summary()
    found = Profile(rows=training.rows, columns={**training.columns, **answers.columns})
    manifest = {"version": version.arn, "split": version.split.digest, "predictions": predictions_uri}
    if segment:
        manifest["segment"] = segment
    folder = _folder(use_case, version, segment)
    storage.publish(folder, {SUMMARY: found.model_dump_json(indent=1).encode()}, manifest)
    return found


def _answers(use_case: UseCase, segment: str, uri: str) -> Sketches:
    answers = profiled_answers(use_case)
    column, _, value = segment.partition("=")
    batches = storage.get_batches(uri, [*answers, *(profiled_columns(use_case, [column]) if segment else ())])
    return profile_of(use_case, _of_segment(use_case, batches, column, value) if segment else batches, answers)


def _of_segment(
    use_case: UseCase, batches: Iterator[pa.RecordBatch], column: str, value: str
) -> Iterator[pa.RecordBatch]:
    derived = {name: each for name, each in use_case.resolved.expressions.items() if name == column}
    for batch in batches:
        values = batch_with(batch, derived).column(column) if derived else batch.column(column)
        yield batch.filter(pc.equal(values.cast(pa.string()), value))


def held_out_predictions(use_case: UseCase, arn: str) -> str | None:
    """The latest predictions of the held-out rows by a version."""
    manifests: Sequence[str] = storage.newest(
        f"{locations.root(use_case.name)}/predictions", locations.MANIFEST, MOST_PREDICTIONS
    )
    for each in map(storage.get_json, manifests):
        if each.get(locations.HELD_OUT) and each["model_package_arn"] == arn:
            return str(each["uri"])
    return None
