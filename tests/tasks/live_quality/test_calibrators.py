"""Calibrators from the bins of an evaluation."""

import numpy as np
import pytest

from tasks.live_quality.calibrators import Calibrator, calibrated, calibrators_of

BINS = {"probability": [0.1, 0.5, 0.9], "share": [0.2, 0.4, 0.8], "rows": [100, 100, 100], "error": 0.1}


def test_a_calibrator_is_linear_between_the_bins_and_keeps_the_order_beyond_them() -> None:
    found = calibrators_of({"calibration": {"yes": BINS}}, ("no", "yes"))[1]
    assert found.of(np.array([0.1, 0.3, 0.5, 0.9])) == pytest.approx([0.2, 0.3, 0.4, 0.8])
    assert found.of(np.array([0.05, 0.95, 1.0])) == pytest.approx([0.15, 0.85, 0.9])


def test_shares_that_fall_are_pooled_by_their_rows() -> None:
    fitted = Calibrator.fit(np.array([0.2, 0.4, 0.6]), np.array([0.3, 0.6, 0.2]), np.array([10, 10, 30]))
    assert fitted.share == pytest.approx([0.3, 0.3, 0.3])


def test_the_probabilities_of_a_row_add_up_to_one_and_a_class_without_rows_keeps_its_own() -> None:
    found = calibrators_of({"calibration": {"a": BINS, "c": BINS}}, ("a", "b", "c"))
    assert set(found) == {0, 2}
    rows = calibrated(np.array([[0.5, 0.3, 0.2], [0.1, 0.8, 0.1]]), found)
    assert rows.sum(axis=1) == pytest.approx([1, 1])
    assert rows[1] == pytest.approx(np.array([0.2, 0.8, 0.2]) / 1.2)


def test_few_held_out_rows_make_calibrators_that_differ_more() -> None:
    random = np.random.default_rng(1)
    spreads = []
    for rows in (20, 2000):
        fitted = Calibrator.fit(np.array([0.2, 0.5, 0.8]), np.array([0.2, 0.5, 0.8]), np.full(3, rows))
        spreads.append(np.std([fitted.drawn(random).of(np.array([0.5]))[0] for _ in range(50)]))
    assert spreads[0] > 4 * spreads[1]
