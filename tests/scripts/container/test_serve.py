"""`serve` of our image becomes the model server in the model."""

import json
import subprocess

from tests.scripts.container.opt_ml import OptMl

SHOWS = """
import json, os, sys
shown = {"pid": os.getpid(), "path": os.environ["PYTHONPATH"], "threads": os.environ["OMP_NUM_THREADS"]}
print(json.dumps(shown), flush=True)
"""


def with_server(opt_ml: OptMl, server: str) -> None:
    opt_ml.write("model/code/serving/__init__.py", "")
    opt_ml.write("model/code/serving/server/__init__.py", "")
    opt_ml.write("model/code/serving/server/__main__.py", server)


def test_it_is_replaced_by_the_server_so_that_signals_reach_it(opt_ml: OptMl) -> None:
    with_server(opt_ml, SHOWS)
    process = opt_ml.start("serve")
    shown = json.loads(process.communicate()[0])
    assert shown == {"pid": process.pid, "path": str(opt_ml.base / "model" / "code"), "threads": "1"}
    assert process.returncode == 0


def test_the_model_s_environment_decides_about_threads(opt_ml: OptMl) -> None:
    with_server(opt_ml, SHOWS)
    assert json.loads(opt_ml.run("serve", OMP_NUM_THREADS="4").stdout)["threads"] == "4"


def test_a_model_without_a_server_is_refused_with_what_to_do(opt_ml: OptMl) -> None:
    opt_ml.write("model/code/inference.py", "")
    done: subprocess.CompletedProcess[str] = opt_ml.run("serve")
    assert done.returncode == 1
    assert "expected the model server that a training job stores with its model, found none" in done.stdout
