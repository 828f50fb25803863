"""Imported by scripts as AWS's samples are; loads a module that is on the path already."""

import importlib
from types import ModuleType


def import_module(uri: str, name: str = "default_user_module_name", cache: bool | None = None) -> ModuleType:
    return importlib.import_module(name)
