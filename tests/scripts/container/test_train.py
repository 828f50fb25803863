"""`train` of our image: the script from the channel `code` runs with its arguments, variables and signals."""

import io
import json
import signal
import tarfile

import pytest

from tests.scripts.container.opt_ml import OptMl

WRITES = """
import json, os, sys
print("on", os.environ["SM_NUM_CPUS"], "processors")
shown = {name: value for name, value in os.environ.items() if name.startswith("SM_")}
with open(os.environ["SM_MODEL_DIR"] + "/seen.json", "w") as file:
    json.dump({"arguments": sys.argv[1:], "variables": shown, "folder": os.getcwd()}, file)
"""
WAITS = """
import signal, sys, time
def save(number, frame):
    with open("../model/saved", "w") as file:
        file.write("half")
    sys.exit(0 if "--fine" in sys.argv else 9)
signal.signal(signal.SIGTERM, save)
print("ready", flush=True)
time.sleep(300)
"""


def test_the_script_gets_hyperparameters_as_arguments_and_paths_as_variables(opt_ml: OptMl) -> None:
    opt_ml.job(WRITES, {"train": "1"}, depth="3", rate="1e-3", name='"a b"', early="true")
    done = opt_ml.run("train")
    assert done.returncode == 0, done.stdout + done.stderr
    seen = json.loads(opt_ml.read("model/seen.json"))
    assert seen["arguments"] == ["--depth", "3", "--early", "True", "--name", "a b", "--rate", "0.001"]
    variables = {name.removeprefix("SM_"): value for name, value in seen["variables"].items()}
    assert variables["CHANNEL_TRAIN"] == str(opt_ml.base / "input" / "data" / "train")
    assert variables["OUTPUT_DATA_DIR"] == str(opt_ml.base / "output" / "data")
    assert json.loads(variables["HPS"]) == {"depth": 3, "rate": 0.001, "name": "a b", "early": True}
    assert json.loads(variables["CHANNELS"]) == ["code", "train"]
    assert (variables["CURRENT_HOST"], json.loads(variables["HOSTS"])) == ("algo-1", ["algo-1"])
    assert int(variables["NUM_CPUS"]) >= 1
    assert seen["folder"] == str(opt_ml.base / "code")


def test_the_code_may_be_an_archive_with_packages(opt_ml: OptMl) -> None:
    opt_ml.job("")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in {"train.py": "import parts.one", "parts/one.py": "open('../model/ran', 'w')"}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    (opt_ml.base / "input/data/code/train.py").unlink()
    (opt_ml.base / "input/data/code/sourcedir.tar.gz").write_bytes(buffer.getvalue())
    done = opt_ml.run("train")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (opt_ml.base / "model" / "ran").exists()


def test_a_failed_script_leaves_its_last_error_and_its_exit_code(opt_ml: OptMl) -> None:
    opt_ml.job("import sys\ndef fail():\n    raise ValueError('no rows in ' + 'x' * 700)\nprint('begun')\nfail()")
    done = opt_ml.run("train")
    failure = opt_ml.read("output/failure")
    assert done.returncode == 1
    assert failure.startswith("ValueError: no rows in xxx")
    assert "train.py ended with exit code 1. Its standard error ends with:\n" in failure
    assert len(failure) <= 1024
    assert "Traceback (most recent call last)" in done.stderr
    opt_ml.job("import os\nos._exit(7)")
    assert opt_ml.run("train").returncode == 7
    assert opt_ml.read("output/failure") == "train.py ended with exit code 7 and wrote nothing to standard error"


def test_a_script_that_a_signal_ends_has_the_code_of_a_shell(opt_ml: OptMl) -> None:
    opt_ml.job("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    assert opt_ml.run("train").returncode == 128 + signal.SIGKILL
    assert "exit code 137" in opt_ml.read("output/failure")


@pytest.mark.parametrize(("words", "code"), [({"fine": "1"}, 0), ({}, 9)])
def test_sigterm_reaches_the_script_which_saves_and_is_no_failure(
    opt_ml: OptMl, words: dict[str, str], code: int
) -> None:
    opt_ml.job(WAITS, None, **words)
    process = opt_ml.start("train")
    assert process.stdout
    while process.stdout.readline() != "ready\n":
        pass
    process.terminate()
    process.communicate()
    assert (process.returncode, opt_ml.read("model/saved")) == (code, "half")
    assert not (opt_ml.base / "output" / "failure").exists()


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ("hyperparameters", "HyperParameters: expected sagemaker_program, the script in the channel code; found none"),
        ("code", "channel code: expected the scripts or an archive of them in"),
        ("script", "channel code: expected the script missing.py, found train.py"),
        ("outside", "channel code: expected the script ../input/data/code/train.py, found train.py"),
        ("archive", "channel code: sourcedir.tar.gz can't be unpacked"),
        ("json", "expected a JSON file that SageMaker writes"),
    ],
)
def test_a_job_that_can_not_start_reports_why(opt_ml: OptMl, broken: str, reason: str) -> None:
    opt_ml.job("print('it runs')")
    if broken == "hyperparameters":
        opt_ml.config("hyperparameters", {})
    elif broken == "code":
        (opt_ml.base / "input/data/code/train.py").unlink()
    elif broken == "archive":
        opt_ml.write("input/data/code/sourcedir.tar.gz", "no archive")
    elif broken == "json":
        opt_ml.write("input/config/resourceconfig.json", "{")
    else:
        program = {"script": "missing.py", "outside": "../input/data/code/train.py"}[broken]
        opt_ml.config("hyperparameters", {"sagemaker_program": program})
    done = opt_ml.run("train")
    assert done.returncode == 1
    assert "it runs" not in done.stdout
    assert reason in done.stdout
    assert reason in opt_ml.read("output/failure")
