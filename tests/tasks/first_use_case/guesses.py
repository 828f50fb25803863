"""Guesses about columns of texts, for tests."""

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa

from tabular.formats import USUAL
from tasks.first_use_case.columns import guess_columns
from tasks.first_use_case.guess import Facts, Guess
from tasks.first_use_case.targets import TargetGuess, find_target, guess_target
from tasks.sources.samples import Sample
from tasks.sources.source import with_reserved


def facts(header: str, cells: Sequence[str]) -> Facts:
    """The facts of a column of a delimited file."""
    texts = pa.chunked_array([pa.array(cells, pa.large_string())])
    return Facts(header, header, pd.Series(pd.arrays.ArrowExtensionArray(texts)), USUAL)


def guesses(**columns: Sequence[str]) -> list[Guess]:
    """The guesses of a delimited file's columns, in order. `_` in a name is a blank in the header."""
    texts = {name.replace("_", " "): pa.array(cells, pa.large_string()) for name, cells in columns.items()}
    batch = with_reserved(pa.RecordBatch.from_pydict(texts))
    return guess_columns(Sample((batch,), f"all {len(batch)} rows", whole=True), USUAL, "rows.csv")


def guess(header: str, cells: Sequence[str]) -> Guess:
    """The guess of one column."""
    return guesses(**{header.replace(" ", "_"): cells})[0]


def target(found: Sequence[Guess], name: str) -> TargetGuess:
    """The guess of the target among these columns."""
    return guess_target(find_target(found, name), None)
