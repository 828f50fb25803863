"""Generated truths and answers of models."""

import numpy as np

from tabular.contract import Contract

CLASSES = ("no", "yes", "maybe")


def a_contract(task: str = "binary") -> Contract:
    """A contract of a task, without features."""
    classes = {"binary": CLASSES[:2], "multiclass": CLASSES, "regression": ()}[task]
    return Contract("small", task, "passed", classes, "rmse" if task == "regression" else "roc_auc", (), 1)


def answers(task: str, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The (count,) truth, and the output of an imperfect model of it."""
    random = np.random.default_rng(seed)
    if task == "regression":
        output = random.normal(10, 4, count)
        return output + random.normal(0, 2, count), output
    width = 2 if task == "binary" else 3
    output = random.dirichlet([0.5, 1.2, 0.8][:width], count)
    chosen = (output.cumsum(axis=1) < random.random((count, 1))).sum(axis=1)
    return np.where(random.random(count) < 0.15, random.integers(0, width, count), chosen), output
