"""The row path: plain JSON rows by one function. It gives the same as the checks and the encoding, or nothing."""

from typing import Any

import numpy as np
import pytest

from tabular.compiled.model import CompiledModel
from tabular.compiled.rows import RowEncoder
from tests.scripts.compiled.models import ODD, Compiled, checked, json_rows, stored

NAMES = ("xgboost", "ridge", "xgboost selected", "xgboost number reduced")
"""Models with 32-bit floats and with 64-bit floats, with selected features and with principal components."""


@pytest.fixture(scope="module", params=NAMES)
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    return stored(request.param, tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def encode_rows(both: Compiled) -> RowEncoder:
    return both.model.row_encoder


def is_general(found: np.ndarray, model: CompiledModel, rows: list[dict[str, Any]]) -> bool:
    """Whether the rows fit, and the general path encodes them as the row path has."""
    general = checked(rows, model.contract)
    return not general.bad.any() and np.array_equal(found, model.encode(general.values, len(rows)))


def test_plain_rows_take_the_row_path_and_have_the_same_bits(both: Compiled, encode_rows: RowEncoder) -> None:
    rows = json_rows(3000, seed=5)
    found = encode_rows(rows)
    assert found is not None
    assert is_general(found, both.model, rows)


def test_a_row_with_any_other_cell_has_the_same_bits_or_takes_the_general_path(
    both: Compiled, encode_rows: RowEncoder
) -> None:
    rows, taken = json_rows(300, seed=6, odd=0.04), 0
    for row in rows:
        found = encode_rows([row])
        if found is not None:
            taken += 1
            assert is_general(found, both.model, [row]), row
    assert 75 < taken < 300


@pytest.mark.parametrize(
    "name",
    ["age", "points", "hours", "amount", "colour", "town", "flag", "level", "spare", "day", "at", "note", "school"],
)
def test_each_odd_cell_alone_has_the_same_bits_or_takes_the_general_path(
    both: Compiled, encode_rows: RowEncoder, name: str
) -> None:
    (plain,) = json_rows(1, seed=7)
    for cell in ODD:
        row = {**plain, name: cell}
        found = encode_rows([row])
        assert found is None or is_general(found, both.model, [row]), cell


def test_a_number_that_the_model_can_not_compute_with_takes_the_general_path(
    both: Compiled, encode_rows: RowEncoder
) -> None:
    (plain,) = json_rows(1, seed=7)
    for size in (1e30, -1e30, 1e300, -1e300):
        found = encode_rows([{**plain, "amount": size}])
        assert (found is not None) == (abs(size) < 1e38), size
        assert found is None or both.model.finite(found).all()


def test_an_absent_cell_and_what_is_no_object_take_the_general_path(encode_rows: RowEncoder) -> None:
    (row,) = json_rows(1, seed=8)
    del row["hours"]
    no_objects: list[Any] = [[], "row", 5, None]
    for other in [row, *no_objects]:
        assert encode_rows([other]) is None


def test_one_other_row_sends_all_rows_to_the_general_path(encode_rows: RowEncoder) -> None:
    rows = json_rows(3, seed=9)
    assert encode_rows(rows) is not None
    rows[2]["age"] = "15"
    assert encode_rows(rows) is None


def test_no_rows_are_an_empty_matrix(both: Compiled, encode_rows: RowEncoder) -> None:
    found = encode_rows([])
    assert found is not None
    assert found.shape == (0, both.model.encode(checked(json_rows(1, seed=1), both.model.contract).values, 1).shape[1])
