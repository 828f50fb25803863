"""Missing requirements are installed for the job, or the job fails with the reason."""

import io
import tarfile
import zipfile

from tests.sagemaker_local.support import Bench, unique

WHEEL = "tinyhelper-1.0-py3-none-any.whl"


def wheel() -> bytes:
    """A package of one line, built by hand."""
    buffer = io.BytesIO()
    info = "tinyhelper-1.0.dist-info"
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("tinyhelper.py", "ANSWER = 42\n")
        file.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tinyhelper\nVersion: 1.0\n")
        file.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr(f"{info}/RECORD", f"tinyhelper.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return buffer.getvalue()


def submitted(bench: Bench, **files: bytes) -> dict[str, str]:
    """Hyperparameters that name an archive of these files; `_` in a name means a dot."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(WHEEL if name == "wheel" else name.replace("_", "."))
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return {"sagemaker_submit_directory": bench.put(f"{unique('code')}.tar.gz", buffer.getvalue())}


def test_a_missing_requirement_is_installed_for_the_job_and_for_no_other(bench: Bench) -> None:
    script = b"import tinyhelper\nprint('the answer is', tinyhelper.ANSWER)\n"
    files = {"train_py": script, "requirements_txt": f"./{WHEEL}\n".encode(), "wheel": wheel()}
    job = bench.train("", hyperparameters=submitted(bench, **files))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert bench.printed("/aws/sagemaker/TrainingJobs", job["TrainingJobName"])[-1] == "the answer is 42"
    later = bench.train("import importlib.util\nprint(importlib.util.find_spec('tinyhelper'))\n")
    assert bench.printed("/aws/sagemaker/TrainingJobs", later["TrainingJobName"])[-1] == "None"


def test_a_requirement_that_cannot_be_installed_fails_the_job(bench: Bench) -> None:
    files = {"train_py": b"print('never')\n", "requirements_txt": b"./not-there-1.0-py3-none-any.whl\n"}
    job = bench.train("", hyperparameters=submitted(bench, **files))
    assert job["FailureReason"].startswith('AlgorithmError: InstallModuleError:\nCommand "')
    assert job["FailureReason"].endswith(' -m pip install . -r requirements.txt", exit code: 1')
    lines = bench.printed("/aws/sagemaker/TrainingJobs", job["TrainingJobName"])
    assert any("not-there" in line for line in lines)
