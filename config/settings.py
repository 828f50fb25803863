"""Where the project's files and its state are."""

import os
from pathlib import Path

NAME = "vishwaops"
"""The first part of every name, as in terraform/modules/naming."""
PROJECT = Path(__file__).resolve().parent.parent
CONFIG = PROJECT / "config"
USE_CASES = CONFIG / "use_cases"
PROFILES = CONFIG / "profiles"
EXPECTATIONS = CONFIG / "expectations"
SCRIPTS = PROJECT / "sagemaker_scripts"

STATE = Path(os.environ.get("VISHWAOPS_STATE", PROJECT / ".vishwaops")).resolve()
"""Everything that runs keeps its state below this folder."""

CLOUD = STATE / "cloud"
"""The offline cloud's own state."""

LOCALSTACK_ENV = Path(os.environ.get("VISHWAOPS_LOCALSTACK_ENV", PROJECT / ".vishwaops" / "localstack-env"))
"""LocalStack's own environment, which `make setup` builds."""
