"""The views over batches of ground truth, also of batches with other columns."""

import pyarrow as pa

from config.use_case import UseCase
from tasks.ground_truth import batches
from tasks.ground_truth.database import truth_database
from tasks.ground_truth.landing import land


def test_batches_with_other_columns_are_one_view(case: UseCase) -> None:
    land(case, pa.table({"id": [1], "passed": ["yes"], "colour": ["red"]}))
    land(case, pa.table({"inference_id": ["a"], "passed": ["no"], "time": ["2026-01-01"]}))
    with truth_database(case.name, batches.load(case.name)) as truths:
        assert truths.key == ("key_id",)
        assert truths.groups == ("group_colour",)
        found = truths.table("SELECT key_id, inference_id, target, group_colour FROM given_truths ORDER BY place")
        assert [tuple(row.values()) for row in found.to_pylist()] == [(1, None, "yes", "red"), (None, "a", "no", None)]
        assert truths.number("SELECT count(*) FROM latest_truths") == 2


def test_without_batches_the_views_are_empty(case: UseCase) -> None:
    with truth_database(case.name, batches.load(case.name)) as truths:
        assert truths.number("SELECT count(*) FROM latest_truths") == 0
