"""The programs of our image give up root before any code of a job or model runs."""

import json
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scripts.container.opt_ml import BIN, OptMl

USER = "nobody"
WHO = "import os; print(os.getuid(), os.getgroups(), os.environ['HOME'])"
SYSTEM_PYTHON = Path("/usr/bin/python3")
"""That of the virtual environment may be in a folder that the user can't enter."""
as_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="no root user, which can become another, runs tests on this machine"
)


@pytest.fixture
def everyones() -> Iterator[OptMl]:
    """An /opt/ml in a folder that every user may enter, as on AWS."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield OptMl(Path(folder) / "ml", SYSTEM_PYTHON)


def test_without_a_user_the_command_runs_as_before(opt_ml: OptMl) -> None:
    done = opt_ml.run("run-as-user", "python3", "-c", "import os; print(os.getuid())")
    assert done.stdout.split() == [str(os.getuid())], done.stderr


def test_its_exit_code_is_the_command_s_and_a_missing_command_is_reported(opt_ml: OptMl) -> None:
    assert opt_ml.run("run-as-user", "/bin/sh", "-c", "exit 5").returncode == 5
    for arguments, code, said in (([], 2, "expected a command"), (["no-such"], 1, "no-such can't be started")):
        done = opt_ml.run("run-as-user", *arguments)
        assert (done.returncode, said in done.stdout) == (code, True)


@as_root
def test_a_processing_job_writes_its_outputs_as_the_user(everyones: OptMl) -> None:
    output = {"OutputName": "output", "S3Output": {"LocalPath": "/opt/ml/processing/output"}}
    config = {"ProcessingOutputConfig": {"Outputs": [output]}}
    everyones.write("config/processingjobconfig.json", json.dumps(config))
    target = everyones.base / "processing" / "output" / "result"
    done = everyones.run(
        "run-as-user", "/bin/sh", "-c", f'echo done > {target}; python3 -c "{WHO}"', CONTAINER_USER=USER
    )
    account = pwd.getpwnam(USER)
    assert done.stdout.strip() == f"{account.pw_uid} [] {account.pw_dir}", done.stderr
    assert (target.read_text(), target.stat().st_uid) == ("done\n", account.pw_uid)


@as_root
def test_a_training_script_runs_as_the_user_and_still_writes_model_and_failure(everyones: OptMl) -> None:
    everyones.job("import os\nopen('../model/m', 'w')\nraise SystemExit(os.getuid() and 'no root')")
    everyones.write("model/earlier", "a file of root")
    assert everyones.run("train", CONTAINER_USER=USER).returncode == 1
    assert everyones.read("output/failure").startswith("no root\n")
    files = {path.name: path.stat().st_uid for path in (everyones.base / "model").iterdir()}
    assert files == dict.fromkeys(("m", "earlier"), pwd.getpwnam(USER).pw_uid)


@as_root
def test_a_channel_that_the_user_can_not_read_is_reported_with_the_remedy(everyones: OptMl) -> None:
    everyones.job("print('it runs')", {"train": "1"})
    (everyones.base / "input" / "data" / "train").chmod(stat.S_IRWXU)
    done = everyones.run("train", CONTAINER_USER=USER)
    assert "it runs" not in done.stdout
    assert f"expected that the user {USER} may read it" in everyones.read("output/failure")
    assert "set CONTAINER_USER=root in the Environment" in everyones.read("output/failure")
    assert everyones.run("train", CONTAINER_USER="root").returncode == 0


@as_root
def test_an_unknown_user_is_refused(everyones: OptMl) -> None:
    everyones.job("print('it runs')")
    done = everyones.run("train", CONTAINER_USER="no-such-user")
    assert (done.returncode, "expected a user of the image, found no-such-user" in done.stdout) == (1, True)


@as_root
def test_root_without_the_capability_stays_root_and_logs_it(everyones: OptMl) -> None:
    confined = ["setpriv", "--bounding-set=-setuid,-setgid", "--inh-caps=-setuid,-setgid"]
    if not shutil.which(confined[0]):
        pytest.skip("setpriv is not on this machine")
    everyones.job("import os\nprint('user', os.getuid())")
    done = subprocess.run(
        [*confined, BIN / "train"], env=everyones.environment(CONTAINER_USER=USER), text=True, capture_output=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The container stays root: this machine refuses the change to nobody" in done.stdout
    assert "user 0\n" in done.stdout


@as_root
def test_a_folder_that_can_not_be_written_is_reported_with_the_remedy(everyones: OptMl) -> None:
    everyones.job("print('it runs')")
    everyones.write("checkpoints", "a file, no folder")
    done = everyones.run("train", CONTAINER_USER=USER)
    assert (done.returncode, "it runs" in done.stdout) == (1, False)
    assert "checkpoints: expected a folder that the job may write to" in everyones.read("output/failure")
