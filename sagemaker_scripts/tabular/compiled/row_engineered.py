"""The lines of the row path for engineered features: from the values of a row's columns to the encoded row."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

from tabular.compiled.engineered_steps import Binned, Crossed, Table
from tabular.compiled.row_expressions import NotForRows
from tabular.compiled.steps import LARGEST_32, EngineeredStep
from tabular.engineered.keys import texts_of

Named = Callable[[str, Any], str]
"""Adds a value to the scope of the function. Returns its variable."""


def known_texts(steps: Sequence[EngineeredStep], column: str) -> set[str]:
    """Return the categories of a column that engineered features know."""
    return {
        text
        for step in steps
        if isinstance(step, Crossed | Table) and column in step.columns
        for key in step.known
        if (text := texts_of(key)[step.columns.index(column)]) is not None
    }


def lines_of(step: EngineeredStep, values: Sequence[str], named: Named) -> list[str]:
    """Return the lines that write a step. `values` are the variables of its columns: a number, a text, or None."""
    if isinstance(step, Binned):
        places = tuple(None if each is None else step.place + each for each in step.offsets)
        missing = None if step.missing is None else step.place + step.missing
        bins = f"{named('bins', places)}[{named('bisect', bisect_right)}({named('edges', step.edges)}, {values[0]})]"
        return [f" place = {named('missing', missing)} if {values[0]} is None else {bins}", *_marked()]
    key = f"({', '.join(values)},)"
    if isinstance(step, Crossed):
        other = None if step.other is None else step.place + step.other
        known = {texts_of(text): step.place + offset for text, offset in step.known.items()}
        return [f" place = {named('known', known)}.get({key}, {named('other', other)})", *_marked()]
    if any(abs(number) > LARGEST_32 for numbers in (*step.known.values(), step.unseen) for number in numbers):
        raise NotForRows
    table = {texts_of(text): tuple(numbers) for text, numbers in step.known.items()}
    targets = "".join(f"cells[first + {place:d}], " for place in step.places)
    return [f" {targets} = {named('table', table)}.get({key}, {named('unseen', step.unseen)})"]


def _marked() -> list[str]:
    return [" if place is not None: cells[first + place] = 1.0"]
