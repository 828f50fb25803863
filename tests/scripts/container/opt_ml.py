"""A folder in place of /opt/ml, and the programs of our image as processes in it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BIN = Path(__file__).parents[3] / "sagemaker_scripts" / "container" / "bin"


@dataclass(frozen=True)
class OptMl:
    """The folder of one container."""

    base: Path
    python: Path = Path(sys.executable)

    def job(self, script: str, channels: Mapping[str, str] | None = None, **hyperparameters: str) -> None:
        """Write what SageMaker writes for a training job; `channels` maps names to one file's text in each."""
        named = {"sagemaker_program": "train.py", **hyperparameters}
        self.write("input/data/code/train.py", script)
        for name, text in (channels or {}).items():
            self.write(f"input/data/{name}/part.csv", text)
        self.config("hyperparameters", named)
        self.config("inputdataconfig", {name: {} for name in ("code", *(channels or {}))})
        self.config("resourceconfig", {"current_host": "algo-1", "hosts": ["algo-1"]})

    def config(self, name: str, content: Any) -> None:
        self.write(f"input/config/{name}.json", json.dumps(content))

    def write(self, name: str, text: str) -> Path:
        path = self.base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def read(self, name: str) -> str:
        return (self.base / name).read_text()

    def environment(self, **variables: str) -> dict[str, str]:
        path = f"{self.python.parent}:/usr/bin:/bin"
        passed_on = {
            name: os.environ[name] for name in ("COVERAGE_PROCESS_START", "COVERAGE_FILE") if name in os.environ
        }
        return {"PATH": path, "SAGEMAKER_BASE_DIR": str(self.base), **passed_on, **variables}

    def run(self, program: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a program to its end."""
        return subprocess.run(
            [BIN / program, *arguments], env=self.environment(**variables), text=True, capture_output=True
        )

    def start(self, program: str, **variables: str) -> subprocess.Popen[str]:
        """Start a program, whose standard output is a pipe."""
        return subprocess.Popen(
            [BIN / program],
            env=self.environment(**variables),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
