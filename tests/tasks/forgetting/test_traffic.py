"""A person's captured requests and scored rows, found by the inference ids of stored predictions."""

from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from tasks import locations, storage
from tasks.forgetting import traffic
from tasks.forgetting.places import FoundObject
from tasks.forgetting.traffic import Linked
from tasks.traffic import hours
from tasks.traffic.collect import collect
from tasks.traffic.spans import merged_profile, scored_batches
from tests.tasks.capture.captured import HOUR, body_of, case, line, one, put, row

NOW = HOUR + timedelta(minutes=70)


@pytest.fixture(autouse=True)
def no_traffic(bucket: str) -> None:
    for folder in (locations.capture("small_one"), locations.traffic("small_one")):
        if found := [f"{folder}/{name}" for name in storage.names(folder)]:
            storage.delete(found)


def predictions(folder: str, **columns: list[Any]) -> FoundObject:
    """The person's rows of stored predictions."""
    root = f"{locations.root('small_one')}/predictions/{folder}"
    return FoundObject(f"{root}/predictions.parquet", "predictions", root, pa.table(columns))


def test_predictions_are_linked_by_their_request_or_by_their_folder() -> None:
    new = predictions("20260131-120000-0a1b2c3d", input_row=[4], inference_id=["p-0"], inference_row=[1])
    old = predictions("20250131-120000-0a1b2c3d", input_row=[9])
    root = f"{locations.scores('small_one')}/results/d1"
    rows = pa.table({"input_row": [5]})
    scored = FoundObject(f"{root}/predictions/part-00000.parquet", "scores", root, rows)
    shard = FoundObject(
        "s3://b/small_one/scores/shards/s1/rows.parquet", "scores", "s3://b/small_one/scores/shards/s1", rows
    )
    found = traffic.linked([new, old, scored, shard])
    assert found.requests == {("p-0", 1)}
    assert found.folders == {("20260131-120000-0a1b2c3d", 1), ("20250131-120000-0a1b2c3d", 9), ("d1", 5)}


def test_a_request_leaves_captures_rows_and_profiles_and_the_other_rows_stay() -> None:
    use_case = case()
    put([one(0, inference_id="p-0"), one(1, inference_id="p-1")], "a")
    put([line(body_of([row(7), row(8)], "application/json"), inference_id="p-2")], "b")
    collect(use_case, NOW)
    person = Linked(frozenset({("p-1", 0), ("p-2", 1)}), frozenset())
    assert traffic.count(use_case, person) == 2
    put([one(5, inference_id="p-1"), one(6)], "late")  # not collected before
    traffic.remove(use_case, person)
    [hour] = hours.hours(use_case)
    ages = sorted(age for batch in scored_batches(use_case, [hour]) for age in batch.column("age").to_pylist())
    assert ages == sorted(row(number)["age"] for number in (0, 6, 7))
    profile = merged_profile(use_case, [hour])
    assert (profile.rows, hour.counts.rows, traffic.count(use_case, person)) == (3, 3, 0)
    assert profile.columns["age"].count == 3
    root, captured = locations.traffic("small_one"), locations.capture("small_one")
    named = {uri.rpartition("/")[2] for uri in hour.objects} | {"hour.json", "watermark.json"}
    assert {name.rpartition("/")[2] for name in storage.names(root)} <= named
    text = b"".join(storage.get(f"{captured}/{name}") for name in storage.names(captured))
    assert (text.count(b"p-0"), text.count(b"p-1"), text.count(b"p-2")) == (1, 0, 0)
    assert collect(use_case, NOW).rows == 0
    before = hour
    traffic.remove(use_case, person)
    assert hours.hours(use_case) == [before]


def test_an_hour_without_a_row_left_has_no_profile() -> None:
    use_case = case()
    put([one(0, inference_id="p-0")], "a")
    collect(use_case, NOW)
    traffic.remove(use_case, Linked(frozenset({("p-0", 0)}), frozenset()))
    [hour] = hours.hours(use_case)
    assert (hour.profile, hour.scored, hour.counts.rows) == (None, (), 0)
    assert list(storage.names(locations.capture("small_one"))) == []
