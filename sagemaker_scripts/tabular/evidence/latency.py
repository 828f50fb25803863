"""The time that the model takes for one row."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tabular.evidence.judged import JudgedRows

if TYPE_CHECKING:
    import pandas as pd

    from tabular.artefact import Artefact

WARM, CALLS = 20, 200
MOST_SECONDS = 0.5
"""After this time no further call is made: a slow model is known to be slow by fewer calls."""
LEAST_CALLS = 5


def evidence(judged: JudgedRows) -> dict[str, Any] | None:
    """Return the median and the 95th percentile, in milliseconds, of encoding and predicting one row, and the calls.

    A compiled model gets the typed columns of one row, as at an endpoint without the request's text; another model a
    frame of one row. Each call has another row. None without a model or rows.
    """
    if judged.model is None or judged.frame is None or not len(judged.frame):
        return None
    seconds = np.array(_timed(_call(judged.model, judged.frame)))
    return {
        "median_ms": float(np.median(seconds) * 1000),
        "p95_ms": float(np.quantile(seconds, 0.95) * 1000),
        "calls": len(seconds),
    }


def _timed(call: Callable[[int], object]) -> list[float]:
    """Return the seconds of each call after the warm-up."""
    began, seconds = time.perf_counter(), list[float]()
    for number in range(WARM + CALLS):
        start = time.perf_counter()
        call(number)
        end = time.perf_counter()
        seconds.append(end - start)
        if end - began > MOST_SECONDS and len(seconds) >= LEAST_CALLS:
            break
    return seconds[WARM:] if len(seconds) > WARM + LEAST_CALLS else seconds[1:]


def _call(model: "Artefact", frame: "pd.DataFrame") -> Callable[[int], object]:
    rows = min(len(frame), CALLS)
    if (compiled := model.compiled) is None:
        parts = [frame.iloc[[row]] for row in range(rows)]
        return lambda number: model.output(parts[number % rows])
    from tabular.compiled.columns_of import columns_of  # imports pandas

    columns = columns_of(frame.head(rows), model.contract.features)
    cells = [{name: values.slice(row, 1) for name, values in columns.items()} for row in range(rows)]
    return lambda number: compiled.predict(compiled.encode(cells[number % rows], 1))
