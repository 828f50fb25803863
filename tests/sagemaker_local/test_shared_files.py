from pathlib import Path

from sagemaker_local.shared_files import share

LIBRARY = b"library" * 1000


def environment(folder: Path, files: dict[str, bytes], python: str = "python3.11") -> Path:
    for name, content in files.items():
        path = folder / "lib" / python / "site-packages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def test_equal_files_become_one_also_across_versions_of_python(tmp_path: Path) -> None:
    first = environment(tmp_path / "first", {"xgboost/lib.so": LIBRARY})
    other = environment(tmp_path / "other", {"xgboost/lib.so": LIBRARY}, "python3.12")
    assert share(first, other) == len(LIBRARY)
    shared = other / "lib/python3.12/site-packages/xgboost/lib.so"
    assert shared.samefile(first / "lib/python3.11/site-packages/xgboost/lib.so")
    assert share(first, other) == 0


def test_files_that_differ_or_have_other_paths_stay_as_they_are(tmp_path: Path) -> None:
    first = environment(tmp_path / "first", {"a.so": LIBRARY, "only_first.so": LIBRARY, "empty.py": b""})
    mine = {"a.so": LIBRARY[::-1], "b.so": LIBRARY, "empty.py": b""}
    other = environment(tmp_path / "other", mine)
    assert share(first, other) == 0
    packages = other / "lib/python3.11/site-packages"
    assert {path.name: path.read_bytes() for path in packages.iterdir()} == mine
    assert not (packages / "empty.py").samefile(first / "lib/python3.11/site-packages/empty.py")


def test_replacing_a_shared_file_as_installers_do_leaves_the_other_environment_alone(tmp_path: Path) -> None:
    first = environment(tmp_path / "first", {"a.so": LIBRARY})
    other = environment(tmp_path / "other", {"a.so": LIBRARY})
    share(first, other)
    (first / "lib/python3.11/site-packages/a.so").unlink()
    environment(first, {"a.so": b"newer"})
    assert (other / "lib/python3.11/site-packages/a.so").read_bytes() == LIBRARY
