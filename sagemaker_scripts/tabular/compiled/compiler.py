"""Compiles a trained pipeline in its training job, and compares the result with the pipeline on the job's rows."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from tabular.channels import ROWS_AT_ONCE, StoredRows
from tabular.collective import ALONE, Ranks, total
from tabular.compiled import reduced as reduced_rows
from tabular.compiled.columns_of import columns_of
from tabular.compiled.estimators import CLASSES, KINDS
from tabular.compiled.files import sha256
from tabular.compiled.fitted import steps_of
from tabular.compiled.model import FORMAT, CompiledModel, with_derived
from tabular.compiled.reduced_encoder import ReducedEncoder
from tabular.compiled.steps import described, width
from tabular.compiled.unknown import Unknown
from tabular.contract import FILE as CONTRACT_FILE
from tabular.model_files import COMPILED_FILE as FILE
from tabular.model_files import PLAIN

if TYPE_CHECKING:
    from tabular.artefact import Artefact

TOLERANCE = 1e-6
"""The largest difference of a probability, and of a number relative to the larger of it and 1."""
DIGITS = 9
"""The digits of the difference that are stored. Further ones depend on which thread of a forest adds first."""
Typed: TypeAlias = "pd.DataFrame | StoredRows"
"""Typed rows, in memory or stored."""
_NAMES = ("estimator-*", "trees-*", "words-*", "components-*", FILE)


def compile_model(artefact: "Artefact", frames: Sequence[Typed], folder: Path, ranks: Ranks = ALONE) -> str | None:
    """Write the compiled form of an artefact that is stored in `folder`, beside it. Returns why there is none, or None.

    Its output is compared with the pipeline's on every row of `frames`, the training rows first. Where it can't be
    compiled, or the difference is above TOLERANCE, `compiled.json` has the reason, and the pipeline predicts. Each rank
    compares its own training rows.
    """
    _clear(folder)
    content: dict[str, Any] = {}
    difference, reason = np.inf, None
    try:
        content = _compiled(artefact, frames, folder)
        _write(folder, content)
        difference = _difference(artefact, CompiledModel.load(folder), frames)
    except (ValueError, LookupError, AttributeError, TypeError, RuntimeError) as error:
        reason = f"{type(artefact.pipeline[-1]).__name__}: expected a known pipeline; found {error}"
    difference, rows = float(np.max(ranks.gather(difference))), total(ranks, len(frames[0])) + sum(map(len, frames[1:]))
    if reason or not difference <= TOLERANCE:
        differs = f"its output differs from the pipeline's by {difference:g}, above {TOLERANCE:g}"
        return _fall_back(folder, reason or differs)
    compared = {"rows": rows, "difference": round(difference, DIGITS), "tolerance": TOLERANCE}
    _write(folder, {**content, "compared": compared})
    return None


def add_file(folder: Path, name: str) -> None:
    """Add the digest of a file in `folder` to those that the compiled model checks."""
    content = json.loads((folder / FILE).read_bytes())
    content["files"][name] = sha256((folder / name).read_bytes())
    _dump(folder, content)


def _clear(folder: Path) -> None:
    """Remove what an earlier run has written."""
    for path in [path for name in _NAMES for path in folder.glob(name)]:
        path.unlink()


def _compiled(artefact: "Artefact", frames: Sequence[Typed], folder: Path) -> dict[str, Any]:
    pipeline = artefact.pipeline
    kind = CLASSES.get(type(pipeline[-1]).__name__)
    if kind is None:
        raise Unknown("an estimator of another class")
    ranked = {column.name: column.categories or () for column in artefact.contract.input_columns if column.ordered}
    steps = steps_of(pipeline["features"], ranked, folder)
    reduced, content = reduced_rows.store(pipeline, folder)
    if (inputs := reduced.width(width(steps))) != pipeline[-1].n_features_in_:
        raise Unknown(f"{pipeline[-1].n_features_in_} encoded features instead of {inputs}")
    encoder = ReducedEncoder(steps, reduced, KINDS[kind].dtype, folder)
    estimator = KINDS[kind].store(pipeline[-1], _encoded(artefact, encoder, frames[0]), folder)
    found = {"estimator": {"kind": kind, **estimator}, "steps": [described(step) for step in steps]}
    return {**found, **({"reduced": content} if content else {})}


def _encoded(artefact: "Artefact", encoder: ReducedEncoder, frame: Typed) -> Iterator[np.ndarray]:
    """Yield the encoded training rows in batches."""
    for rows in _batches([frame]):
        values = columns_of(rows, artefact.contract.features)
        yield encoder.encode(with_derived(artefact.contract, values, len(rows)), len(rows))


def _write(folder: Path, content: Mapping[str, Any]) -> None:
    """Write compiled.json with the digest of every file."""
    names = [path.name for name in _NAMES if name != FILE for path in sorted(folder.glob(name))]
    digests = {name: sha256((folder / name).read_bytes()) for name in [CONTRACT_FILE, *names]}
    _dump(folder, {"format": FORMAT, "files": digests, **content})


def _dump(folder: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, indent=1, sort_keys=True, allow_nan=False)
    (folder / FILE).write_text(text, encoding="utf-8")


def _fall_back(folder: Path, reason: str) -> str:
    _clear(folder)
    _write(folder, {"estimator": {"kind": PLAIN, "reason": reason}})
    return reason


def _difference(artefact: "Artefact", model: CompiledModel, frames: Sequence[Typed]) -> float:
    """Return the largest difference of the two outputs; infinite where a class differs that is not a tie."""
    largest = 0.0
    for rows in _batches(frames):
        expected = artefact.output(rows)
        found = model.predict(model.encode(columns_of(rows, model.contract.features), len(rows)))
        largest = max(largest, difference(expected, found))
    return largest


def _batches(frames: Sequence[Typed]) -> Iterator[pd.DataFrame]:
    for frame in frames:
        if isinstance(frame, StoredRows):
            yield from frame.frames()
            continue
        for first in range(0, len(frame), ROWS_AT_ONCE):
            yield frame.iloc[first : first + ROWS_AT_ONCE]


def difference(expected: np.ndarray, found: np.ndarray) -> float:
    """Return the largest difference of two (n, classes) outputs, or of (n,) numbers, relative where they exceed 1.

    Infinite for other shapes, and where the class differs although the best two are further apart than TOLERANCE.
    """
    if expected.shape != found.shape:
        return np.inf
    if expected.ndim == 1:
        return float(np.max(np.abs(expected - found) / np.maximum(np.abs(expected), 1), initial=0))
    best, others = np.sort(expected, axis=1)[:, -2:][:, ::-1].T
    if ((expected.argmax(axis=1) != found.argmax(axis=1)) & (best - others > TOLERANCE)).any():
        return np.inf
    return float(np.max(np.abs(expected - found), initial=0))
