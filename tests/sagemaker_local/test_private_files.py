"""Only this user may read state folders."""

import stat
from pathlib import Path

import pytest

from offline_cloud import Cloud, StartError, ports
from sagemaker_local.private_files import private_folder, write_private


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_folder_and_those_above_it_are_made_private(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    made = private_folder(tmp_path / "above" / "state")
    assert mode(made) == mode(made.parent) == 0o700
    assert mode(tmp_path) == 0o755


def test_an_open_folder_is_tightened_and_a_shared_one_is_not(tmp_path: Path) -> None:
    for before, after in ((0o755, 0o700), (0o777, 0o700), (0o500, 0o500), (0o1777, 0o1777)):
        tmp_path.chmod(before)
        private_folder(tmp_path)
        assert mode(tmp_path) == after
    tmp_path.chmod(0o700)


def test_a_secret_is_readable_by_its_user_only_even_where_it_was_not(tmp_path: Path) -> None:
    path = tmp_path / "credentials"
    path.write_text("old and longer")
    path.chmod(0o644)
    write_private(path, "new")
    assert (mode(path), path.read_text()) == (0o600, "new")


def test_every_folder_of_a_running_cloud_is_private(cloud: Cloud) -> None:
    folders = ("", "aws", "leases", "logs", "localstack", "sagemaker", "sagemaker/work")
    assert {name: oct(mode(cloud.state_dir / name)) for name in folders} == dict.fromkeys(folders, oct(0o700))
    for file in ("aws/credentials", "sagemaker/server.json"):
        assert mode(cloud.state_dir / file) == 0o600


def test_reservations_of_ports_do_not_follow_another_users_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    reserved = ports._locked_file(4999)
    assert reserved
    (folder,) = tmp_path.iterdir()
    assert mode(folder) == 0o700
    reserved.close()
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StartError, match="another user's"):
        ports._locked_file(4999)
