"""Which isolation is chosen, how it is reported, and on which machines namespaces work."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import sagemaker_local
from sagemaker_local.sandbox import ISOLATIONS, IsolationUnavailable, Sandbox
from sagemaker_local.sandbox.isolation import choose
from sagemaker_local.sandbox.remedies import remedy
from tests.isolations import OFFERED, WITH_OWN_ML
from tests.patience import PATIENCE

needs_namespaces = pytest.mark.skipif("namespaces" not in WITH_OWN_ML, reason="namespaces do not work on this machine")


def test_the_best_that_works_is_taken() -> None:
    assert Sandbox().isolation.name == OFFERED[0]


def allows_namespaces(*prefix: str) -> bool:
    """Whether the kernel does, by util-linux's own program."""
    line = [*prefix, "unshare", "--map-current-user", "--mount", "--pid", "--fork", "--mount-proc", "true"]
    return subprocess.run(line, capture_output=True, check=False).returncode == 0


def test_where_the_kernel_allows_namespaces_they_work() -> None:
    if not allows_namespaces():
        pytest.skip("a kernel that allows user namespaces is not on this machine")
    assert "namespaces" in OFFERED


@needs_namespaces
def test_without_bubblewrap_namespaces_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert Sandbox().isolation.name == "namespaces"


def test_one_that_was_asked_for_and_does_not_work_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        IsolationUnavailable, match="'bubblewrap' does not work on this machine: bwrap is not installed"
    ):
        Sandbox("bubblewrap")


def test_a_bubblewrap_that_the_kernel_refuses_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    isolation, _ = choose()
    assert isolation.name != "bubblewrap"
    with pytest.raises(IsolationUnavailable, match="setting up uid map: Permission denied"):
        choose("bubblewrap")


@pytest.mark.parametrize("name", ISOLATIONS)
def test_each_says_in_one_sentence_what_it_means(name: str) -> None:
    meaning = ISOLATIONS[name].meaning
    assert meaning.endswith(".")
    assert meaning.count(". ") == 0
    assert ("as on AWS" in meaning) == ISOLATIONS[name].own_ml


@pytest.mark.parametrize(
    ("setting", "value", "change"),
    [
        ("kernel/apparmor_restrict_unprivileged_userns", "1", "kernel.apparmor_restrict_unprivileged_userns=0"),
        ("kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
        ("user/max_user_namespaces", "0", "user.max_user_namespaces=10000"),
    ],
)
def test_the_kernel_setting_that_is_in_the_way_is_named(tmp_path: Path, setting: str, value: str, change: str) -> None:
    file = tmp_path / setting
    file.parent.mkdir()
    file.write_text(f"{value}\n")
    assert f"sysctl -w {change}`" in remedy(tmp_path)
    file.write_text("7\n")
    assert "--privileged" in remedy(tmp_path)


ANY_USER = '''
import os, socket, sys
from pathlib import Path
from sagemaker_local.sandbox import Identity, Sandbox, Workspace
sandbox, workspace = Sandbox("namespaces"), Workspace.make(Path(sys.argv[1]), "job")
hosts = workspace.root / "hosts"
hosts.write_text("127.9.9.9 algo-2\\n")
script = """
id -u; id -g; cat /proc/sys/kernel/hostname /etc/hosts; test $(ls /proc | grep -c '^[0-9]') -lt 9 && echo alone
cat /opt/ml/given; touch /opt/ml/made; grep CapEff /proc/self/status; exit 3
"""
command = ["/bin/sh", "-c", script]
(workspace.ml / "given").write_text("given\\n")
process = sandbox.start(command, workspace, {"PATH": "/usr/bin:/bin"}, directory="/opt/ml", network=False,
                        identity=Identity("algo-1", hosts))
print(process.output.read().decode() + str(process.wait()))
made = (workspace.ml / "made").stat()
print(made.st_uid == os.getuid(), made.st_gid == os.getgid())
'''


@needs_namespaces
def test_an_ordinary_user_has_the_same_and_owns_what_the_job_wrote(open_folder: Path) -> None:
    user, python = (65534, _open_python()) if os.getuid() == 0 else (os.getuid(), sys.executable)
    prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.getuid() == 0 else []
    if not allows_namespaces(*prefix):
        pytest.skip("only root may make namespaces on this machine")
    run = subprocess.run(
        [*prefix, python, "-c", ANY_USER, str(open_folder)],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(open_folder / "code"), "TMPDIR": str(open_folder)},
        cwd=open_folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    lines = run.stdout.splitlines()
    assert lines[:5] == [str(user), str(65534 if prefix else os.getgid()), "algo-1", "127.9.9.9 algo-2", "alone"], (
        run.stderr
    )
    assert lines[5] == "given"
    assert int(lines[6].split()[1], 16) == 0
    assert lines[7:] == ["3", "True True"]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A copy of our code that every user may read and write."""
    base = Path(tempfile.mkdtemp())  # pytest's own folders are closed to other users
    source = Path(sagemaker_local.__file__).parent
    shutil.copytree(source, base / "code" / "sagemaker_local", ignore=shutil.ignore_patterns("__pycache__"))
    for path in (base, *base.rglob("*")):
        path.chmod(0o777)
    yield base
    shutil.rmtree(base)


def _open_python() -> str:
    """A Python outside of the homes of users."""
    named = [f"python3.{minor}" for minor in (11, 12, 13)]
    found = next(filter(None, (shutil.which(name, path="/usr/local/bin:/usr/bin") for name in named)), None)
    return found or pytest.skip("a Python that an ordinary user can run is not on this machine")


LAYOUTS = {
    "/opt/ml is there": "mount -t tmpfs t /opt && mkdir /opt/ml && touch /opt/ml/machines && mount -o remount,ro /opt",
    "/opt/ml is a file": "mount -t tmpfs t /opt && touch /opt/ml && mount -o remount,ro /opt",
    "/opt has links": "mount -t tmpfs t /opt && mkdir /opt/tool && touch /opt/tool/machines /opt/file && "
    "ln -s tool /opt/link && ln -s nowhere /opt/broken && ln -s nowhere /opt/ml && mount -o remount,ro /opt",
    "/opt is a link": "mount -t tmpfs t /srv && mkdir /srv/opt && touch /srv/opt/other && {root} && ln -s srv/opt opt",
    "/opt is not there": "{root}",
    "/etc/hosts is not there": "{root} && rm etc/hosts",
}
# A new root that shows everything but /opt. The script ends in it, before it replaces the machine's root.
ROOT = (
    "mount -t tmpfs t /mnt && cd / && for e in *; do case $e in opt|mnt|etc) continue;; esac; "
    "if [ -L $e ]; then cp -P $e /mnt/; elif [ -d $e ]; then mkdir /mnt/$e && mount --rbind /$e /mnt/$e; fi; done; "
    "mkdir /mnt/mnt && { cp -a /etc /mnt 2>/dev/null || true; } && cd /mnt"
)
TAKE_PLACE = "pivot_root . mnt && umount -l /mnt && mount -o remount,ro / && cd /"
SHOWS = """
import os, subprocess, sys
before = sorted(os.listdir("/opt")) if os.path.isdir("/opt") else None
line = [sys.executable, "-IS", {init!r}, str(os.getpid()), "namespaces", "ml={ml}", "directory=/opt/ml",
        "hostname=algo-1", "hosts={hosts}", "--"]
script = "echo here > /opt/ml/made; cat /etc/hosts; ls -d /opt/*; cat /opt/link/machines; ls -d /proc/1 /dev/null"
code = subprocess.call([*line, "/bin/sh", "-c", script])
after = sorted(os.listdir("/opt")) if os.path.isdir("/opt") else None
print("machine unchanged:", before == after, "code:", code)
"""


@needs_namespaces
@pytest.mark.parametrize("layout", LAYOUTS)
def test_opt_ml_is_there_whatever_the_machine_has_and_nothing_of_it_changes(tmp_path: Path, layout: str) -> None:
    ml, hosts = tmp_path / "ml", tmp_path / "hosts"
    ml.mkdir()
    hosts.write_text("127.9.9.9 algo-2\n")
    init = Path(sagemaker_local.__file__).parent / "container" / "init.py"
    steps = LAYOUTS[layout].format(root=ROOT) + (f" && {TAKE_PLACE}" if "{root}" in LAYOUTS[layout] else "")
    inner = SHOWS.format(init=str(init), ml=ml, hosts=hosts)
    unshare = ["unshare", "--mount", *(["--map-root-user"] if os.getuid() else [])]
    run = subprocess.run(
        [*unshare, "/bin/sh", "-ec", f'{steps} && exec "$@"', "sh", sys.executable, "-ISc", inner],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (ml / "made").read_text() == "here\n", run.stderr
    assert "127.9.9.9 algo-2" in run.stdout
    assert "machine unchanged: True code: 0" in run.stdout, run.stderr
    assert "/opt/ml\n" in run.stdout
