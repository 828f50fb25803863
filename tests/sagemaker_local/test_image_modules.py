"""The modules of AWS's images: they read, encode and resume training as scripts expect."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sagemaker_local.images import environment_for
from sagemaker_local.interpreter import own_interpreter
from tests.sagemaker_local.support import IMAGE


class Script:
    """Runs code as a script in the image's environment, and returns what it printed as JSON."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._python = own_interpreter(environment_for(IMAGE).python, folder / "python", folder / "layers")

    def __call__(self, code: str, **environment: str) -> Any:
        done = subprocess.run(
            [self._python, "-c", code],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def script(tmp_path: Path, localstack_env: Path, monkeypatch: pytest.MonkeyPatch) -> Script:
    monkeypatch.setenv("SAGEMAKER_LOCAL_IMAGES", str(localstack_env.parent / "images"))
    return Script(tmp_path)


READ = """
import json
from sagemaker_xgboost_container.data_utils import get_content_type, get_dmatrix, get_size
def shown(*arguments):
    matrix = get_dmatrix(*arguments)
    weights = matrix.get_weight().tolist()
    return [matrix.num_row(), matrix.num_col(), matrix.get_label().tolist(), weights]
"""


def test_a_channel_becomes_a_matrix_by_its_content_type(script: Script) -> None:
    for name, text in {
        "csv/a.csv": "1,10,20\n0,11,21\n",
        "csv/deep/b.csv": "1,12,22\n",
        "csv/_left_out": "x",
        "weighted/a.csv": "1,0.5,10\n0,2,11\n",
        "svm/a": "1 1:10 3:5\n0 2:1\n",
        "svm-weighted/a": "1:0.5 1:10\n0:2 2:1\n",
    }.items():
        (script.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (script.folder / name).write_text(text)
    found = script(
        READ + "import pandas as pd, pathlib\n"
        "pathlib.Path('parquet').mkdir()\n"
        "pd.DataFrame({'y': [1.0, 0.0], 'x': [5.0, 6.0]}).to_parquet('parquet/a.parquet')\n"
        "print(json.dumps([shown('csv', 'csv'), shown('weighted', 'csv', 1), shown('svm', 'libsvm'),"
        " shown('svm-weighted', 'libsvm'), shown('parquet', 'parquet'), shown(['csv', 'csv/deep/b.csv'], 'csv')[0],"
        " get_dmatrix('not-there', 'csv'), get_size('svm'), get_size('not-there')]))"
    )
    assert found == [
        [3, 2, [1.0, 0.0, 1.0], []],
        [2, 1, [1.0, 0.0], [0.5, 2.0]],
        [2, 4, [1.0, 0.0], []],
        [2, 3, [1.0, 0.0], [0.5, 2.0]],
        [2, 1, [1.0, 0.0], []],
        4,
        None,
        17,
        0,
    ]


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (None, "libsvm"),
        ("csv", "csv"),
        ("text/csv; label_size=1", "csv"),
        ("Text/LIBSVM ;charset=utf8", "libsvm"),
        ("application/x-parquet", "parquet"),
        ("application/x-recordio-protobuf", "recordio-protobuf"),
        ("text/csv; label_size=2", "Optional parameter label_size must be equal to 1"),
        ("image/png", "is not an accepted ContentType"),
    ],
)
def test_content_types_are_told_apart_and_others_are_the_users_error(
    script: Script, given: str | None, kind: str
) -> None:
    found = script(
        READ + "from sagemaker_algorithm_toolkit import exceptions as exc\n"
        f"try:\n    print(json.dumps(get_content_type({given!r})))\n"
        "except exc.UserError as error:\n    print(json.dumps(error.message))\n"
    )
    assert kind in found


def test_request_bodies_become_matrices(script: Script) -> None:
    found = script(
        "import json, sagemaker_xgboost_container.encoder as xgb_encoders\n"
        "print(json.dumps([[m.num_row(), m.num_col()] for m in (xgb_encoders.csv_to_dmatrix('1,2,\\n3,4,5'),"
        " xgb_encoders.csv_to_dmatrix(b'1\\n2\\n'), xgb_encoders.libsvm_to_dmatrix('0 1:2 4:1'),"
        " xgb_encoders.decode('1,2', 'text/csv; charset=utf-8'))]))"
    )
    assert found == [[2, 3], [2, 1], [1, 5], [1, 2]]


def test_training_resumed_from_a_checkpoint_gives_the_model_of_an_uninterrupted_one(script: Script) -> None:
    code = """
import json, numpy as np, xgboost as xgb
from sagemaker_xgboost_container import checkpointing
rows = np.random.default_rng(3).normal(size=(200, 4))
data = xgb.DMatrix(rows[:, 1:], label=rows[:, 1] + rows[:, 2] ** 2)
params = {"max_depth": 3, "objective": "reg:squarederror", "nthread": 1}
checkpointing.train({"params": params, "dtrain": data, "num_boost_round": 4}, "checkpoints")
path, rounds = checkpointing.load_checkpoint("checkpoints")
resumed = checkpointing.train({"params": params, "dtrain": data, "num_boost_round": 9}, "checkpoints")
whole = xgb.train(params, data, num_boost_round=9)
again = checkpointing.train({"params": params, "dtrain": data, "num_boost_round": 9}, "checkpoints")
import pathlib
print(json.dumps([rounds, resumed.num_boosted_rounds(), again.num_boosted_rounds(),
                  float(np.abs(resumed.predict(data) - whole.predict(data)).max()),
                  len(list(pathlib.Path("checkpoints").iterdir()))]))
"""
    rounds, resumed, again, difference, kept = script(code)
    assert (rounds, resumed, again, kept) == (4, 9, 9, 5)
    assert difference <= 1e-6


def test_the_training_environment_says_what_the_variables_say(script: Script) -> None:
    found = script(
        "import json\n"
        "from sagemaker_training import environment\n"
        "from sagemaker_containers.beta.framework import env, content_types, encoders\n"
        "from sagemaker_containers import entry_point\n"
        "e = environment.Environment()\n"
        "print(json.dumps([e.channel_input_dirs, e.hosts, e.is_master, e.hyperparameters, e.num_cpus,"
        " env.training_env().model_dir, encoders.encode([[1, 2]], content_types.CSV)]))",
        SM_CHANNELS='["train"]',
        SM_CHANNEL_TRAIN="/opt/ml/input/data/train",
        SM_HOSTS='["algo-1","algo-2"]',
        SM_CURRENT_HOST="algo-2",
        SM_HPS='{"depth":3}',
        SM_NUM_CPUS="2",
        SM_MODEL_DIR="/opt/ml/model",
    )
    assert found == [
        {"train": "/opt/ml/input/data/train"},
        ["algo-1", "algo-2"],
        False,
        {"depth": 3},
        2,
        "/opt/ml/model",
        "1,2\n",
    ]
