"""The folders of the project's files and of its state."""

import os
from pathlib import Path

NAME = "vishwaops"
"""The first part of every resource name, as in terraform/modules/naming."""
PROJECT = Path(__file__).resolve().parent.parent
CONFIG = PROJECT / "config"
USE_CASES = CONFIG / "use_cases"
PROFILES = CONFIG / "profiles"
EXPECTATIONS = CONFIG / "expectations"
CONTRACTS = CONFIG / "contracts"
SCRIPTS = PROJECT / "sagemaker_scripts"

STATE = Path(os.environ.get("VISHWAOPS_STATE", PROJECT / ".vishwaops")).resolve()
"""The folder of all state on this machine."""

CLOUD = STATE / "cloud"
"""The state of the offline cloud."""

LOCALSTACK_ENV = Path(os.environ.get("VISHWAOPS_LOCALSTACK_ENV", PROJECT / ".vishwaops" / "localstack-env"))
"""The Python environment of LocalStack, which `make setup` builds."""
