"""Which scored rows have a whole answer: a figure is computed from these only."""

import pyarrow as pa
import pyarrow.compute as pc

from config.use_case import UseCase
from tasks.rows.answer_columns import PREDICTION, probability


def whole_answers(use_case: UseCase, rows: pa.Table) -> pa.ChunkedArray:
    """Return the (n,) mask of the rows whose prediction is of the use case, and whose numbers are finite."""
    classes = use_case.target.classes or ()
    mask = rows[PREDICTION].is_valid()
    for name in [probability(name) for name in classes] or [PREDICTION]:
        mask = pc.and_(mask, pc.fill_null(pc.is_finite(rows[name]), False))
    return pc.and_(mask, of_classes(use_case, rows[PREDICTION])) if classes else mask


def of_classes(use_case: UseCase, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the (n,) mask of the values that are classes of the use case."""
    return pc.is_in(values.cast(pa.string()), pa.array(use_case.target.classes or (), pa.string()))
