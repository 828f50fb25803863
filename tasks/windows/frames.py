"""The computed columns of rows in memory, which are their own history."""

import pandas as pd

from config.use_case import UseCase
from tabular.derived import series_of
from tasks.windows.history import History, batch_of, needed_columns


def with_computed(use_case: UseCase, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the (n, columns) typed rows with the use case's derived columns and windows.

    A window is computed from strictly earlier rows among them.
    """
    derived = {name: series_of(expression, rows) for name, expression in use_case.resolved.expressions.items()}
    return rows.assign(**derived, **_windows(use_case, rows))


def _windows(use_case: UseCase, rows: pd.DataFrame) -> dict[str, pd.Series]:
    if not use_case.windows or rows.empty:
        return {name: pd.Series(index=rows.index, dtype=float) for name in use_case.windows}
    names = needed_columns(use_case, use_case.windows)
    history = History(use_case, use_case.windows, [batch_of(rows, names)])
    return {name: values.to_pandas().set_axis(rows.index) for name, values in history.own_values().items()}
