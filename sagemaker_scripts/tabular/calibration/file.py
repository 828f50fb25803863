"""The file calibration.json of a model."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FILE = "calibration.json"
FORMAT = 1


@dataclass(frozen=True)
class Calibration:
    """What a model learnt from the validation rows."""

    rows: int
    """The number of validation rows."""
    threshold: float | None = None
    """The probability above which a row is of the positive class of a binary task. None: the most probable class."""
    conformal: Mapping[str, Any] | None = None
    """The quantiles of prediction intervals or sets (`tabular.calibration.conformal`); None without them."""


def write(folder: Path, calibration: Calibration) -> None:
    """Write the calibration of the model in `folder`."""
    content = json.dumps({"format": FORMAT, **asdict(calibration)}, indent=1, sort_keys=True, allow_nan=False)
    (folder / FILE).write_text(content, encoding="utf-8")


def read(folder: Path) -> Calibration | None:
    """Return the calibration of the model in `folder`; None for a model without. Raises ValueError for another format.

    The file is in the digests of compiled.json, which a compiled model checks.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    content = json.loads(path.read_text(encoding="utf-8"))
    if content.get("format") != FORMAT:
        found = content.get("format")
        raise ValueError(
            f"{path}: expected the format {FORMAT}, found {found!r}. Use the scripts in the model's `code`"
        )
    return Calibration(content["rows"], content["threshold"], content["conformal"])
