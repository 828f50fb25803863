"""What a run of batch scoring sums up: the area under the curve, the reasons, and the results in their order."""

import math
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from tasks.batch.roc import Roc
from tasks.batch.seen_reasons import SHOWN, SeenReasons
from tasks.batch.waiting import Waiting
from tasks.model_contract import FILE, LINE
from tasks.rows.input_rows import INPUT_ROW
from tasks.rows.quarantine import REASONS


@pytest.mark.parametrize("classes", [2, 3])
def test_the_area_is_that_of_scikit_learn_over_rows_that_came_in_parts(classes: int) -> None:
    chance = np.random.default_rng(5)
    truth = chance.integers(0, classes, 400)
    output = chance.dirichlet(np.ones(classes), 400).round(2)  # with equal probabilities
    with Roc(classes) as roc:
        for part in np.array_split(np.arange(400), 3):
            roc.add(truth[part], output[part])
        found, precise = roc.areas()
    each = [roc_auc_score(truth == number, output[:, number]) for number in range(classes)]
    assert math.isclose(found, each[1] if classes == 2 else float(np.mean(each)), rel_tol=1e-12)
    each = [average_precision_score(truth == number, output[:, number]) for number in range(classes)]
    assert math.isclose(precise, each[1] if classes == 2 else float(np.mean(each)), rel_tol=1e-12)


def test_the_area_of_rows_of_one_class_is_not_a_number() -> None:
    with Roc(2) as roc:
        roc.add(np.zeros(3), np.full((3, 2), 0.5))
        assert all(map(math.isnan, roc.areas()))


def test_rows_are_counted_by_the_columns_of_their_reasons_and_the_first_reasons_kept() -> None:
    reasons = [["age: expected 1, found 2", "age: again"], ["hours: expected 3, found 4"], *[["age: more"]] * SHOWN]
    count = len(reasons)
    rows = {INPUT_ROW: range(count), LINE: range(2, count + 2), FILE: [None] * count, REASONS: reasons}
    arrays = [pa.array(rows[INPUT_ROW]), pa.array(rows[LINE]), pa.array(rows[FILE], pa.string()), pa.array(reasons)]
    seen = SeenReasons(by_column={"hours": 1})
    seen.add(pa.RecordBatch.from_arrays(arrays, list(rows)))
    assert seen.by_column == {"age": 1 + SHOWN, "hours": 2}
    assert len(seen.first) == SHOWN
    assert "2" in seen.first[0] and seen.first[0].endswith("age: expected 1, found 2")


def test_results_come_in_the_order_of_submission_and_few_wait() -> None:
    second = Event()

    def slow() -> str:
        second.wait(60)
        return "first"

    def quick() -> str:
        second.set()
        return "second"

    with ThreadPoolExecutor(2) as pool:
        waiting: Waiting[str] = Waiting(most=1)
        found = [*waiting.add(pool.submit(slow)), *waiting.add(pool.submit(quick))]
        assert found == ["first"]
        assert list(waiting.rest()) == ["second"]
        assert list(waiting.rest()) == []
