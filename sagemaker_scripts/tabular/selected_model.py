"""Reads what a refit takes from the winner's model.tar.gz."""

import tempfile
from pathlib import Path
from typing import Any

from tabular import early_stopping
from tabular.calibration import file as calibration_file
from tabular.calibration.file import Calibration
from tabular.model_archive import extract

ARCHIVE = "model.tar.gz"
WANTED = (calibration_file.FILE, early_stopping.FILE)


def read_selected(folder: Path) -> tuple[Calibration | None, dict[str, Any]]:
    """Return the calibration of the model in `folder`, and the hyperparameters that early stopping chose for it.

    Raises FileNotFoundError when the folder has no model.tar.gz.
    """
    with tempfile.TemporaryDirectory() as found:
        extract(folder / ARCHIVE, WANTED, Path(found))
        return calibration_file.read(Path(found)), early_stopping.read(Path(found))
