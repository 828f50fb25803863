import json
import subprocess
import sys
from pathlib import Path

import pytest

from sagemaker_local.container import smspark

PROGRAM = Path(smspark.__file__)


def instance(folder: Path, current: str = "algo-1") -> dict[str, str]:
    """The environment of one of two instances."""
    (folder / "config").mkdir()
    config = {"current_host": current, "hosts": ["algo-1", "algo-2"]}
    (folder / "config" / "resourceconfig.json").write_text(json.dumps(config))
    return {"SAGEMAKER_BASE_DIR": str(folder), "PATH": "/usr/bin:/bin"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--conf", "a=b", "app.py"], "Algorithm Error: (caused by UsageError): Couldn't parse input."),
        (
            ["--jars", "relative.jar", "app.py"],
            "file path relative.jar must be an absolute path",
        ),
        (["--py-files", "/no/such/file", "app.py"], "file path /no/such/file does not exist"),
    ],
)
def test_invalid_options_fail_with_the_images_message(tmp_path: Path, words: list[str], message: str) -> None:
    environment = instance(tmp_path) | {"PYTHONPATH": str(tmp_path)}
    (tmp_path / "pyspark.py").write_text("")
    done = subprocess.run([sys.executable, PROGRAM, *words], env=environment, check=False, capture_output=True)
    assert done.returncode == 1
    assert message in (tmp_path / "output" / "message").read_text()


def test_an_instance_after_the_first_one_ends_at_once(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, PROGRAM, "app.py"], env=instance(tmp_path, "algo-2"), check=False)
    assert done.returncode == 0


def test_the_exit_code_is_that_of_the_application(tmp_path: Path) -> None:
    submit = tmp_path / "pyspark" / "bin" / "spark-submit"
    submit.parent.mkdir(parents=True)
    (tmp_path / "pyspark" / "__init__.py").write_text("")
    submit.write_text('#!/bin/sh\necho "$@" > "$SAGEMAKER_BASE_DIR/arguments"\nexit 3\n')
    submit.chmod(0o755)
    environment = instance(tmp_path) | {"PYTHONPATH": str(tmp_path)}
    words = ["--class", "Main", "app.py", "--jars", "mine"]
    done = subprocess.run([sys.executable, PROGRAM, *words], env=environment, check=False)
    assert done.returncode == 3
    assert "spark failed with a non-zero exit code" in (tmp_path / "output" / "message").read_text()
    assert (tmp_path / "arguments").read_text().strip().endswith("--class Main app.py --jars mine")
