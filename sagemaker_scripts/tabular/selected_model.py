"""Reads what a refit takes from the winner's model.tar.gz."""

import tarfile
import tempfile
from pathlib import Path
from typing import Any

from tabular import early_stopping
from tabular.calibration import file as calibration_file
from tabular.calibration.file import Calibration

ARCHIVE = "model.tar.gz"
WANTED = (calibration_file.FILE, early_stopping.FILE)


def read_selected(folder: Path) -> tuple[Calibration | None, dict[str, Any]]:
    """Return the calibration of the model in `folder`, and the hyperparameters that early stopping chose for it.

    Raises FileNotFoundError when the folder has no model.tar.gz.
    """
    with tempfile.TemporaryDirectory() as found, tarfile.open(folder / ARCHIVE) as tar:
        for member in tar:
            if member.name.removeprefix("./") in WANTED:
                tar.extract(member, found, filter="data")
        return calibration_file.read(Path(found)), early_stopping.read(Path(found))
