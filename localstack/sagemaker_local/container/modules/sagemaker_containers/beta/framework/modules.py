"""For scripts like AWS's samples, which import it; loads a module that is already on the path."""

import importlib
from types import ModuleType


def import_module(uri: str, name: str = "default_user_module_name", cache: bool | None = None) -> ModuleType:
    return importlib.import_module(name)
