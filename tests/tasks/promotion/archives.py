"""Archives of models, without a trained model inside."""

import io
import tarfile
from collections.abc import Mapping

from config.use_case import UseCase
from tasks.model_contract import contract

URI = "s3://other/model.tar.gz"


def parts(case: UseCase) -> dict[str, bytes]:
    """The files that an endpoint needs, by name."""
    return {
        "model.skops": b"a model",
        "baseline.json": b"[0.5, 0.5]",
        "contract.json": contract(case).json().encode(),
        "code/inference.py": b"",
        "code/requirements.txt": b"",
        "code/wheels/skops-1-py3-none-any.whl": b"",
    }


def archive(files: Mapping[str, bytes], links: Mapping[str, str] | None = None) -> io.BytesIO:
    """A model.tar.gz with these files and symbolic links."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"./{name}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
        for name, target in (links or {}).items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            tar.addfile(entry)
    buffer.seek(0)
    return buffer
