"""Finds columns of dates and their format."""

import numpy as np
import pyarrow as pa

from tabular.date_cells import native_dates
from tabular.date_formats import COMMON, DATE, pattern
from tabular.dates import parse_dates
from tabular.series import cells_in
from tasks.first_use_case.guess import Facts, Guess

SHARE = 0.95
"""The least share of cells that are dates."""
YEARS = (np.datetime64("1900-01-01"), np.datetime64("2100-01-01"))
Form = tuple[str | None, str]


def date_guess(facts: Facts) -> Guess | None:
    """Return the guess for a column of dates; None for other columns."""
    if native_dates(cells_in(facts.cells)).any():
        return _native(facts)
    fitting = [form for form in COMMON if _fits(facts, form)]
    plain = [form for form in fitting if form[1] == DATE] or fitting
    if not plain:
        return None
    form = _ordered(facts, plain)
    guess = Guess(facts=facts, type=form[1], format=form[0])  # type: ignore[arg-type]
    guess.reasons.append(f"{facts.distinct:,} different dates")
    if others := [other[0] or "ISO 8601" for other in plain if other != form]:
        guess.to_check.append(f"also fits {' and '.join(others)}: compare with the source")
    return guess


def _native(facts: Facts) -> Guess:
    hours = any(not text.endswith("00:00:00") and " " in text for text in facts.texts.to_pylist())
    return Guess(facts=facts, type="datetime" if hours else "date", reasons=["dates in the file"])


def _fits(facts: Facts, form: Form) -> bool:
    values, good = parse_dates(facts.texts, pattern(*form))
    within = good & (values >= YEARS[0]) & (values < YEARS[1]) if form[0] == "%Y%m%d" else good
    return bool(facts.stated) and facts.count_of(within) >= SHARE * facts.stated


def _ordered(facts: Facts, forms: list[Form]) -> Form:
    """Return the format in which most rows are in the order of time; the first one if all are equal."""
    return max(forms, key=lambda form: _share_in_order(facts.texts, form))


def _share_in_order(texts: pa.Array, form: Form) -> float:
    values, good = parse_dates(texts, pattern(*form))
    steps = np.diff(values[good].astype("int64"))
    return float(max((steps >= 0).mean(), (steps <= 0).mean())) if len(steps) else 0.0
