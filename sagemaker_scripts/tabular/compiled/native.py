"""Finds and opens the shared library of a package, without importing the package."""

import ctypes
from functools import cache
from importlib.util import find_spec
from pathlib import Path

ENDINGS = ("so", "dylib")


@cache
def library(package: str) -> ctypes.CDLL | None:
    """Return the library of an installed package, or None. The package `xgboost-cpu` installs the folder `xgboost`."""
    path = library_path(package)
    return None if path is None else ctypes.CDLL(str(path))


def library_path(package: str) -> Path | None:
    """Return the path of a package's library, or None where the package is not installed."""
    spec = find_spec(package)
    folders = [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec else []
    paths = [folder / "lib" / f"lib{package}.{ending}" for folder in folders for ending in ENDINGS]
    return next((path for path in paths if path.is_file()), None)
