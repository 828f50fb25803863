import tarfile
from pathlib import Path

import pytest

from tabular import early_stopping
from tabular.calibration import file as calibration_file
from tabular.calibration.file import Calibration
from tabular.selected_model import ARCHIVE, read_selected

CALIBRATION = Calibration(602, 0.37, None)
CHOSEN = {"n_estimators": 12}


def pack(folder: Path, prefix: str) -> Path:
    """Pack the files in `folder` as a training job's model.tar.gz; returns the archive's folder."""
    packed = folder.parent / "selected"
    packed.mkdir()
    with tarfile.open(packed / ARCHIVE, "w:gz") as tar:
        for path in sorted(folder.iterdir()):
            tar.add(path, f"{prefix}{path.name}")
    return packed


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder with a model's own file."""
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.skops").write_bytes(b"a model")
    return folder


@pytest.mark.parametrize("prefix", ["", "./"])
def test_a_refit_takes_the_winner_s_calibration_and_best_iteration(model: Path, prefix: str) -> None:
    calibration_file.write(model, CALIBRATION)
    early_stopping.write(model, CHOSEN)
    assert read_selected(pack(model, prefix)) == (CALIBRATION, CHOSEN)


def test_an_archive_without_them_gives_neither(model: Path) -> None:
    assert read_selected(pack(model, "")) == (None, {})


def test_a_folder_without_an_archive_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=ARCHIVE):
        read_selected(tmp_path)
