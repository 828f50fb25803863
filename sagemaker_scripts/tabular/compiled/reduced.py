"""What a compiled model does with encoded rows before its estimator: it selects columns, and reduces them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tabular.compiled.files import read_arrays, write_arrays
from tabular.engineered.projection import project


@dataclass(frozen=True, eq=False)
class Reduced:
    """The columns of the encoded matrix that are kept, and the principal components that replace them."""

    kept: np.ndarray | None = None
    """(kept,) places; None for all."""
    mean: np.ndarray | None = None
    components: np.ndarray | None = None
    """The (columns,) mean and the (k, columns) components; None for no reduction."""

    @property
    def is_used(self) -> bool:
        """Whether it changes the matrix."""
        return self.kept is not None or self.components is not None

    def encoded_dtype(self, dtype: str) -> str:
        """Return the type in which rows are encoded for an estimator that takes `dtype`: components need 64 bits."""
        return dtype if self.components is None else "float64"

    def of(self, matrix: np.ndarray, dtype: str) -> np.ndarray:
        """Return the (n, inputs of the estimator) matrix for (n, encoded) rows."""
        if self.kept is not None:
            matrix = np.take(matrix, self.kept, axis=1)
        if self.mean is None or self.components is None:
            return matrix
        with np.errstate(over="ignore", invalid="ignore"):
            return project(matrix, self.mean, self.components).astype(dtype)

    def width(self, encoded: int) -> int:
        """Return the number of inputs of the estimator for a number of encoded features."""
        if self.components is not None:
            return len(self.components)
        return encoded if self.kept is None else len(self.kept)


def store(pipeline: Any, folder: Path) -> tuple[Reduced, dict[str, Any]]:
    """Read the steps between the features and the model of a pipeline. Returns them, and what `load` needs."""
    from tabular.engineered.choice import REDUCTION, SELECTION  # imports scikit-learn

    selection, reduction = (pipeline.named_steps.get(name) for name in (SELECTION, REDUCTION))
    found = Reduced(
        None if selection is None else np.asarray(selection.kept_),
        None if reduction is None else reduction.mean_,
        None if reduction is None else reduction.components_,
    )
    content: dict[str, Any] = {} if found.kept is None else {"kept": found.kept.tolist()}
    if found.mean is not None and found.components is not None:
        content["file"] = write_arrays(folder, "components", {"mean": found.mean, "components": found.components})
    return found, content


def load(content: Mapping[str, Any], folder: Path) -> Reduced:
    """Read what `store` has written."""
    kept = np.array(content["kept"], dtype="int64") if "kept" in content else None
    arrays = read_arrays(folder / content["file"]) if "file" in content else {}
    return Reduced(kept, arrays.get("mean"), arrays.get("components"))
