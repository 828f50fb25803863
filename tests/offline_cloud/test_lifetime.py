"""When a cloud starts and stops, and that nothing of it is left."""

import os
import resource
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

import offline_cloud
from offline_cloud import leases, state
from offline_cloud.processes import ProcessIdentity
from tests.patience import PATIENCE, until

from .conftest import Caller, assert_all_end, fake_localstack, family, is_ready, let_the_supervisor_look, role

pytestmark = pytest.mark.xdist_group("own_cloud")
CallUp = Callable[..., Caller]


@pytest.fixture
def broken_python_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of the user on PYTHONPATH whose packages have the names of LocalStack's and can't be imported."""
    for package in ("localstack", "twisted", "OpenSSL"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("raise ImportError('not mine')")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([os.environ["PYTHONPATH"], str(tmp_path)]))


@pytest.mark.usefixtures("broken_python_path")
def test_a_detached_cloud_outlives_its_caller_until_down_and_does_not_read_the_users_python_path(
    state_dir: Path, call_up: CallUp
) -> None:
    caller = call_up("detach")
    caller.wait_for("started")
    caller.process.wait()
    everyone = family(state_dir)
    let_the_supervisor_look(state_dir)
    assert is_ready(state_dir)
    assert offline_cloud.status(state_dir).running
    assert offline_cloud.down(state_dir)
    assert_all_end(everyone, within=0)
    assert not offline_cloud.down(state_dir)


def test_down_finds_what_a_killed_supervisor_left(state_dir: Path) -> None:
    with subprocess.Popen(["sleep", "600"]) as leftover:
        gone = ProcessIdentity(leftover.pid, "another boot 1")
        left = {"keeper": gone, "supervisor": gone, "sagemaker": ProcessIdentity.of(leftover.pid)}
        state_dir.mkdir()
        state.write(state_dir, state.CloudState("ready", left, {"sagemaker": 1, "localstack": 2}, 0.0))
        assert offline_cloud.down(state_dir)
        assert leftover.wait(PATIENCE) == -signal.SIGTERM


def test_down_stops_a_cloud_whose_supervisor_is_just_being_started(state_dir: Path) -> None:
    with subprocess.Popen(["sleep", "600"]) as supervisor, state.locked(state_dir):
        own = dict.fromkeys(("keeper", "supervisor"), ProcessIdentity.of(supervisor.pid))
        starting = state.CloudState("starting", own, {"sagemaker": 1, "localstack": 2}, 0.0)
        threading.Timer(0.2, state.write, (state_dir, starting)).start()
        assert offline_cloud.down(state_dir)
        assert supervisor.wait(PATIENCE) == -signal.SIGTERM


def test_an_up_that_down_has_stopped_says_so(state_dir: Path, tmp_path: Path) -> None:
    caller = Caller(state_dir, fake_localstack(tmp_path / "silent", "exec sleep 600"), "stay")
    until(lambda: state.read(state_dir), lambda known: known is not None and "localstack" in known.processes)
    assert offline_cloud.down(state_dir)
    output, _ = caller.process.communicate(timeout=PATIENCE)
    assert "was stopped while it started, by `vishwaops down` or by a signal" in output


def test_a_program_that_got_a_pid_of_a_dead_cloud_is_left_alone(state_dir: Path) -> None:
    with subprocess.Popen(["sleep", "600"]) as stranger:
        dead = ProcessIdentity(stranger.pid, ProcessIdentity.own().started)
        state_dir.mkdir()
        state.write(
            state_dir,
            state.CloudState("ready", {"keeper": dead, "supervisor": dead, "localstack": dead}, {"localstack": 1}, 0.0),
        )
        assert not offline_cloud.status(state_dir).running
        assert not offline_cloud.down(state_dir)
        assert stranger.poll() is None
        stranger.kill()


def test_ctrl_c_while_it_starts_leaves_nothing(state_dir: Path, tmp_path: Path) -> None:
    caller = Caller(state_dir, fake_localstack(tmp_path / "silent", "exec sleep 600"), "stay")
    until(lambda: state.read(state_dir), lambda known: known is not None and "localstack" in known.processes)
    everyone = family(state_dir)
    caller.process.send_signal(signal.SIGINT)
    output, _ = caller.process.communicate(timeout=PATIENCE)
    assert "KeyboardInterrupt" in output
    assert_all_end(everyone, within=0)


def test_two_callers_at_once_start_one_cloud_that_ends_when_both_are_killed(state_dir: Path, call_up: CallUp) -> None:
    callers = [call_up("stay"), call_up("stay")]
    for caller in callers:
        caller.wait_for("ed\n")
    supervisor = role(state_dir, "supervisor")
    callers[0].process.kill()
    let_the_supervisor_look(state_dir)
    assert is_ready(state_dir)
    assert supervisor.is_running(), "the other caller still holds a lease"
    everyone = family(state_dir)
    callers[1].process.kill()
    assert_all_end(everyone)
    assert not offline_cloud.status(state_dir).running
    assert not offline_cloud.down(state_dir)


def test_a_cloud_of_which_one_process_is_killed_leaves_nothing_and_the_next_one_is_empty(
    state_dir: Path, localstack_env: Path
) -> None:
    for victim in ("supervisor", "keeper", "localstack"):
        cloud = offline_cloud.up(state_dir, localstack_env)
        assert cloud.started, victim
        assert _s3(cloud).list_buckets()["Buckets"] == [], victim
        _s3(cloud).create_bucket(Bucket="soon-gone")
        everyone = family(state_dir)
        role(state_dir, victim).kill()
        assert_all_end(everyone)
    status = offline_cloud.status(state_dir)
    assert not status.running
    assert "LocalStack exited with status -9" in status.error
    assert str(state_dir / "logs" / "localstack.log") in status.error


@pytest.fixture(scope="module")
def second(
    cloud: offline_cloud.Cloud, tmp_path_factory: pytest.TempPathFactory, localstack_env: Path
) -> Iterator[offline_cloud.Cloud]:
    """Another cloud beside the run's cloud. It must leave no process."""
    folder = tmp_path_factory.mktemp("second") / "cloud"
    with offline_cloud.running(folder, localstack_env) as second:
        yield second
        everyone = family(folder)
    assert_all_end(everyone, within=0)


def test_the_usual_ports_are_left_to_whoever_has_them(cloud: offline_cloud.Cloud, second: offline_cloud.Cloud) -> None:
    assert set(second.urls.values()).isdisjoint(cloud.urls.values())
    _s3(second).create_bucket(Bucket="of-the-second")
    assert "of-the-second" not in {bucket["Name"] for bucket in _s3(cloud).list_buckets()["Buckets"]}


def test_a_service_of_localstack_that_could_not_be_loaded_is_loaded_when_the_disk_has_room(
    second: offline_cloud.Cloud,
) -> None:
    session = boto3.Session("test", "test", region_name="us-east-1")
    once = Config(retries={"max_attempts": 0})
    cloudwatch = session.client("cloudwatch", endpoint_url=second.urls["localstack"], config=once)
    localstack = role(second.state_dir, "localstack").pid
    no_byte_more(localstack, 1)
    with pytest.raises(ClientError):
        cloudwatch.describe_alarms()
    no_byte_more(localstack, resource.RLIM_INFINITY)
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []


def no_byte_more(pid: int, size: int) -> None:
    """From now on this process writes no file beyond `size` bytes, as if the disk were full."""
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_a_missing_localstack_environment_says_to_run_make_setup(state_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(offline_cloud.LocalStackMissingError, match=r"in .*/nowhere, found none.*make setup"):
        offline_cloud.up(state_dir, tmp_path / "nowhere")


def test_a_localstack_that_exits_shows_the_end_of_its_log(state_dir: Path, tmp_path: Path) -> None:
    broken = fake_localstack(tmp_path / "broken", "echo cbor2 is too new\nexit 3")
    with pytest.raises(offline_cloud.StartError) as caught:
        offline_cloud.up(state_dir, broken)
    assert "LocalStack exited with status 3" in str(caught.value)
    assert "cbor2 is too new" in str(caught.value)
    assert str(state_dir / "logs" / "localstack.log") in str(caught.value)
    assert not leases.is_held(state_dir)


def _s3(cloud: offline_cloud.Cloud):  # type: ignore[no-untyped-def]
    session = boto3.Session("test", "test", region_name="us-east-1")
    return session.client("s3", endpoint_url=cloud.urls["localstack"])
