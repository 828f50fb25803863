"""A truth finds its prediction by InferenceId, or by key and time."""

from datetime import UTC, datetime

import pandas as pd
import pyarrow as pa

from config.use_case import UseCase
from tasks import locations, storage
from tasks.ground_truth import land
from tasks.ground_truth.keys import names
from tasks.ground_truth.resolved import resolved_truths, truths


def predicted(case: UseCase, name: str, ids: list[int], **manifest: object) -> None:
    """Store predictions of keys, as `predict` does."""
    frame = pd.DataFrame({"id": ids, "inference_id": f"{name}-0", "inference_row": range(len(ids))})
    storage.publish(
        locations.predictions(case.name, name), {"predictions.parquet": storage.parquet(frame)}, dict(manifest)
    )


def known(case: UseCase) -> list[tuple[str, int, str]]:
    found = truths(case).to_pylist()
    return [(row["inference_id"], row["row"], row["target"]) for row in found]


def test_the_later_value_of_an_inference_counts_whatever_the_order_of_rows(case: UseCase) -> None:
    land(case, pa.table({"inference_id": ["a", "a", "b"], "inference_row": [1, 0, 0], "passed": ["yes", "no", "no"]}))
    land(case, pa.table({"inference_id": ["b", "c"], "passed": ["yes", "no"]}))
    assert known(case) == [("a", 0, "no"), ("a", 1, "yes"), ("b", 0, "yes"), ("c", 0, "no")]


def test_groups_that_a_correction_does_not_name_stay(case: UseCase) -> None:
    land(case, pa.table({"inference_id": ["a"], "passed": ["yes"], "colour": ["red"]}))
    land(case, pa.table({"inference_id": ["a"], "passed": ["no"]}))
    assert truths(case).select(["target", "group_colour"]).to_pylist() == [{"target": "no", "group_colour": "red"}]


def test_a_key_finds_its_latest_prediction_that_is_not_later_than_the_time(case: UseCase) -> None:
    predicted(case, "20260105-120000-aa", [1, 2])
    predicted(case, "20260112-120000-bb", [2, 1])
    predicted(case, "20260112-180000-cc", [1, 2], held_out=True)
    rows = {"id": [1, 2, 3], "time": ["2026-01-06T00:00:01", "2026-01-12", "2026-01-20"], "passed": ["no", "yes", "no"]}
    land(case, pa.table(rows))
    assert known(case) == [("20260105-120000-aa-0", 0, "no"), ("20260112-120000-bb-0", 0, "yes")]


def test_a_truth_that_comes_before_its_prediction_is_stored_is_joined_later(case: UseCase) -> None:
    land(case, pa.table({"id": [1], "time": ["2026-01-12T15:00:00"], "passed": ["no"]}))
    assert known(case) == []
    predicted(case, "20260112-120000-bb", [1])
    assert known(case) == [("20260112-120000-bb-0", 0, "no")]


def test_a_correction_without_a_time_stays_with_the_prediction_of_the_first_truth(case: UseCase) -> None:
    predicted(case, "20260112-120000-bb", [1])
    land(case, pa.table({"id": [1], "passed": ["no"]}))
    predicted(case, "20991231-120000-cc", [1])
    land(case, pa.table({"id": [1], "passed": ["yes"]}))
    assert known(case) == [("20260112-120000-bb-0", 0, "yes")]


def test_predictions_that_were_deleted_or_have_keys_of_another_type_are_left_out(case: UseCase) -> None:
    predicted(case, "20260105-120000-aa", [1])
    predicted(case, "20260106-120000-bb", [1])
    storage.delete([f"{locations.predictions(case.name, '20260106-120000-bb')}/predictions.parquet"])
    predicted(case, "20260107-120000-cc", ["one", "2"])  # type: ignore[list-item]
    land(case, pa.table({"id": [1, 2], "passed": ["no", "yes"]}))
    assert known(case) == [("20260105-120000-aa-0", 0, "no"), ("20260107-120000-cc-0", 1, "yes")]


def test_only_predictions_since_a_time_are_looked_for(case: UseCase) -> None:
    predicted(case, "20260105-120000-aa", [1])
    predicted(case, "20260112-120000-bb", [2])
    assert names(case, datetime(2026, 1, 6, tzinfo=UTC)) == ["20260112-120000-bb"]
    land(case, pa.table({"id": [1, 2], "passed": ["no", "no"]}))
    with resolved_truths(case, since=datetime(2026, 1, 6, tzinfo=UTC)) as database:
        assert database.number("SELECT count(*) FROM truths") == 1


def test_without_ground_truth_there_are_no_truths(case: UseCase) -> None:
    assert truths(case).num_rows == 0
