"""Derived columns: checked expressions that are computed from frames and from record batches alike."""

import pandas as pd
import pyarrow as pa
import pytest

from tabular.columns import Column
from tabular.derived import Derived, Resolved, batch_with, resolve, series_of, values_of

COLUMNS = (
    Column("won", "number", nullable=True),
    Column("played", "integer"),
    Column("level", "category", categories=("low", "high"), ordered=True),
)
TABLE = {
    "won": pa.array([1.0, None, 3.0, 4.0]),
    "played": pa.array([2, 1, 0, 4]),
    "level": pa.array(["low", "high", "high", None]),
}


def resolved(**expressions: str) -> Resolved:
    kinds = {name: "category" if any(sign in text for sign in "<>") else "number" for name, text in expressions.items()}
    derived = {
        name: Derived(name=name, expression=text, type=kinds[name])  # type: ignore[arg-type]
        for name, text in expressions.items()
    }
    return resolve(COLUMNS, derived)


def test_each_column_follows_the_ones_that_it_uses_and_names_the_columns_of_the_row() -> None:
    found = resolved(often="rate > 0.4", rate="won / played", best="often and level > 'low'")
    assert list(found.expressions) == ["rate", "often", "best"]
    assert found.expressions["best"].names == {"won", "played", "level"}
    assert (found.problems, found.fields["often"].kind) == ({}, "boolean")


def test_frames_and_batches_give_the_same_values_and_null_where_there_is_none() -> None:
    found = resolved(often="rate > 0.4", rate="won / played", best="level > 'low'").expressions
    batch = batch_with(pa.RecordBatch.from_pydict(TABLE), found)
    assert batch.schema.names == [*TABLE, "rate", "often", "best"]
    expected = {
        "rate": [0.5, None, None, 1.0],
        "often": ["true", None, None, "true"],
        "best": ["false", "true", "true", None],
    }
    assert batch.select(list(expected)).to_pydict() == expected
    frame = pd.DataFrame({name: column.to_pylist() for name, column in TABLE.items()}, index=[5, 3, 9, 1])
    frame["level"] = frame["level"].astype("category")
    for name, values in expected.items():
        series = series_of(found[name], frame)
        assert list(series.index) == [5, 3, 9, 1]
        assert series.astype(object).where(series.notna(), None).tolist() == values


def test_no_row_gives_no_value() -> None:
    found = resolved(rate="won / played").expressions["rate"]
    empty = {name: column.slice(0, 0) for name, column in TABLE.items()}
    assert values_of(found, empty, 0).to_pylist() == []


def test_invalid_columns_are_reported_once_and_what_uses_them_is_left_out() -> None:
    found = resolved(rate="wn / played", half="rate / 2", good="played + 1", a="b * 2", b="a * 2", c="c + 1")
    assert found.problems == {
        "rate": "expected a column of the schema; found 'wn' (did you mean 'won'?)",
        "a": "expected derived columns that do not use each other in a circle; found a -> b -> a",
        "c": "expected derived columns that do not use each other in a circle; found c -> c",
    }
    assert list(found.expressions) == ["good"]
    assert found.invalid == {"rate", "half", "a", "b", "c"}


def test_a_chain_that_doubles_with_each_column_is_refused_before_it_is_large() -> None:
    chain = {f"c{number}": f"c{number - 1} + c{number - 1}" for number in range(1, 60)}
    found = resolved(c0="won + 1", **chain)
    [problem] = found.problems.values()
    assert problem.startswith("expected at most 1,000 parts in 100 levels, with those of derived columns; found ")


@pytest.mark.parametrize(("kind", "categories"), [("number", None), ("category", ("false", "true"))])
def test_the_pipeline_takes_a_nullable_column(kind: str, categories: tuple[str, ...] | None) -> None:
    column = Derived(name="a", expression="b", type=kind, sensitive=True).column  # type: ignore[arg-type]
    assert column == Column("a", kind, categories=categories, nullable=True, sensitive=True)  # type: ignore[arg-type]
