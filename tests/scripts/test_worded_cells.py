import numpy as np
import pyarrow as pa
import pytest

from tabular.columns import Column
from tabular.worded_cells import coded_categories, typed_categories, typed_long_texts

ANSWER = Column("answer", "category", categories=("no", "yes"), missing=("?",))


def texts(*values: str | None) -> pa.Array:
    return pa.array(values, pa.large_string())


@pytest.mark.parametrize("values", [("yes", None, "no"), (" yes ", "?", "FALSE"), ("1", "", "0.0")])
def test_plain_categories_and_other_spellings_have_one_result(values: tuple[str | None, ...]) -> None:
    for found in (
        typed_categories(texts(*values), ANSWER)[0],
        coded_categories(texts(*values).dictionary_encode(), ANSWER),
    ):
        assert found.type == pa.dictionary(pa.int32(), pa.string())
        assert found.to_pylist() == ["yes", None, "no"]


def test_a_category_that_is_also_a_marker_is_missing() -> None:
    column = Column("x", "category", categories=("?", "a"), missing=("?",))
    assert typed_categories(texts("a", "?"), column)[0].to_pylist() == ["a", None]


def test_an_infinite_number_is_no_category_unless_it_is_a_marker() -> None:
    cells = pa.array([1.0, np.inf])
    for markers, bad in (((), True), (("inf",), False)):
        found, unfit = typed_categories(cells, Column("x", "category", missing=markers))
        assert (found.to_pylist(), unfit.tolist()) == (["1", None], [False, bad])


def test_a_text_is_measured_in_characters() -> None:
    found, unfit = typed_long_texts(texts("äöü", "äöüß", " ", None), Column("x", "text", max_length=3))
    assert found.to_pylist() == ["äöü", None, None, None]
    assert unfit.tolist() == [False, True, False, False]
