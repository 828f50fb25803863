"""Unpacks the packages of a Spark job and starts it: `python3 spark_start.py PROGRAM ARGUMENTS`, on every instance.

The image's own entrypoint, smspark-submit, follows. So the packages are on each instance before its first task.
"""

import os
import sys
import tarfile
from pathlib import Path

CODE = Path(__file__).resolve().parent
INPUT = CODE.parent


def main() -> None:
    """Unpack, and become smspark-submit."""
    packages = INPUT.parent / "packages"
    with tarfile.open(next((INPUT / "packages").glob("*.tar.gz"))) as archive:
        archive.extractall(packages, filter="data")
    path = [str(packages), str(CODE), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(path)
    program, *arguments = sys.argv[1:]
    os.execvp("smspark-submit", ["smspark-submit", str(CODE / program), *arguments])  # noqa: S606


if __name__ == "__main__":
    main()
