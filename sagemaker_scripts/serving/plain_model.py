"""Serves the plain pipeline of an artefact that has no compiled steps. It needs pandas and scikit-learn."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from serving.model import RowEncoder
from tabular.artefact import Artefact
from tabular.contract import Contract
from tabular.series import series_of


@dataclass(frozen=True)
class PlainModel:
    """A model of `serving.model.Model` over an artefact's pipeline."""

    artefact: Artefact

    @property
    def contract(self) -> Contract:
        """Its contract."""
        return self.artefact.contract

    @property
    def digest(self) -> str:
        """The digest of its contract."""
        return hashlib.sha256(self.contract.json().encode()).hexdigest()

    def encode(self, values: Mapping[str, pa.Array], count: int) -> np.ndarray:
        """Encode the checked values of the features as (count, encoded) float64."""
        index = pd.RangeIndex(count)
        frame = pd.DataFrame({name: series_of(found, index) for name, found in values.items()}, index=index)
        return self.artefact.features(frame) if count else np.zeros((0, 1))

    def predict(self, encoded: np.ndarray) -> np.ndarray:
        """Predict encoded rows: (n, classes) probabilities, or (n,) floats for a regression."""
        return self.artefact.predict(encoded)

    def row_encoder(self) -> RowEncoder:
        """Return a function that leaves all rows to the general path."""
        return _no_rows

    def contributions(self, encoded: np.ndarray) -> np.ndarray:
        """Raise NotImplementedError: a plain pipeline has no contributions."""
        raise NotImplementedError


def _no_rows(rows: Sequence[Mapping[str, Any]]) -> np.ndarray | None:
    return None
