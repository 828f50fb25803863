"""Which slices are tested, and which have an effect."""

import numpy as np

from tabular.evidence.groups import Groups
from tabular.evidence.slice_search import LEAST_ROWS, Slice, candidates

ROWS = 400
COLOUR = Groups(("blue", "green"), np.arange(ROWS) % 2)
TOWN = Groups(("large", "small"), np.arange(ROWS) // (ROWS // 2))
RARE = Groups(("many", "few"), (np.arange(ROWS) < LEAST_ROWS - 1).astype("int64"))


def found(losses: np.ndarray, *groups: Groups) -> tuple[list[int], list[Slice]]:
    """The number of slices that each column and pair has, and those with an effect."""
    tried = list(candidates(groups, losses, of_classes=True))
    return [count for count, _ in tried], [each for _, slices in tried for each in slices]


def test_a_slice_with_more_errors_is_found_and_its_pairs_add_nothing() -> None:
    losses = (COLOUR.numbers == 0) * (np.arange(ROWS) % 4 == 0) * 1.0
    counts, slices = found(losses, COLOUR, TOWN)
    assert counts == [2, 2, 4]
    [blue] = slices
    assert (blue.columns, blue.groups) == ((0,), (0,))
    assert blue.p < 1e-6 < blue.effect


def test_a_slice_of_two_columns_is_found_where_neither_has_it_alone() -> None:
    losses = ((COLOUR.numbers == TOWN.numbers) & (np.arange(ROWS) % 8 < 4)) * 1.0
    assert {each.columns for each in found(losses, COLOUR, TOWN)[1]} == {(0, 1)}


def test_a_slice_of_too_few_rows_is_not_tested() -> None:
    assert found((RARE.numbers == 1) * 1.0, RARE) == ([0], [])
