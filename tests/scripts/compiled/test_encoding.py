"""Each step writes its columns of the matrix, and keeps its meaning in JSON."""

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tabular.compiled.encoding import Encoder
from tabular.compiled.engineered_steps import Binned, Crossed, Table
from tabular.compiled.steps import Number, OneHot, Scale, Step, Words, described, step_of, width

NUMBER = Number("hours", 0, 5.0, Scale(1.0, 2.0), 1, Scale(0.25, 0.5))
PLAIN = Number("age", 0, 5.0, Scale(0.0, 1.0))
LEVEL = Number("level", 0, 1.0, Scale(1.0, 1.0), categories=("low", "mid", "high"))
COLOUR = OneHot("colour", 0, 3, {"red": 0, "green": 1, "rare": 2}, other=2, missing=1)
TOWN = OneHot("town", 0, 2, {"Ulm": 0, "Bonn": 1}, other=None, missing=None)
ESSAY = Words("essay", 1, 2, "words.npz", 64, (1, 2))
AGES = Binned("age", 0, 2, (10.0, 20.0), (None, 0, 1), missing=0)
PAIR = Crossed(("colour", "town"), 1, 2, {'["red","Ulm"]': 0, '[null,"Ulm"]': 1}, other=None)
MEANS = Table(("town",), 0, {'["Ulm"]': (0.5, 2.0), "[null]": (0.25, 1.0)}, unseen=(0.0, -1.0))
STEPS = (NUMBER, LEVEL, COLOUR, TOWN, ESSAY, AGES, PAIR, MEANS)


def encoded(step: Step, column: pa.Array, dtype: str = "float64") -> list[list[float]]:
    found = Encoder([step], dtype, {}).encode({step.columns[0]: column}, len(column))
    assert found.shape == (len(column), width([step]))
    rows: list[list[float]] = found.tolist()
    return rows


def test_a_missing_number_has_the_fill_and_the_indicator() -> None:
    column = pa.array([3, None, float("nan")], pa.float64())
    assert encoded(NUMBER, column) == [[1.0, -0.5], [2.0, 1.5], [2.0, 1.5]]


@pytest.mark.parametrize("kind", [pa.int64(), pa.float64()])
def test_numbers_that_are_all_missing_and_none_at_all_are_encoded(kind: pa.DataType) -> None:
    assert encoded(NUMBER, pa.nulls(2, kind)) == [[2.0, 1.5]] * 2
    assert encoded(NUMBER, pa.array([3], kind)) == [[1.0, -0.5]]
    assert encoded(NUMBER, pa.nulls(0, kind)) == []


def test_a_missing_number_without_an_indicator_has_the_fill_alone() -> None:
    assert encoded(PLAIN, pa.array([7, None], pa.int64())) == [[7.0], [5.0]]


def test_a_number_beyond_32_bits_is_infinite() -> None:
    assert encoded(PLAIN, pa.array([1e300, -1e300]), "float32") == [[np.inf], [-np.inf]]


def test_an_ordered_category_is_its_rank_and_another_one_is_missing() -> None:
    column = pa.array(["high", None, "low", "other"]).dictionary_encode()
    assert encoded(LEVEL, column) == [[1.0], [0.0], [-1.0], [0.0]]


def test_a_category_has_one_column_which_rare_other_and_missing_ones_share() -> None:
    texts = ["green", "rare", "new", None, "red"]
    expected = np.eye(3)[[1, 2, 2, 1, 0]].tolist()
    assert encoded(COLOUR, pa.array(texts)) == expected
    assert encoded(COLOUR, pa.array(texts).dictionary_encode()) == expected


def test_other_and_missing_categories_have_no_column_without_a_place_for_them() -> None:
    column = pa.array(["Bonn", "new", None, "Ulm"]).dictionary_encode()
    assert encoded(TOWN, column) == [[0, 1], [0, 0], [0, 0], [1, 0]]
    assert encoded(TOWN, pa.array(["Bonn", None])) == [[0, 1], [0, 0]]
    assert encoded(TOWN, column.take(pa.array([3, 1, 0]))) == [[1, 0], [0, 0], [0, 1]]
    assert encoded(TOWN, pa.nulls(2, column.type)) == [[0, 0]] * 2
    assert encoded(TOWN, column.slice(0, 0)) == []


def test_a_range_has_a_column_and_a_missing_number_that_of_its_offset() -> None:
    expected = [[0, 0], [1, 0], [1, 0], [0, 1], [1, 0]]
    assert encoded(AGES, pa.array([9.99, 10, 19.99, 20, None])) == expected
    assert encoded(AGES, pa.array([0, 10, 19, 2**52, None], pa.int64())) == expected
    assert encoded(AGES, pa.nulls(0, pa.int64())) == []


def test_a_combination_has_a_column_and_another_one_none() -> None:
    colours = pa.array(["red", None, "red", "blue", None])
    towns = pa.array(["Ulm", "Ulm", None, "Ulm", None]).dictionary_encode()
    found = Encoder([PLAIN, PAIR], "float32", {}).encode({"age": pa.nulls(5), "colour": colours, "town": towns}, 5)
    assert found[:, 1:].tolist() == [[1, 0], [0, 1], [0, 0], [0, 0], [0, 0]]


def test_a_category_has_the_numbers_of_its_table_also_where_its_dictionary_repeats_it() -> None:
    repeated = pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 2], pa.int32()), pa.array(["Ulm", "Ulm", "Bonn"]))
    assert encoded(MEANS, repeated) == [[0.5, 2.0], [0.5, 2.0], [0.25, 1.0], [0.0, -1.0]]
    assert encoded(MEANS, pa.array([], pa.string())) == []


def test_steps_write_beside_each_other_and_a_missing_text_is_empty() -> None:
    encoder = Encoder([PLAIN, ESSAY], "float32", {"essay": lambda texts: np.array([[len(text), 9] for text in texts])})
    values = {"age": pa.array([1, 2]), "essay": pa.array(["four", None])}
    assert encoder.encode(values, 2).tolist() == [[1, 4, 9], [2, 0, 9]]


@pytest.mark.parametrize("scale", [Scale(0.0, 1.0), Scale(-1e37, 3.0), Scale(1e30, 1e-3), Scale(5.0, 1e300)])
def test_numbers_up_to_the_largest_of_a_scale_are_finite_in_32_bits(scale: Scale) -> None:
    assert scale.largest > 0
    found = [scale.of(scale.largest), scale.of(-scale.largest)]
    assert np.isfinite(np.array(found, "float32")).all()
    assert scale.largest > 1e306 or max(map(abs, found)) > 1e37


def test_a_step_is_finite_only_if_its_fill_its_ranks_and_its_indicator_are() -> None:
    tiny = Scale(0.0, 1e-38)
    steps = [replace(PLAIN, fill=1e39), replace(NUMBER, indicator_scale=tiny), replace(LEVEL, fill=0.0, scale=tiny)]
    assert [step.is_finite for step in (NUMBER, PLAIN, LEVEL, *steps)] == [True] * 3 + [False] * 3


@pytest.mark.parametrize("step", STEPS, ids=lambda step: "-".join(step.columns))
def test_a_step_is_the_same_after_json(step: Step) -> None:
    assert step_of(json.loads(json.dumps(described(step)))) == step


def test_the_places_of_a_step_are_the_columns_that_it_writes() -> None:
    assert [step.places for step in STEPS] == [(0, 1), (0,), (0, 1, 2), (0, 1), (1, 2), (0, 1), (1, 2), (0, 1)]


def test_an_unknown_kind_of_step_is_refused() -> None:
    with pytest.raises(
        ValueError, match="step: expected one of number, one_hot, words, bins, crossed, table; found 'spline'"
    ):
        step_of({**described(PLAIN), "kind": "spline"})


@pytest.mark.parametrize(
    ("step", "name", "value"),
    [
        (PLAIN, "place", 1.0), (PLAIN, "indicator", True), (COLOUR, "missing", "0"), (AGES, "width", "0]"),
        (PAIR, "other", 0.5), (MEANS, "place", "0"),
    ],
)  # fmt: skip
def test_a_place_that_is_no_whole_number_is_refused(step: Step, name: str, value: Any) -> None:
    with pytest.raises(
        ValueError,
        match=rf"step of {', '.join(step.columns)}: {name}: expected a whole number, found {re.escape(repr(value))}",
    ):
        step_of({**described(step), name: value})
