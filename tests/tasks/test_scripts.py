import io
import tarfile

from config import settings
from tasks import scripts, storage


def members(body: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(body), mode="r:gz") as tar:
        return {entry.name: content.read() for entry in tar if (content := tar.extractfile(entry))}


def test_the_archive_holds_every_script_where_sagemaker_looks_for_it() -> None:
    found = members(scripts.archive())
    assert {"train.py", "evaluate.py", "inference.py", "requirements.txt", "tabular/columns.py"} <= set(found)
    assert found["train.py"] == (settings.SCRIPTS / "train.py").read_bytes()
    assert not [name for name in found if "__pycache__" in name or name.startswith(("container/", "image/"))]


def test_the_same_scripts_are_the_same_bytes() -> None:
    first = scripts.archive()
    scripts.archive.cache_clear()
    assert scripts.archive() == first


def test_the_archive_is_stored_under_its_digest_once(bucket: str) -> None:
    first = scripts.upload("student_grades")
    assert scripts.upload("student_grades") == first
    assert first.endswith(f"/{scripts.ARCHIVE}")
    assert storage.get(first) == scripts.archive()
