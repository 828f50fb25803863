"""Tries the split of a use case on rows in memory, before a run."""

import numpy as np
import pandas as pd

from config.use_case import UseCase
from tasks.split_positions import labelled, positions


def tried_split(use_case: UseCase, frame: pd.DataFrame) -> list[np.ndarray]:
    """Return the (rows of the part,) positions of the rows of train, validation and test.

    `frame` has n typed rows; those without a target are in no part. Raises GateError when a part lacks rows, or rows
    of a class.
    """
    stated = labelled(use_case, frame.reset_index(drop=True))
    places = stated.index.to_numpy()
    return [places[within] for within in positions(use_case, stated)]
