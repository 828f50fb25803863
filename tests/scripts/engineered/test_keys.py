"""Keys of categories: no two combinations have the same one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tabular.engineered.keys import NO_KEY, distinct, key_of, keys_of, texts_of

TEXTS = st.none() | st.text('a,"[]\\\x1f×', max_size=3)


@given(st.lists(TEXTS, min_size=2, max_size=2), st.lists(TEXTS, min_size=2, max_size=2))
def test_a_key_has_its_categories_and_no_other_combination_has_it(
    some: list[str | None], other: list[str | None]
) -> None:
    assert texts_of(key_of(some)) == tuple(some)
    assert (key_of(some) == key_of(other)) == (some == other)
    assert key_of(some) != NO_KEY


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 900), st.integers(0, 2)), max_size=40))
def test_each_row_has_the_key_of_its_categories(rows: list[tuple[int, ...]]) -> None:
    codes = [np.array([row[place] for row in rows], dtype="int64") for place in range(3)]
    texts = [[str(number) for number in range(901)]] * 3
    keys, numbers = keys_of(codes, texts)
    assert [texts_of(keys[number]) for number in numbers] == [tuple(map(str, row)) for row in rows]
    assert len(keys) == len(set(keys)) == len(set(rows))


def test_many_columns_of_many_categories_do_not_overflow() -> None:
    column = np.array([2**40, 0, 2**40])
    first, rows = distinct([column] * 10)
    assert sorted(first.tolist()) == [0, 1]
    assert rows[0] == rows[2] != rows[1]
