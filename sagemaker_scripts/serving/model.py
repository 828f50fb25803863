"""What an answer needs of a model. `tabular.compiled.model.CompiledModel` has it."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import pyarrow as pa

from tabular.calibration.file import Calibration
from tabular.compiled.rows import RowEncoder
from tabular.contract import Contract


class Model(Protocol):
    """A model that encodes and predicts rows."""

    @property
    def contract(self) -> Contract:
        """Its contract."""

    @property
    def digest(self) -> str:
        """The digest of the model."""

    @property
    def calibration(self) -> Calibration | None:
        """What it learnt from the validation rows."""

    def encode(self, values: Mapping[str, pa.Array], count: int) -> np.ndarray:
        """Encode the checked values of the features as (count, encoded) floats."""

    def finite(self, encoded: np.ndarray) -> np.ndarray:
        """Return the (n,) mask of the encoded rows that the model can compute with."""

    def predict(self, encoded: np.ndarray) -> np.ndarray:
        """Predict encoded rows: (n, classes) probabilities, or (n,) floats for a regression."""

    @property
    def row_encoder(self) -> RowEncoder:
        """The function that encodes n plain rows of JSON as (n, encoded) floats, all finite.

        It returns None for rows that need the general path.
        """

    def contributions(self, encoded: np.ndarray) -> np.ndarray:
        """Return what each input column adds to a prediction, and last the bias.

        The shape is (n, inputs + 1), for two classes those of the last one, or (n, classes, inputs + 1). Raises
        ValueError for a model whose contributions are not known.
        """
