"""A compiled model's files are named by their digest and are never pickles; its library is found without an import."""

from pathlib import Path

import numpy as np
import pytest

from tabular.compiled.files import read_arrays, require_digest, sha256, write, write_arrays
from tabular.compiled.native import library, library_path


def test_a_file_is_named_by_its_kind_and_the_sha_256_digest_of_its_content(tmp_path: Path) -> None:
    assert write(tmp_path, "estimator", "ubj", b"abc") == "estimator-ba7816bf8f01cfea.ubj"  # the digest of FIPS 180-2
    assert (tmp_path / "estimator-ba7816bf8f01cfea.ubj").read_bytes() == b"abc"


def test_arrays_keep_their_types_shapes_and_bits(tmp_path: Path) -> None:
    arrays = {
        "small": np.array([0.1, np.inf], "float32"),
        "none": np.empty((0, 3)),
        "one": np.array(5),
        "whole": np.array([7], "int32"),
    }
    found = read_arrays(tmp_path / write_arrays(tmp_path, "trees", arrays))
    assert {name: (each.dtype, each.shape, each.tobytes()) for name, each in found.items()} == {
        name: (each.dtype, each.shape, each.tobytes()) for name, each in arrays.items()
    }


def test_only_other_arrays_have_another_file(tmp_path: Path) -> None:
    first, same, other = (write_arrays(tmp_path, "trees", {"a": np.array([number])}) for number in (1, 1, 2))
    assert first == same != other


def test_an_array_of_objects_is_neither_written_nor_read(tmp_path: Path) -> None:
    objects = np.array([{}], dtype=object)
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        write_arrays(tmp_path, "trees", {"a": objects})
    np.savez(tmp_path / "pickled.npz", a=objects)
    with pytest.raises(ValueError, match="Object arrays cannot be loaded"):
        read_arrays(tmp_path / "pickled.npz")


def test_a_file_is_returned_only_with_the_expected_digest(tmp_path: Path) -> None:
    path, digest = tmp_path / "estimator.ubj", sha256(b"abc")
    with pytest.raises(ValueError, match=rf"estimator\.ubj: expected the file with .* {digest}, found none"):
        require_digest(path, digest)
    path.write_bytes(b"abc")
    assert require_digest(path, digest) == b"abc"
    path.write_bytes(b"abd")
    with pytest.raises(ValueError, match=rf"expected the SHA-256 digest {digest}, found {sha256(b'abd')}. Deploy"):
        require_digest(path, digest)


@pytest.mark.parametrize("ending", ["so", "dylib"])
def test_a_library_is_found_in_its_package_which_is_not_run(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / f"package_{ending}"
    (package / "lib").mkdir(parents=True)
    (package / "__init__.py").write_text("raise AssertionError")
    monkeypatch.syspath_prepend(tmp_path)
    assert library_path(package.name) is None
    path = package / "lib" / f"lib{package.name}.{ending}"
    path.touch()
    assert library_path(package.name) == path


@pytest.mark.parametrize("name", ["package_that_is_absent", "ast", "json"])
def test_an_absent_package_a_module_and_a_package_without_a_library_have_none(name: str) -> None:
    assert library(name) is None


def test_xgboosts_library_is_opened_once() -> None:
    assert library("xgboost") is not None
    assert library("xgboost") is library("xgboost")
