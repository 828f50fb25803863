"""Precedes the image's own pip in a job's interpreter; see `__main__.py`. Everything else is the real pip."""

import sys
from importlib.metadata import version
from pathlib import Path

__path__ += [str(Path(entry) / "pip") for entry in sys.path if (Path(entry) / "pip" / "_internal").is_dir()]
__version__ = version("pip")
