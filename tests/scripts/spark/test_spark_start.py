import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import spark_rows
import spark_start
from tabular.spark.session import SparkTasks
from tasks import spark_jobs

SUBMIT = '#!/bin/sh\necho "$PYTHONPATH" > "$OUT"\necho "$@" >> "$OUT"\n'


def test_packages_are_unpacked_before_smspark_submit_starts_the_program(tmp_path: Path) -> None:
    code, packages = tmp_path / "input" / "code", tmp_path / "input" / "packages"
    code.mkdir(parents=True)
    packages.mkdir()
    start = code / "spark_start.py"
    start.write_text(Path(spark_start.__file__).read_text())
    with tarfile.open(packages / "packages.tar.gz", "w:gz") as archive:
        entry = tarfile.TarInfo("one.py")
        archive.addfile(entry, io.BytesIO(b""))
    submit = tmp_path / "bin" / "smspark-submit"
    submit.parent.mkdir()
    submit.write_text(SUBMIT)
    submit.chmod(0o755)
    environment = {
        "PATH": f"{submit.parent}:{os.environ['PATH']}",
        "OUT": str(tmp_path / "out"),
        "PYTHONPATH": "/hooks",
    }
    subprocess.run([sys.executable, start, "spark_rows.py", "ingest", "--job", "x"], env=environment, check=True)
    path, words = (tmp_path / "out").read_text().splitlines()
    assert path == f"{tmp_path}/packages:{code}:/hooks"
    assert words == f"{code}/spark_rows.py ingest --job x"
    assert (tmp_path / "packages" / "one.py").exists()


def test_the_flow_and_the_job_name_the_same_program_and_result() -> None:
    assert (Path(spark_rows.__file__).name, spark_rows.RESULT) == (spark_jobs.PROGRAM, spark_jobs.RESULT)


def test_no_items_need_no_task() -> None:
    assert SparkTasks(None)(str, []) == []
