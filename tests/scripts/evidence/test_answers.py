"""The stored answers to the first held-out rows."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from tabular.evidence.answers import ROWS, evidence


def judged(output: np.ndarray) -> Any:
    return SimpleNamespace(output=output)


def test_the_answers_to_the_first_rows_are_stored_in_order() -> None:
    output = np.arange(2.0 * (ROWS + 5)).reshape(-1, 2)
    found = evidence(judged(output))["output"]
    assert (len(found), found[0], found[-1]) == (ROWS, [0.0, 1.0], [2.0 * ROWS - 2, 2.0 * ROWS - 1])
    assert evidence(judged(np.array([1.5, 2.5]))) == {"output": [1.5, 2.5]}
