from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from config.documents import Document, Integer, Number, read_document, repeats, require_known_keys
from config.errors import ConfigError


class Small(Document):
    """A document of two keys."""

    count: Integer
    share: Number = 0.5
    place: str = ""


def written(folder: Path, text: str) -> Path:
    (path := folder / "small.yaml").write_text(text, encoding="utf-8")
    return path


def test_a_file_is_read_as_its_model_and_can_not_be_changed(tmp_path: Path) -> None:
    found = read_document(written(tmp_path, "count: 3\nshare: 1\n"), Small)
    assert (found.count, found.share) == (3, 1.0)
    with pytest.raises(ValidationError, match="frozen"):
        found.count = 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cuont: 3", r"expected only the keys count, share, place; found 'cuont' \(did you mean 'count'\?\)"),
        ("count: '3'", "count: expected a whole number"), ("count: true", "count: .*; found true"),
        ("count: 3.0", "count: "), ("count: 3\nshare: .inf", "share: "), ("- 3", "expected"),
        ("count: [", "small.yaml"),
        ("count: 3\nplace: ${HOME}", "place: "),
    ],
)  # fmt: skip
def test_a_mistake_is_reported_with_its_file_and_key(text: str, message: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError, match=message) as refused:
        read_document(path, Small)
    assert str(path) in str(refused.value)


def test_a_file_that_there_is_not_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.yaml"):
        read_document(tmp_path / "absent.yaml", Small)


def test_a_variable_is_expanded_only_where_it_may_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOMEWHERE", "there")
    path = written(tmp_path, "count: 3\nplace: ${SOMEWHERE}\n")
    assert read_document(path, Small, expanded=("place",)).place == "there"
    assert read_document(path, Small, referring=("place",)).place == "${SOMEWHERE}"


def test_no_more_than_ten_unknown_keys_are_listed() -> None:
    with pytest.raises(ValueError, match="found 'k0', ") as refused:
        require_known_keys({f"k{number}": 1 for number in range(100)}, ("count",))
    assert "k10" not in str(refused.value)


@pytest.mark.parametrize("content", [None, [], "text", {"count": 1}])
def test_a_value_that_is_not_a_mapping_is_checked_by_the_model(content: Any) -> None:
    require_known_keys(content, ("count",))


def test_names_that_come_again_are_named_once() -> None:
    assert repeats(["b", "a", "b", "a", "b", "c"]) == ["a", "b"]
