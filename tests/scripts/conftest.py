"""Lets this process import the scripts by their names, as a container does."""

import sys

from config.settings import SCRIPTS

sys.path.append(str(SCRIPTS))
