import tarfile
from pathlib import Path

import pytest

from tabular.model_archive import extract, read_json


@pytest.mark.parametrize("prefix", ["", "./"])
def test_a_file_at_the_top_of_an_archive_is_read_and_no_other(tmp_path: Path, prefix: str) -> None:
    (tmp_path / "made").mkdir()
    for name, content in {"one.json": "[1]", "two.json": "[2]"}.items():
        (tmp_path / "made" / name).write_text(content)
    with tarfile.open(archive := tmp_path / "model.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "made" / "one.json", f"{prefix}one.json")
        tar.add(tmp_path / "made" / "two.json", f"{prefix}code/two.json")
    assert read_json(archive, "one.json") == [1]
    assert read_json(archive, "two.json") is None
    extract(archive, ["one.json", "two.json", "absent.json"], tmp_path / "extracted")
    assert [path.name for path in (tmp_path / "extracted").iterdir()] == ["one.json"]
