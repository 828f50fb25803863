"""No use case's resources have names that begin like another's."""

import itertools
from pathlib import Path

import pytest
import yaml

from config import settings
from config.errors import ConfigError
from config.use_case import load_use_case, slug_of
from tests.use_cases import content

NAMES = ["student", "student_grades_2", "cake", "student_grades_old"]


def write(folder: Path, name: str) -> str:
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump({**content("cake_popularity"), "name": name}))
    return str(path)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_begins_like_another_use_cases_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=f"name: expected a name that does not begin .* found '{name}' beside '"):
        load_use_case(write(tmp_path, name))


@pytest.mark.parametrize("name", ["students", "student_grade", "cake_popularity2", "grades"])
def test_a_name_that_only_shares_letters_is_accepted(tmp_path: Path, name: str) -> None:
    assert load_use_case(write(tmp_path, name)).name == name


def test_use_cases_that_are_read_have_no_resource_in_common(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for letters in [*itertools.product("ab_", repeat=2), *itertools.product("b_", repeat=4)]:
        write(tmp_path, "".join(("a", *letters, "b")))
    monkeypatch.setattr(settings, "USE_CASES", tmp_path)
    written = [path.stem for path in tmp_path.glob("*.yaml")]
    read = list(map(slug_of, filter(_is_read, written)))
    assert 2 < len(read) < len(written)
    for one, other in itertools.permutations(read, 2):
        assert not f"{one}-v1".startswith(f"{other}-")


def _is_read(name: str) -> bool:
    try:
        return bool(load_use_case.__wrapped__(name))
    except ConfigError:
        return False


def test_a_yaml_file_that_does_not_exist_is_named_with_the_current_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"rows.yaml: there is no such file; a relative path .* current folder, /"):
        load_use_case(str(tmp_path / "rows.yaml"))
