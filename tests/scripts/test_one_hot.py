"""The one-hot encoder: the column of rare categories, and categories that no training row has."""

import numpy as np

from tabular.one_hot import RARE, one_hot_encoder


def column(*texts: str) -> np.ndarray:
    return np.array(texts, dtype=object)[:, None]


def encoded(training: list[str], *texts: str) -> list[list[float]]:
    found: list[list[float]] = one_hot_encoder().fit(column(*training)).transform(column(*texts)).tolist()
    return found


def test_rare_categories_and_new_ones_share_the_last_column() -> None:
    training = ["usual"] * RARE + ["a rare one"] * (RARE - 1) + ["single"]
    assert encoded(training, "usual", "a rare one", "single", "new") == [[1, 0], [0, 1], [0, 1], [0, 1]]


def test_a_new_category_has_no_column_where_no_category_is_rare() -> None:
    assert encoded(["no"] * RARE + ["yes"] * RARE, "yes", "new", "no") == [[0, 1], [0, 0], [1, 0]]
