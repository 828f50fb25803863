"""Tries the split of a use case on rows in memory, before a run."""

import numpy as np
import pandas as pd

from config.use_case import UseCase
from tasks.deciding_rows import deciding_columns, read_deciding_rows
from tasks.model_contract import STORED
from tasks.rows import stored_rows
from tasks.split_checks import PARTS
from tasks.split_positions import assigned


def tried_split(use_case: UseCase, frame: pd.DataFrame) -> list[np.ndarray]:
    """Return the (rows of the part,) positions of the rows of train, validation and test.

    `frame` has n typed rows; those without a target are in no part. Raises GateError when a part lacks rows, or rows
    of a class.
    """
    names = deciding_columns(use_case)
    schema = stored_rows.schema_of({name: STORED[use_case.columns[name].type] for name in names})
    part_of = assigned(use_case, read_deciding_rows(use_case, [stored_rows.batch_of(frame[names], schema)]))
    return [np.flatnonzero(part_of == number) for number in range(len(PARTS))]
