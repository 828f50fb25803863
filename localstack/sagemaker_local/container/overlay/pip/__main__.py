"""`python -m pip` and `pip` inside a job: `pip install` of requirements reuses what earlier jobs installed."""

import json
import sys
from pathlib import Path

settings = json.loads((Path(sys.prefix) / "interpreter.json").read_text())
sys.path.insert(0, settings["code"])
from sagemaker_local.container import requirements  # noqa: E402

if __name__ == "__main__":
    sys.exit(requirements.pip(sys.argv[1:]))
