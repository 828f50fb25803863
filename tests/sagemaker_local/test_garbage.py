"""Garbage is searched for less often than Python does, and still found."""

import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator

import pytest

from sagemaker_local.garbage import OBJECTS, search_less_often


@pytest.fixture(autouse=True)
def threshold_as_it_was() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


class Node:
    """An object in a cycle."""

    def __init__(self) -> None:
        self.itself = self


def test_a_cycle_is_found_after_so_many_new_objects() -> None:
    gc.set_threshold(0)
    search_less_often()
    assert gc.get_threshold()[0] == OBJECTS
    found = weakref.ref(Node())
    new = [[] for _ in range(OBJECTS + 1)]  # type: ignore[var-annotated]
    assert found() is None
    assert len(new) > OBJECTS


@pytest.mark.parametrize("module", ["flows", "tabular"])
def test_it_is_so_once_a_package_is_imported(module: str) -> None:
    code = f"import gc, {module}; print(gc.get_threshold()[0])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(found.stdout) == OBJECTS
