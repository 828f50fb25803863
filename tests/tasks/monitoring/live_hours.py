"""A use case with a registered version, its training rows, its held-out predictions, and stored hours of traffic."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import numpy as np
import pandas as pd
import pyarrow as pa

from config.use_case import UseCase
from tasks import locations, names, storage
from tasks.platform import platform
from tasks.profiled_columns import profiled_answers, profiled_features
from tasks.profiles import compact
from tasks.profiles.sketches import profile
from tasks.references import Champion, DataSplit, Predictions, TrafficCounts
from tasks.sagemaker import registry
from tasks.traffic.hours import Hour, replace
from tests.references import a_split
from tests.tasks.releases import new_split, new_use_case

MONITORING = {"psi_warning": 0.1, "psi_drift": 0.25, "minimum_rows": 50, "segments": ["colour"], "late_hours": 0}
START = datetime(2026, 11, 20, 8, tzinfo=UTC)


def released_case(rows: int = 600, **changes: Any) -> tuple[UseCase, Champion]:
    """A new use case with a registered version, its champion, which was trained on rows of `frame`."""
    case = new_use_case(**{"monitoring": MONITORING, **changes})
    split = new_split(case)
    storage.put(f"{split.train_uri}/part-00000.parquet", storage.parquet(frame(rows)))
    model = f"{locations.jobs(case.name)}/job/output/model.tar.gz"
    arn = registry.ensure_package(
        platform().model_package_group(case.name), uuid4().hex, description="a version", model=model,
        evaluation_uri="s3://bucket/evaluation.json", approved=True,
        facts={registry.EVALUATION: "e", "split_digest": split.digest},
    )  # fmt: skip
    found = Champion(
        use_case=case.name, model_package_arn=arn, version=1, model_uri=model, split=split, since=START, reason="first"
    )
    storage.put(locations.champion(case.name), found.model_dump_json().encode())
    return case, found


def frame(rows: int, seed: int = 1, **columns: Any) -> pd.DataFrame:
    """Rows with the features and the answers of `small_use_case`. `columns` replace columns."""
    chance = np.random.default_rng(seed)
    probability = chance.uniform(0.2, 0.8, rows)
    plain = {
        "age": pd.array(chance.integers(10, 30, rows), "Int64"),
        "colour": pd.array(chance.choice(["green", "red"], rows), "string"),
        "prediction": pd.array(np.where(probability > 0.5, "yes", "no"), "string"),
        "probability_no": 1 - probability,
        "probability_yes": probability,
    }
    return pd.DataFrame({**plain, **columns})


def held_out_predictions(case: UseCase, found: Champion, rows: pd.DataFrame, *, held_out: bool = True) -> Predictions:
    """The stored predictions of a version, of the held-out rows or of others."""
    folder = locations.predictions(case.name, names.stamp())
    storage.put(f"{folder}/predictions.parquet", storage.parquet(rows))
    manifest = {"model_package_arn": found.model_package_arn, "uri": f"{folder}/predictions.parquet"}
    storage.put_json(f"{folder}/{locations.MANIFEST}", {**manifest, "held_out": held_out})
    split: DataSplit = a_split(use_case=case.name)
    return Predictions(
        use_case=case.name, endpoint_name="e", trained_on=split, uri=manifest["uri"], rows=len(rows), sample=()
    )


def stored_hour(
    case: UseCase, start: datetime, rows: pd.DataFrame, version: int = 1, counts: TrafficCounts | None = None
) -> Hour:
    """Store an hour of traffic with these scored rows, and a segment for each colour."""
    segments = {f"colour={value}": rows[rows["colour"] == value] for value in sorted(set(rows["colour"]))}
    hour = Hour(
        hosted=f"{names.hosted_prefix(case)}{version}",
        version=version,
        variant=platform().variant,
        start=start,
        read=start,
        counts=counts or TrafficCounts(files=1, requests=len(rows), rows=len(rows)),
    )
    folder = hour.key.folder(case.name)
    stored = {"": f"{folder}/profile.bin", **{name: f"{folder}/{name}.bin" for name in segments}}
    for name, uri in stored.items():
        storage.put(uri, compact.to_bytes(_profiled(case, segments.get(name, rows))))
    hour = hour.model_copy(update={"profile": stored.pop(""), "segments": stored})
    replace(case.name, hour, None)
    return hour


def _profiled(case: UseCase, rows: pd.DataFrame) -> Any:
    batch = pa.RecordBatch.from_pandas(rows, preserve_index=False)
    return profile([batch], {**profiled_features(case), **profiled_answers(case)}).summary()
