import json
from pathlib import Path

import pytest

from tabular.calibration.file import FILE, Calibration, read, write


def test_a_calibration_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = Calibration(602, 0.37, {"coverage": 0.9, "half_width": 2.5})
    write(tmp_path, written)
    assert read(tmp_path) == written
    assert json.loads((tmp_path / FILE).read_text())["format"] == 1


def test_a_model_without_the_file_has_no_calibration(tmp_path: Path) -> None:
    assert read(tmp_path) is None


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"format": 2}')
    with pytest.raises(ValueError, match="expected the format 1, found 2"):
        read(tmp_path)
