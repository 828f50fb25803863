"""What one job installs never changes what another job gets; requirements files are read as pip reads them."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from offline_cloud import Cloud
from sagemaker_local.container.offered import Offered
from sagemaker_local.images import environment_for
from tests.conftest import LOCALSTACK_ENV
from tests.sagemaker_local.endpoint_support import own_server
from tests.sagemaker_local.support import IMAGE, Bench, unique
from tests.sagemaker_local.wheels import OFFLINE, TINY, tar, tiny_wheel, vendored

GROUP = "/aws/sagemaker/TrainingJobs"
ANSWER = b"import tinyhelper\nprint('the answer is', tinyhelper.ANSWER)\n"
TINY_2 = TINY.replace("1.0", "2.0")


@pytest.fixture(scope="module")
def images(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the image's environment, whose layers are these tests' own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAGEMAKER_LOCAL_IMAGES", str(LOCALSTACK_ENV.parent / "images"))
        environment = Path(environment_for(IMAGE).python).parents[1]
    folder = tmp_path_factory.mktemp("images")
    (folder / environment.name).symlink_to(environment)
    return folder


@pytest.fixture(scope="module")
def bench(cloud: Cloud, images: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A server without package indexes."""
    options = ("--images-dir", str(images), "--package-index", "refused")
    with own_server(cloud, tmp_path_factory.mktemp("server") / "state", *options) as server:
        yield server


def train(bench: Bench, files: dict[str, bytes], program: str = "train.py", **more: Any) -> list[str]:
    """The log of a job of these files, with its status at the end."""
    uri = bench.put(f"{unique('code')}.tar.gz", tar({"train.py": ANSWER, **files}))
    job = bench.train("", hyperparameters={"sagemaker_submit_directory": uri, "sagemaker_program": program}, **more)
    return [*bench.printed(GROUP, job["TrainingJobName"]), job["TrainingJobStatus"]]


def offered(folder: Path, text: bytes, **files: bytes) -> Offered:
    """A requirements.txt and files beside it; `__` in a name is a slash, `_` a dot."""
    for name, content in {"requirements_txt": text, **files}.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return Offered.read(folder / "requirements.txt")


def test_a_setting_of_pip_that_decides_what_is_installed_makes_no_layer(bench: Bench) -> None:
    files = vendored(OFFLINE + b"tinyhelper\n")
    files |= {f"wheels/{TINY}": tiny_wheel(1), f"wheels/{TINY_2}": tiny_wheel(2, version="2.0")}
    files |= {"1.0": b"tinyhelper==1.0\n", "2.0": b"tinyhelper==2.0\n"}
    for version, answer in (("1.0", 1), ("2.0", 2)):
        lines = train(bench, files, Environment={"PIP_CONSTRAINT": f"/opt/ml/code/{version}"})
        assert lines[-2:] == [f"the answer is {answer}", "Completed"]


def test_the_scripts_own_files_are_not_in_the_layer(bench: Bench, images: Path) -> None:
    files = vendored(tiny=tiny_wheel(3))
    assert train(bench, {"Train.py": ANSWER, "tinyhelper.py": b"ANSWER = 0\n", **files}, "Train.py")[-1] == "Completed"
    assert train(bench, files)[-2:] == ["the answer is 3", "Completed"]
    (layer,) = (each.parent for each in (images / "layers").glob("*/packages") if _holds(each, b"ANSWER = 3"))
    assert sorted(path.name for path in (layer / "packages").iterdir()) == ["tinyhelper-1.0.dist-info", "tinyhelper.py"]


def _holds(packages: Path, content: bytes) -> bool:
    file = packages / "tinyhelper.py"
    return file.is_file() and content in file.read_bytes()


def test_a_job_that_writes_to_an_installed_package_changes_it_for_itself_only(bench: Bench) -> None:
    files = vendored(tiny=tiny_wheel(4))
    vandal = b"import tinyhelper\nopen(tinyhelper.__file__, 'r+').write('ANSWER = 0')\n"
    assert train(bench, {**files, "train.py": vandal})[-1] == "Completed"
    assert train(bench, files)[-2:] == ["the answer is 4", "Completed"]


def test_what_a_killed_job_left_of_a_layer_is_removed(bench: Bench, images: Path) -> None:
    files = vendored(tiny=tiny_wheel(5))
    train(bench, files)
    (layer,) = (each.parent for each in (images / "layers").glob("*/packages") if _holds(each, b"ANSWER = 5"))
    leftover = layer.rename(layer.with_name(f".{layer.name}-0a1b2c3d"))
    assert train(bench, files)[-2:] == ["the answer is 5", "Completed"]
    assert layer.is_dir()
    assert not leftover.exists()


def test_a_later_installation_of_the_same_job_is_no_layer(
    cloud: Cloud, images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / TINY).write_bytes(tiny_wheel(6))
    (tmp_path / TINY_2).write_bytes(tiny_wheel(7, version="2.0"))
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    twice = b"import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'pip', 'install', 'tinyhelper==2.0'])\n"
    with own_server(cloud, tmp_path / "state", "--images-dir", str(images)) as bench:
        lines = train(bench, {"train.py": twice + ANSWER, "requirements.txt": b"tinyhelper==1.0\n"})
        assert lines[-2:] == ["the answer is 7", "Completed"]
        lines = train(bench, {"requirements.txt": b"tinyhelper==2.0\n"})
        assert lines[-2:] == ["the answer is 7", "Completed"]


def test_the_guard_also_refuses_an_index_of_this_machines_own_configuration(
    cloud: Cloud, images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / TINY).write_bytes(tiny_wheel())
    (tmp_path / ".config" / "pip").mkdir(parents=True)
    (tmp_path / ".config" / "pip" / "pip.conf").write_text(f"[global]\nfind-links = {tmp_path}\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    options = ("--images-dir", str(images), "--package-index", "refused")
    with own_server(cloud, tmp_path / "state", *options) as bench:
        assert train(bench, {"requirements.txt": b"tinyhelper==1.0\n"})[-1] == "Failed"


def test_requirements_of_a_further_file_are_installed(bench: Bench) -> None:
    files = vendored(b"-r other.txt\n") | {"other.txt": OFFLINE + b"tinyhelper\n", f"wheels/{TINY}": tiny_wheel(8)}
    assert train(bench, files)[-2:] == ["the answer is 8", "Completed"]


def test_hashes_are_refused_beside_the_scripts_own_package_as_on_aws(bench: Bench) -> None:
    digest = hashlib.sha256(tiny_wheel(9)).hexdigest()
    files = {"requirements.txt": f"--find-links .\ntinyhelper==1.0 --hash=sha256:{digest}\n".encode()}
    lines = train(bench, {**files, TINY: tiny_wheel(9)})
    assert lines[-1] == "Failed"
    assert any("Can't verify hashes for these file:// requirements" in line for line in lines)


@pytest.mark.parametrize(
    "content",
    [
        b"--no-index --find-links wheels\ntinyhelper==1.0\n",
        b"\xef\xbb\xbf--no-index\n--find-links=wheels\ntinyhelper==1.0\n",
        "\ufeff--no-index\r\n-fwheels\r\ntinyhelper==1.0\r\n".encode("utf-16-le"),
        b"--no-index\t# no index\n--find-links \\\n  wheels\ntinyhelper==1.0\t# it\n",
        b"# caf\xe9\n--no-index\n-f wheels\ntinyhelper==1.0\n",
    ],
)
def test_a_requirements_file_is_read_as_pip_reads_it(tmp_path: Path, content: bytes) -> None:
    found = offered(tmp_path, content, wheels__tiny_whl=b"")
    assert found.no_index
    assert found.requirements == ["tinyhelper==1.0"]
    assert found.files == {"wheels/tiny.whl": hashlib.sha256(b"").hexdigest()}


@pytest.mark.parametrize(
    "line",
    [
        "-r other.txt",
        "-e .",
        "--find-links ../wheels",
        "--find-links https://example.com/",
        "--find-links /proc/self",
        "--extra-index-url https://example.com/",
        "./tiny",
        ".tiny",
        "tiny.whl[extra]",
        "tiny.whl ; python_version > '3'",
        "tiny @ file:///tmp/tiny.whl",
        "tiny==${VERSION}",
        "--find-links '",
    ],
)
def test_a_line_that_may_install_something_else_another_time_has_no_layer(tmp_path: Path, line: str) -> None:
    assert offered(tmp_path, f"--no-index\n{line}\n".encode(), tiny_whl=b"").key is None


@pytest.mark.parametrize(
    "page",
    [
        b'<a href="https://example.com/tiny-1.0.whl">tiny</a>',
        b'<a href="file:///etc/tiny-1.0.whl">tiny</a>',
        b'<a href="%2e%2e/tiny-1.0.whl">tiny</a>',
        b'<base href="file:///etc/"><a href="tiny.whl">tiny</a>',
        b'<a href="missing-1.0.whl">tiny</a>',
    ],
)
def test_a_page_that_links_to_more_than_the_files_beside_it_has_no_layer(tmp_path: Path, page: bytes) -> None:
    assert offered(tmp_path, b"--find-links w\ntiny\n", w__index_html=page, w__tiny_whl=b"").key is None
    page = b'<a href="tiny.whl#sha256=00">tiny</a>'
    assert offered(tmp_path, b"--find-links w\ntiny\n", w__index_html=page, w__tiny_whl=b"").key is not None


def test_two_folders_of_wheels_are_told_apart(tmp_path: Path) -> None:
    text = b"--find-links a\n--find-links b\ntiny\n"
    first = offered(tmp_path, text, a__tiny_whl=b"1", b__tiny_whl=b"2").key
    second = offered(tmp_path, text, a__tiny_whl=b"2", b__tiny_whl=b"1").key
    assert sorted(first or []) != sorted(second or [])


def test_a_pyproject_toml_of_other_tools_changes_nothing(bench: Bench) -> None:
    lines = train(bench, {"train.py": b"print('ran')\n", "pyproject.toml": b"[tool.ruff]\nline-length = 100\n"})
    assert lines[-2:] == ["ran", "Completed"]
    project = b"[project]\nname = 'mine'\nversion = '3.0'\n"
    script = b"from importlib.metadata import version\nprint(version('mine'))\n"
    lines = train(bench, {"train.py": script, "pyproject.toml": project})
    assert lines[-2:] == ["3.0", "Completed"]


def test_a_backend_that_the_image_lacks_comes_from_an_index(bench: Bench) -> None:
    project = b"[build-system]\nrequires = ['hatchling']\nbuild-backend = 'hatchling.build'\n"
    lines = train(bench, {"pyproject.toml": project})
    assert lines[-1] == "Failed"
    assert any("No matching distribution found for hatchling" in line for line in lines)
