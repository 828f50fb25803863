"""Images as locked environments: found by URI, built once, never written to; installed requirements are reused."""

import hashlib
import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sagemaker_local import image_builder
from sagemaker_local.errors import JobFailure
from sagemaker_local.images import environment_for, image_of
from sagemaker_local.interpreter import own_interpreter
from tests.sagemaker_local.conftest import OwnServer
from tests.sagemaker_local.support import IMAGE, Bench, unique

GROUP = "/aws/sagemaker/TrainingJobs"
REGISTRY = "683313688378.dkr.ecr.us-east-1.amazonaws.com"
TOML = 'repository = "tiny"\ntag = "1"\npython = "3.11"\n'
TOML += 'training = "sagemaker-training"\nserving = "sagemaker-inference"\n'


def wheel(folder: Path, name: str = "tinyhelper") -> str:
    """Puts a package of one line and one command into a folder, and returns its line in a lock."""
    buffer, info = io.BytesIO(), f"{name}-1.0.dist-info"
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(f"{name}.py", "ANSWER = 42\ndef main():\n    print('the answer is', ANSWER)\n")
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        file.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr(f"{info}/entry_points.txt", f"[console_scripts]\n{name} = {name}:main\n")
        files = (f"{name}.py", f"{info}/METADATA", f"{info}/WHEEL", f"{info}/entry_points.txt", f"{info}/RECORD")
        file.writestr(f"{info}/RECORD", "".join(f"{path},,\n" for path in files))
    folder.mkdir(exist_ok=True)
    (folder / f"{name}-1.0-py3-none-any.whl").write_bytes(buffer.getvalue())
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(buffer.getvalue()).hexdigest()}\n"


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that installers use as the only package registry."""
    folder = tmp_path / "registry"
    folder.mkdir()
    for installer in ("UV", "PIP"):
        monkeypatch.setenv(f"{installer}_NO_INDEX", "1")
        monkeypatch.setenv(f"{installer}_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def images(localstack_env: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environments that `make setup` built."""
    folder = localstack_env.parent / "images"
    monkeypatch.setenv("SAGEMAKER_LOCAL_IMAGES", str(folder))
    return folder


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        (IMAGE, "sagemaker-xgboost-3.2-0"),
        (f"{REGISTRY}/sagemaker-xgboost:3.2-0-cpu-py3", "sagemaker-xgboost-3.2-0"),
        (f"{REGISTRY}/sagemaker-scikit-learn:1.9-0-cpu-py3", "sagemaker-scikit-learn-1.9-0"),
        ("sagemaker-xgboost-3.2-0", "sagemaker-xgboost-3.2-0"),
        ("public.ecr.aws/sagemaker/sagemaker-distribution:latest-cpu", "sagemaker-distribution"),
    ],
)
def test_an_image_is_found_by_its_uri(uri: str, name: str) -> None:
    assert image_of(uri).name == name


@pytest.mark.parametrize("uri", [f"{REGISTRY}/sagemaker-xgboost:1.7-1", f"{REGISTRY}/xgboost:latest", "prophet"])
def test_an_unknown_image_or_version_is_refused_and_says_how_to_add_it(uri: str) -> None:
    with pytest.raises(JobFailure, match=r"Add a folder for .* to localstack/images/, as its README says"):
        image_of(uri)


def test_the_xgboost_image_has_the_libraries_of_awss(images: Path) -> None:
    code = "import numpy, pandas, sklearn, xgboost; print(*(m.__version__ for m in (numpy, pandas, sklearn, xgboost)))"
    python = environment_for(IMAGE).python
    done = subprocess.run([python, "-Ic", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["2.1.0", "2.2.3", "1.8.0", "3.2.0"]


def test_every_lock_pins_versions_with_hashes_and_names_no_address() -> None:
    locks = sorted(Path(__file__).parents[2].glob("localstack/images/*/requirements.lock"))
    assert len(locks) >= 2
    for lock in locks:
        lines = lock.read_text().splitlines()
        assert all("==" in line or line.startswith("    --hash=sha256:") for line in lines), lock
        assert {"pip", "packaging", "uvicorn", "httptools"} <= {line.split("==")[0] for line in lines}


def test_two_builders_make_one_environment_and_leave_nothing_else(tmp_path: Path, registry: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(wheel(registry))
    code = (
        "import sys; from pathlib import Path; from sagemaker_local import image_builder\n"
        f"print(image_builder.build('tiny', '3.11', Path({str(lock)!r}), Path({str(tmp_path / 'images')!r}), print))"
    )
    with ThreadPoolExecutor(2) as pool:
        runs = list(
            pool.map(
                lambda _: subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True),
                range(2),
            )
        )
    assert len({run.stdout.splitlines()[-1] for run in runs}) == 1
    assert sum("is ready" in run.stdout for run in runs) == 1
    python = Path(runs[0].stdout.splitlines()[-1])
    assert subprocess.run([python, "-c", "import tinyhelper"], check=False).returncode == 0
    assert sorted(path.name for path in (tmp_path / "images").iterdir()) == [".tiny.lock", python.parents[1].name]
    said = subprocess.run([python.with_name("tinyhelper")], capture_output=True, text=True, check=True).stdout
    assert said == "the answer is 42\n"


def test_where_there_is_no_uv_pip_builds_the_same(tmp_path: Path, registry: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(wheel(registry))
    code = (
        "from pathlib import Path; from sagemaker_local import image_builder\n"
        f"print(image_builder.build('tiny', '3.11', Path({str(lock)!r}), Path({str(tmp_path / 'images')!r}), print))"
    )
    short = f"{sys.version_info.major}.{sys.version_info.minor}"
    without_uv = Path(sys.base_prefix, "bin", f"python{short}")
    environment = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    environment |= {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(image_builder.__file__).parents[1])}
    done = subprocess.run([without_uv, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    python = Path(done.stdout.splitlines()[-1])
    assert "uv = " not in python.parents[1].joinpath("pyvenv.cfg").read_text()
    assert not list(python.parents[1].rglob("tinyhelper*.pyc")), "compiled ahead"
    said = subprocess.run([python.with_name("tinyhelper")], capture_output=True, text=True, check=True).stdout
    assert said == "the answer is 42\n"


def test_without_a_registry_in_reach_the_reason_says_so_and_nothing_is_left(tmp_path: Path, registry: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("nowhere==1.0 --hash=sha256:" + "0" * 64 + "\n")
    with pytest.raises(JobFailure, match=r"It needs a package registry\. .* sagemaker_local.images build tiny"):
        image_builder.build("tiny", "3.11", lock, tmp_path / "images", lambda line: None)
    assert [path.name for path in (tmp_path / "images").iterdir()] == [".tiny.lock"]


def test_a_missing_python_is_replaced_by_the_servers_own(tmp_path: Path, registry: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(wheel(registry))
    said: list[str] = []
    image_builder.build("tiny", "3.99", lock, tmp_path / "images", said.append)
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert f"Python 3.99 is not on this machine; {own} is used instead." in said


def test_what_a_job_installs_is_kept_for_the_next_without_a_registry(
    tmp_path: Path, registry: Path, images: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel(registry)
    image = environment_for(IMAGE).python
    before = sorted(Path(image).parents[1].rglob("tinyhelper*"))

    def installed(name: str) -> str:
        python = own_interpreter(image, tmp_path / name, tmp_path / "layers")
        command = f"{python} -m pip install -q tinyhelper==1.0 && {Path(python).with_name('tinyhelper')}"
        environment = {"PATH": os.environ["PATH"]}
        return subprocess.run(
            ["/bin/sh", "-c", command], env=environment, capture_output=True, text=True, check=True
        ).stdout

    assert "Installing tinyhelper==1.0" in installed("first")
    (registry / "tinyhelper-1.0-py3-none-any.whl").unlink()
    second = installed("second")
    assert "Taking what was installed before: tinyhelper==1.0" in second
    assert second.endswith("the answer is 42\n")
    assert "already satisfied" in installed("second")
    assert sorted(Path(image).parents[1].rglob("tinyhelper*")) == before == []


def test_two_jobs_that_install_the_same_at_once_make_one_layer(tmp_path: Path, registry: Path, images: Path) -> None:
    wheel(registry)
    image = environment_for(IMAGE).python

    def install(name: str) -> int:
        python = own_interpreter(image, tmp_path / name, tmp_path / "layers")
        command = [python, "-m", "pip", "install", "tinyhelper"]
        installed = subprocess.run(command, env={"PATH": os.environ["PATH"]}, capture_output=True, check=False)
        return installed.returncode or subprocess.run([python, "-c", "import tinyhelper"], check=False).returncode

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(install, ("a", "b"))) == [0, 0]
    assert len([layer for layer in (tmp_path / "layers").iterdir() if layer.is_dir()]) == 1


def test_the_images_own_pip_answers_everything_else(tmp_path: Path, images: Path) -> None:
    python = own_interpreter(environment_for(IMAGE).python, tmp_path / "own", tmp_path / "layers")
    for words in (["pip", "--version"], ["pip", "uninstall", "--yes", "typing"], ["pip", "show", "xgboost"]):
        command = [str(Path(python).with_name(words[0])), *words[1:]]
        done = subprocess.run(command, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True)
        assert "pip 2" in done.stdout or "typing" in done.stderr or "Version: 3.2.0" in done.stdout


def test_the_first_job_of_an_image_builds_it_and_says_so_in_status_and_log(
    tmp_path: Path, registry: Path, start_server: Callable[..., OwnServer]
) -> None:
    definition = tmp_path / "own-images" / "definitions" / "tiny-1"
    definition.mkdir(parents=True)
    (definition / "image.toml").write_text(TOML)
    (definition / "requirements.lock").write_text(wheel(registry))
    bench: Bench = start_server("--images-dir", str(tmp_path / "own-images")).bench
    command = ["python3", "-c", "import tinyhelper; tinyhelper.main()"]
    algorithm = {"TrainingImage": f"{REGISTRY}/tiny:1", "ContainerEntrypoint": command}
    for said in ("The environment of tiny-1 is ready.", "Starting the training job"):
        job = bench.train("", algorithm=algorithm, HyperParameters={})
        assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
        assert job["SecondaryStatusTransitions"][0]["StatusMessage"] == said
        lines = bench.printed(GROUP, job["TrainingJobName"])
        assert lines[-1] == "the answer is 42"
        assert any("Building the environment that mirrors tiny-1" in line for line in lines) == ("ready" in said)


def test_the_command_lists_and_refuses(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sagemaker_local.images", "--images-dir", str(tmp_path)]
    listed = subprocess.run([*command, "list"], capture_output=True, text=True, check=True).stdout
    assert "sagemaker-xgboost-3.2-0: sagemaker-xgboost:3\\.2-0.*, not built yet" in listed
    refused = subprocess.run([*command, "build", unique("no")], capture_output=True, text=True, check=False)
    assert (refused.returncode, "has no environment for image" in refused.stderr) == (1, True)


def test_a_version_managers_shim_is_seen_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}").resolve()
    shim = tmp_path / "python3.98"
    shim.write_text(f'#!/bin/sh\nexec {real} "$@"\n')
    shim.chmod(0o755)
    broken = tmp_path / "python3.97"
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert image_builder.find_python("3.97") == Path(sys.executable).resolve()
    version, executable = image_builder._described(shim)
    assert (version, executable) == (f"{sys.version_info.major}.{sys.version_info.minor}", real)


def test_an_interpreter_without_any_package_can_build_an_image() -> None:
    code = "import sagemaker_local.images as images; print(images.image_of('sagemaker-xgboost-3.2-0').python)"
    command = [sys.executable, "-S", "-c", code]
    environment = {"PYTHONPATH": str(Path(image_builder.__file__).parents[1])}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "3.12", done.stderr


def test_packages_that_can_not_be_installed_beside_an_image_end_the_command(tmp_path: Path, registry: Path) -> None:
    definition = tmp_path / "definitions" / "tiny-1"
    definition.mkdir(parents=True)
    (definition / "image.toml").write_text(TOML)
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("nowhere==1.0\n")
    command = [sys.executable, "-m", "sagemaker_local.images", "--images-dir", str(tmp_path), "build", "tiny-1"]
    done = subprocess.run([*command, "--requirements", str(requirements)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"The packages of {requirements} can't be installed." in done.stderr
