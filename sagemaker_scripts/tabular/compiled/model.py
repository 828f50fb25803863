"""A compiled model: from typed Arrow columns, or rows of plain JSON cells, to predictions.

Neither scikit-learn, pandas nor the package xgboost is imported, except scikit-learn's hashing by models with texts.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from tabular.calibration import file as calibration_file
from tabular.calibration.file import Calibration
from tabular.compiled import reduced
from tabular.compiled.estimators import KINDS, Estimator
from tabular.compiled.files import require_digest, sha256
from tabular.compiled.reduced_encoder import ReducedEncoder
from tabular.compiled.rows import RowEncoder
from tabular.compiled.steps import step_of
from tabular.contract import FILE as CONTRACT_FILE
from tabular.contract import Contract
from tabular.derived import values_of
from tabular.model_files import COMPILED_FILE, PLAIN
from tabular.typed_cells import TYPES

FORMAT = 1


class Encodes(Protocol):
    """Encodes the columns that the pipeline has as inputs."""

    def encode(self, values: Mapping[str, Any], count: int) -> np.ndarray:
        """Return the (count, encoded) matrix."""


class CompiledModel:
    """A model that a server, an evaluation or a training job predicts with."""

    def __init__(
        self,
        contract: Contract,
        digest: str,
        encoder: Encodes,
        estimator: Estimator,
        calibration: Calibration | None = None,
    ) -> None:
        self.contract, self.digest, self.calibration = contract, digest, calibration
        self._encoder, self._estimator = encoder, estimator

    @classmethod
    def load(cls, folder: Path) -> "CompiledModel":
        """Read the model in `folder`; its pipeline, where it is not compiled. It predicts in one thread.

        Raises ValueError when a file's digest differs, and for another format.
        """
        path = folder / COMPILED_FILE
        if not path.is_file():
            return _plain(folder)
        text = path.read_bytes()
        content = _content(path, text)
        for name, digest in content["files"].items():
            require_digest(folder / name, digest)
        _require_digests(path, content)
        if content["estimator"]["kind"] == PLAIN:
            return _plain(folder, sha256(text))
        return cls._compiled(content, folder, sha256(text))

    @classmethod
    def _compiled(cls, content: Mapping[str, Any], folder: Path, digest: str) -> "CompiledModel":
        kind = KINDS[content["estimator"]["kind"]]
        steps = [step_of(step) for step in content["steps"]]
        encoder = ReducedEncoder(steps, reduced.load(content.get("reduced", {}), folder), kind.dtype, folder)
        estimator, learnt = kind.load(content["estimator"], folder), calibration_file.read(folder)
        return cls(Contract.read(folder), digest, encoder, estimator, learnt)

    def encode(self, values: Mapping[str, pa.Array], count: int) -> np.ndarray:
        """Return the (count, encoded) matrix of typed columns that fit: `CheckedColumns.values`.

        It has the type that the estimator takes: 32-bit floats for trees, else 64-bit. A number beyond its range is
        infinite.
        """
        return self._encoder.encode(with_derived(self.contract, values, count), count)

    def predict(self, encoded: np.ndarray) -> np.ndarray:
        """Return the (n, classes) probabilities of (n, encoded) rows, or (n,) numbers for a regression."""
        return self._estimator.predict(encoded)

    def finite(self, encoded: np.ndarray) -> np.ndarray:
        """Return the (n,) mask of the encoded rows whose numbers are all within the range of 32-bit floats."""
        with np.errstate(over="ignore", invalid="ignore"):
            encoded = encoded.astype("float32", copy=False)
            cells = encoded.reshape(-1)
            if math.isfinite(cells.dot(cells)):  # a sixth of the time of the masks below; not finite for large numbers
                return np.ones(len(encoded), dtype=bool)
        return np.asarray(np.isfinite(encoded).all(axis=1))

    @cached_property
    def row_encoder(self) -> RowEncoder:
        """The function that encodes rows of plain JSON cells, or returns None: then they need the checks.

        A row that it encodes fits the contract, and has the same numbers as by `encode`.
        """
        made = self._encoder.row_encoder(self.contract) if isinstance(self._encoder, ReducedEncoder) else None
        return made or _no_row

    def contributions(self, encoded: np.ndarray) -> np.ndarray:
        """Return what each input column adds to a prediction, and last the bias; the sum is the prediction.

        The shape is (n, inputs + 1), or (n, classes, inputs + 1) for more than two classes, in the order of
        `contract.input_columns`. The unit is that of the estimator: log-odds of the last class (XGBoost, logistic
        regression), its probability (random forest), or the target's unit. What a feature of several columns adds is
        shared in equal parts. Raises ValueError for a plain model, and for one of principal components.
        """
        parts = self._estimator.contributions(encoded)
        return np.concatenate([parts[..., :-1] @ self._shares, parts[..., -1:]], axis=-1)

    @property
    def shap(self) -> str | None:
        """How `contributions` are computed where they are SHAP values, else None."""
        return getattr(self._estimator, "shap", None) if self.places else None

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """The columns of the encoded matrix that come from each input column, by its name.

        Those of a feature of several columns come from each. Empty where they are principal components, or not known.
        """
        names = [column.name for column in self.contract.input_columns]
        return self._encoder.places(names) if isinstance(self._encoder, ReducedEncoder) else {}

    @cached_property
    def _shares(self) -> np.ndarray:
        if not isinstance(self._encoder, ReducedEncoder):
            raise ValueError("contributions: expected a compiled model; found one that its pipeline predicts with")
        return self._encoder.shares([column.name for column in self.contract.input_columns])

    def warm_up(self) -> None:
        """Predict an empty row, one and many, so that the first request is as fast as the others."""
        values = {column.name: pa.nulls(1, TYPES[column.type]) for column in self.contract.features}
        row = self.encode(values, 1)
        for count in (1, 100):
            self.predict(np.repeat(row, count, axis=0))
        self.row_encoder([])


def with_derived(contract: Contract, values: Mapping[str, pa.Array], count: int) -> dict[str, pa.Array]:
    """Return the (count,) columns, and the derived ones that are inputs of the model and computed from them."""
    derived = {column.name: contract.expressions.get(column.name) for column in contract.input_columns}
    used = {name: each for name, each in derived.items() if each and each.names <= values.keys()}
    return {**values, **{name: values_of(each, values, count) for name, each in used.items()}}


def _content(path: Path, text: bytes) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(text)
        found = content["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: expected a JSON object with the key format; found none") from error
    if found != FORMAT:
        raise ValueError(
            f"{path}: expected the format {FORMAT}, found {found!r}. Use the scripts in the model's `code`"
        )
    if CONTRACT_FILE not in content["files"]:
        raise ValueError(f"{path}: expected the digest of {CONTRACT_FILE}, found none")
    return content


def _require_digests(path: Path, content: Mapping[str, Any]) -> None:
    """Raise ValueError if a file of the estimator or of a step is outside of the folder, or has no digest."""
    parts = [content[name] for name in ("estimator", "steps", "reduced") if name in content]
    for name in [*content["files"], *_files_of(parts)]:
        if name not in content["files"] or Path(name).name != name:
            raise ValueError(f"{path}: expected the digests of files in its folder; found {name!r} without, or outside")


def _files_of(value: Any) -> Iterator[str]:
    """Yield the files that the parts of a model name, which are below the key `file`."""
    if isinstance(value, Mapping):
        yield from ([value["file"]] if "file" in value else [])
        yield from _files_of(list(value.values()))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _files_of(each)


def _plain(folder: Path, digest: str | None = None) -> CompiledModel:
    from tabular.compiled.plain import PlainModel  # imports scikit-learn and pandas

    plain = PlainModel(folder)
    learnt = calibration_file.read(folder)
    return CompiledModel(plain.contract, digest or plain.digest, plain, plain, calibration=learnt)


def _no_row(rows: Sequence[Mapping[str, Any]]) -> None:
    return None
