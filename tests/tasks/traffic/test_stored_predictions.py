"""Predictions of a serverless endpoint as live traffic."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from config.use_case import UseCase
from tasks import locations, storage
from tasks.references.monitoring import TrafficCounts
from tasks.traffic import hours
from tasks.traffic.collect import collect
from tasks.traffic.spans import merged_profile, scored_batches
from tasks.traffic.stored_predictions import StoredPredictions, scored
from tests.tasks.capture.captured import HOUR, row
from tests.tasks.capture.captured import case as of_model

NOW = HOUR + timedelta(hours=1)
ARN = "arn:aws:sagemaker:us-east-1:000000000000:model-package/small-one/"


def case() -> UseCase:
    return of_model(name="serverless_one", hosting={"kind": "serverless"})


def stored(folder: str, numbers: list[int], *, with_ids: bool = True, version: str = "3", **manifest: Any) -> None:
    """Predictions as `predict` stores them."""
    frame = pd.DataFrame([{"input_row": number, **row(number)} for number in numbers])
    frame = frame.assign(prediction="yes", probability_no=0.25, probability_yes=0.75)
    if with_ids:
        frame = frame.assign(inference_id=f"{folder}-1", inference_row=range(len(numbers)))
    address = locations.predictions("serverless_one", folder)
    storage.put(f"{address}/predictions.parquet", storage.parquet(frame))
    content = {"model_package_arn": f"{ARN}{version}", "quarantined": 1, **manifest}
    storage.put_json(f"{address}/{locations.MANIFEST}", content)


def test_predictions_are_the_traffic_of_a_serverless_endpoint(bucket: str) -> None:
    stored("20261127-091500-aaaaaaaa", [4, 7])
    stored("20261127-091600-bbbbbbbb", [1], with_ids=False)  # of an earlier version of VishwaOps
    stored("20261127-091700-cccccccc", [2], held_out=True)
    stored("20261127-091800-dddddddd", [3], version="4")
    counts = collect(case(), NOW)
    assert counts == TrafficCounts(files=3, requests=3, rows=4, refused_rows=3)
    third, fourth = hours.hours(case())
    assert [(each.version, each.start, each.counts.rows) for each in (third, fourth)] == [(3, HOUR, 3), (4, HOUR, 1)]
    found = [each for batch in scored_batches(case(), [third]) for each in batch.to_pylist()]
    identities = [(each["event_id"], each["inference_id"], each["row"], each["hours"]) for each in found]
    assert identities == [
        ("20261127-091500-aaaaaaaa", "20261127-091500-aaaaaaaa-1", 0, 4.5),
        ("20261127-091500-aaaaaaaa", "20261127-091500-aaaaaaaa-1", 1, 7.5),
        ("20261127-091600-bbbbbbbb", None, 1, 1.5),
    ]
    assert found[0]["time"] == HOUR.replace(minute=15)
    assert merged_profile(case(), [third]).columns["prediction"].count == 3
    assert collect(case(), NOW) == TrafficCounts()


def test_what_score_stored_is_traffic_too(bucket: str) -> None:
    use_case = of_model(name="scoring_one", hosting={"kind": "serverless"})
    folder = f"{locations.scores(use_case.name)}/results/d1"
    for part in range(2):
        frame = pd.DataFrame([{"input_row": 2 * part + number, **row(number)} for number in range(2)])
        frame = frame.assign(prediction="no", probability_no=0.75, probability_yes=0.25)
        storage.put(f"{folder}/predictions/part-0000{part}.parquet", storage.parquet(frame))
    storage.put(f"{folder}/quarantine/part-00000.parquet", storage.parquet(frame))
    now = datetime.now(UTC)  # S3 knows when it was written
    manifest = {"model_package_arn": f"{ARN}5", "quarantined": 2, "scored_at": now.isoformat()}
    storage.put_json(f"{folder}/{locations.MANIFEST}", manifest)
    assert collect(use_case, now) == TrafficCounts(files=1, requests=1, rows=4, refused_rows=2)
    assert collect(use_case, now) == TrafficCounts()
    [hour] = hours.hours(use_case)
    assert (hour.version, hour.start) == (5, hours.hour_of(now))
    found = [
        each for batch in scored_batches(use_case, [hour], ["event_id", "row", "time"]) for each in batch.to_pylist()
    ]
    assert found == [{"event_id": "d1", "row": number, "time": now} for number in range(4)]


def test_predictions_that_are_not_parquet_are_counted(bucket: str) -> None:
    use_case = of_model(name="broken_one", hosting={"kind": "serverless"})
    folder = locations.predictions(use_case.name, "20261127-091500-aaaaaaaa")
    storage.put(f"{folder}/predictions.parquet", b"no")
    storage.put_json(f"{folder}/{locations.MANIFEST}", {"model_package_arn": f"{ARN}5"})
    assert collect(use_case, NOW) == TrafficCounts(files=1, requests=1, corrupt=1)
    [hour] = hours.hours(use_case)
    assert hour.profile is None
    assert hour.reasons[0].endswith("predictions.parquet: expected predictions in Parquet, found something else")


@pytest.mark.parametrize("manifest", [{"model_package_arn": "arn"}, {"model_package_arn": None}])
def test_predictions_of_no_registered_version_are_left_out(bucket: str, manifest: dict[str, Any]) -> None:
    before = len(hours.hours(case()))
    stored("20261127-092500-eeeeeeee", [1], **manifest)
    collect(case(), NOW)
    assert len(hours.hours(case())) == before


def test_rows_are_identified_by_their_request_or_by_their_source_and_what_they_lack_is_null() -> None:
    folder = StoredPredictions("predictions/20261127-091500-aaaaaaaa", f"{ARN}3", 3, HOUR, 0)
    batch = pa.RecordBatch.from_pydict({"input_row": [4, 7], "inference_row": [0, None], "prediction": ["no", "yes"]})
    found = scored(case(), folder, batch).to_pylist()
    assert [(each["row"], each["prediction"]) for each in found] == [(0, "no"), (7, "yes")]
    assert {each["event_id"] for each in found} == {"20261127-091500-aaaaaaaa"}
    assert [each["row"] for each in scored(case(), folder, batch.select(["input_row"])).to_pylist()] == [4, 7]
    assert (found[0]["inference_id"], found[0]["age"], found[0]["time"]) == (None, None, HOUR)
