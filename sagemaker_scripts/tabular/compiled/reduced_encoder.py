"""Encodes columns, or rows of plain JSON cells, as the matrix that the estimator of a model takes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tabular.compiled.encoding import Encoder
from tabular.compiled.reduced import Reduced
from tabular.compiled.rows import RowEncoder, row_encoder
from tabular.compiled.steps import Step, Words, width
from tabular.compiled.text_encoding import text_encoder
from tabular.contract import Contract


class ReducedEncoder:
    """The steps of a model, then the selection and the reduction of what they encode."""

    def __init__(self, steps: Sequence[Step], reduced: Reduced, dtype: str, folder: Path) -> None:
        """`dtype` is that of the estimator's matrix. `folder` has the files of the steps."""
        texts = {step.column: text_encoder(step, folder) for step in steps if isinstance(step, Words)}
        self.steps, self._reduced, self._dtype = tuple(steps), reduced, dtype
        self._encoder = Encoder(steps, reduced.encoded_dtype(dtype), texts)

    def encode(self, values: Mapping[str, Any], count: int) -> np.ndarray:
        """Return the (count, inputs) matrix of (count,) Arrow columns."""
        return self._reduced.of(self._encoder.encode(values, count), self._dtype)

    def row_encoder(self, contract: Contract) -> RowEncoder | None:
        """Return the function that encodes n rows of plain cells; None for a model with the words of texts."""
        encode = row_encoder(contract, self.steps, self._reduced.encoded_dtype(self._dtype))
        if encode is None or not self._reduced.is_used:
            return encode
        return lambda rows: self._finite(encode(rows))

    def _finite(self, encoded: np.ndarray | None) -> np.ndarray | None:
        if encoded is None:
            return None
        found = self._reduced.of(encoded, self._dtype)
        with np.errstate(over="ignore"):
            finite = self._reduced.components is None or np.isfinite(found.astype("float32")).all()
        return found if finite else None

    def places(self, columns: Sequence[str]) -> dict[str, list[int]]:
        """Return the inputs of the estimator that come from each column; none at all for principal components."""
        if self._reduced.components is not None:
            return {}
        shares = self.shares(columns)
        return {name: np.flatnonzero(shares[:, number]).tolist() for number, name in enumerate(columns)}

    def shares(self, columns: Sequence[str]) -> np.ndarray:
        """Return the (inputs, columns) matrix with the share of each column in an input of the estimator.

        Raises ValueError for principal components.
        """
        if self._reduced.components is not None:
            raise ValueError("contributions: expected a model of encoded features; found one of principal components")
        found = np.zeros((width(self.steps), len(columns)))
        for step in self.steps:
            for column in step.columns:
                found[list(step.places), columns.index(column)] = 1 / len(step.columns)
        return found if self._reduced.kept is None else found[self._reduced.kept]
