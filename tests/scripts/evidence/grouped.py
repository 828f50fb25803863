"""Held-out rows in groups, and the settings that compare them."""

from typing import Any

import numpy as np
import pyarrow as pa

from tabular.evidence.judged import JudgedRows
from tests.scripts.evidence.answers import a_contract, answers

GROUPS = ("a", "b", "c")


def settings(least: int = 30, **intervals: Any) -> dict[str, Any]:
    """The settings of a job that compares the groups of the column `group`."""
    fairness = {"columns": ["group"], "minimum_rows": least}
    evaluation = {"fairness": fairness, "intervals": {"resamples": 200, "level": 0.9, **intervals}}
    return {"evaluation": evaluation, "groups": {"group": {"categories": list(GROUPS)}}}


def grouped(task: str = "binary", count: int = 900, seed: int = 1, **changes: Any) -> JudgedRows:
    """(count,) judged rows in three groups, the last of them the smallest, and with worse answers."""
    random = np.random.default_rng(seed + 1_000)  # not the numbers of the answers
    truth, output = answers(task, count, seed)
    group = random.choice(np.array(GROUPS), count, p=[0.5, 0.35, 0.15])
    output = np.where((group == "c") if output.ndim == 1 else (group == "c")[:, None], output[::-1], output)
    known: dict[str, Any] = {"columns": {"group": pa.array(group)}, "settings": settings()}
    return JudgedRows(a_contract(task), truth, output, **{**known, **changes})
