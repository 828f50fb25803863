"""A skops file depends on the model alone: not on where its objects lie in memory, nor on unused bytes."""

from pathlib import Path

import numpy as np
import skops.io

from tabular.skops_files import dump

PADDED = np.dtype({"names": ["node", "left"], "formats": ["i4", "u1"], "offsets": [0, 4], "itemsize": 8})
"""Three bytes of each element belong to no field, as in the nodes of scikit-learn's trees."""


def padded(unused: int) -> np.ndarray:
    content = np.full(24, unused, dtype="uint8").view(PADDED)
    content["node"], content["left"] = [1, 2, 3], [0, 1, 0]
    return content


def test_bytes_of_no_field_do_not_change_the_file(tmp_path: Path) -> None:
    assert padded(0).tobytes() != padded(255).tobytes()
    for name, unused in (("one", 0), ("two", 255)):
        dump({"nodes": padded(unused)}, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert skops.io.load(tmp_path / "two")["nodes"].tolist() == [(1, 0), (2, 1), (3, 0)]


def test_equal_models_have_equal_files(tmp_path: Path) -> None:
    kept = []
    for name in ("one", "two"):
        shared = [np.arange(3.0)]
        kept.append(shared)  # the second one lies elsewhere in memory
        dump({"a": shared, "b": shared, "c": [np.arange(4)]}, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    found = skops.io.load(tmp_path / "one")
    assert found["a"][0].tolist() == found["b"][0].tolist() == [0, 1, 2]
    assert found["c"][0].tolist() == [0, 1, 2, 3]
