"""An endpoint starts with the signed files only."""

from pathlib import Path

import pytest

from tabular.signed_files import EXPECTED, SIGNED_BY, digest_of, listing, of_folder, require


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model of two files."""
    (tmp_path / "code").mkdir()
    (tmp_path / "model.skops").write_bytes(b"a model")
    (tmp_path / "code" / "inference.py").write_bytes(b"pass\n")
    return tmp_path


@pytest.fixture
def environment(folder: Path) -> dict[str, str]:
    """The environment of the endpoint that serves the model."""
    return {EXPECTED: digest_of(of_folder(folder)), SIGNED_BY: "the-key"}


def test_the_list_is_that_of_sha256sum(folder: Path) -> None:
    assert listing(of_folder(folder)).splitlines() == [
        "9f56e761d79bfdb34304a012586cb04d16b435ef6130091a97702e559260a2f2  code/inference.py",
        "97ff8a35544dcf40ad84047074439dd6aa3a0be469ea578a1b1c017d939ec61c  model.skops",
    ]


def test_the_signed_files_are_accepted_with_bytecode_that_python_has_written(
    folder: Path, environment: dict[str, str]
) -> None:
    cache = folder / "code" / "__pycache__" / "inference.cpython-311.pyc"
    cache.parent.mkdir()
    cache.write_bytes(b"what another process compiled, or somebody planted")
    require(folder, environment)
    assert not cache.exists()


@pytest.mark.parametrize("change", ["changed", "added", "removed", "renamed"])
def test_other_files_are_refused_with_both_digests_and_the_key(
    folder: Path, environment: dict[str, str], change: str
) -> None:
    path = folder / "code" / "inference.py"
    if change == "changed":
        path.write_bytes(b"fail\n")
    elif change == "added":
        path.with_name("more.py").write_bytes(b"")
    elif change == "removed":
        path.unlink()
    else:
        path.rename(path.with_name("inferencf.py"))
    with pytest.raises(ValueError, match=f"signed by the-key, with digest {environment[EXPECTED]}; found other files"):
        require(folder, environment)


@pytest.mark.parametrize("target", ["/etc/passwd", "/etc"])
def test_a_link_to_a_file_or_a_folder_is_refused(folder: Path, environment: dict[str, str], target: str) -> None:
    (folder / "link").symlink_to(target)
    with pytest.raises(ValueError, match="found a link"):
        require(folder, environment)


def test_without_the_digest_nothing_is_checked(folder: Path) -> None:
    require(folder, {})


def test_both_servers_check_the_files_before_they_load_the_model(
    folder: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import inference
    from serving.server import model

    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    (folder / "code" / "more.py").write_bytes(b"")
    for load in (lambda: model.load(folder), lambda: inference.model_fn(str(folder))):
        with pytest.raises(ValueError, match="found other files"):
            load()
