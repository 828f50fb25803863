"""Keeps Arrow from importing pandas, for a process that has no data frames, such as a model server.

Arrow imports pandas, where it is installed, the first time that it makes or converts an array. That costs 40 MB of
memory and half a second.
"""

import sys
from importlib.machinery import ModuleSpec

import pyarrow as pa


class _Refused:
    """A finder of modules that refuses pandas."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name == "pandas":
            raise ImportError("pandas is not used by this process")
        return None


def disable() -> None:
    """Let Arrow work as if pandas were not installed. Does nothing in a process that has imported pandas.

    `enable` undoes it. Other code can still import pandas.
    """
    if "pandas" in sys.modules:
        return
    sys.meta_path.insert(0, _Refused)
    try:
        pa.array([])  # Arrow looks for pandas once
    finally:
        sys.meta_path.remove(_Refused)


def enable() -> None:
    """Let Arrow recognise pandas' objects. Modules that pass them to Arrow call it when they are imported."""
    _ = pa.lib._pandas_api.pd  # looks for pandas again
