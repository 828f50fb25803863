"""Stands before the image's own pip in a job's interpreter: `__main__.py` says why. Everything else is the real one."""

import sys
from importlib.metadata import version
from pathlib import Path

__path__ += [str(Path(entry) / "pip") for entry in sys.path if (Path(entry) / "pip" / "_internal").is_dir()]
__version__ = version("pip")
