"""A model's signature is of its archive's files, at its address, by the environment's key."""

import io
import tarfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from config.errors import GateError
from tasks import clients, storage
from tasks.references import RegisteredModel
from tasks.signing import bundle
from tasks.signing.archive import digests_of
from tasks.signing.keys import FileKey, KmsKey, SigningKey, public_pem
from tasks.signing.models import SIGNATURE, beside, find_signature, require_signed, sign

FILES = {"./model.skops": b"a model", "code/inference.py": b"pass\n", "code/wheels/a.whl": b""}


def packed(files: dict[str, bytes], *, link: str = "") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
        if link:
            entry = tarfile.TarInfo(link)
            entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(entry)
    return buffer.getvalue()


@pytest.fixture
def model(bucket: str) -> RegisteredModel:
    """A signed model."""
    uri = f"s3://{bucket}/t_{uuid4().hex[:10]}/jobs/one/output/model.tar.gz"
    storage.put(uri, packed(FILES))
    sign(uri, io.BytesIO(packed(FILES)))
    return RegisteredModel(use_case="small_one", model_package_arn="arn/1", version=1, model_uri=uri)


def kms_key() -> KmsKey:
    key = clients.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    return KmsKey(key)


def test_a_signed_model_verifies_and_signing_it_again_changes_nothing(model: RegisteredModel) -> None:
    before = storage.get(beside(model.model_uri, SIGNATURE))
    signed = require_signed(model)
    assert sorted(signed.files) == ["code/inference.py", "code/wheels/a.whl", "model.skops"]
    assert sign(model.model_uri, io.BytesIO(packed(FILES))) == signed
    assert storage.get(beside(model.model_uri, SIGNATURE)) == before


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (FILES | {"./model.skops": b"a modem"}, "changed: model.skops"),
        (FILES | {"code/__pycache__/inference.cpython-311.pyc": b"x"}, "added: code/__pycache__/inference"),
        ({name: FILES[name] for name in list(FILES)[:2]}, "removed: code/wheels/a.whl"),
    ],
)
def test_an_altered_archive_is_refused_with_the_files_that_differ(
    model: RegisteredModel, files: dict[str, bytes], found: str
) -> None:
    storage.put(model.model_uri, packed(files))
    with pytest.raises(GateError, match=f"found others: {found}"):
        require_signed(model)
    with pytest.raises(GateError, match=found):  # no second signature makes it good
        sign(model.model_uri, io.BytesIO(packed(files)))


def test_an_unsigned_model_is_refused_with_the_command_that_signs_it(model: RegisteredModel) -> None:
    storage.delete([beside(model.model_uri, SIGNATURE)])
    assert find_signature(model.model_uri) is None
    with pytest.raises(GateError, match=r"version 1 to be signed.*vishwaops sign --use-case small_one --version 1"):
        require_signed(model)


def test_the_signature_of_another_key_another_model_or_another_content_is_refused(model: RegisteredModel) -> None:
    uri, files = beside(model.model_uri, SIGNATURE), digests_of("it", io.BytesIO(packed(FILES)))
    other = FileKey(ec.generate_private_key(ec.SECP256R1()))
    storage.put(uri, bundle.signed("any", files, other).encode())
    with pytest.raises(GateError, match="found one that does not verify"):
        require_signed(model)
    moved = f"{model.model_uri.rpartition('/jobs/')[0]}/jobs/two/output/model.tar.gz"
    storage.put(moved, packed(FILES))
    sign(moved, io.BytesIO(packed(FILES)))
    storage.put(uri, storage.get(beside(moved, SIGNATURE)))
    with pytest.raises(GateError, match=r"expected the signature of .*/jobs/one/output, found that of .*/jobs/two/"):
        require_signed(model)
    storage.put(uri, b"{}")
    with pytest.raises(GateError, match="another content"):
        require_signed(model)


def test_an_archive_with_a_link_a_name_twice_or_a_path_outside_is_never_signed() -> None:
    for content in (packed(FILES, link="code/x.py"), packed(FILES | {"model.skops": b""}), packed({"../x": b""})):
        with pytest.raises(GateError, match="with one path each below the model's folder"):
            digests_of("it", io.BytesIO(content))
    with pytest.raises(GateError, match=r"expected a model\.tar\.gz"):
        digests_of("it", io.BytesIO(b"no archive"))


@pytest.mark.parametrize("kind", ["file", "kms"])
def test_model_signing_itself_verifies_the_signature_and_refuses_an_altered_file(
    bucket: str, kind: str, tmp_path: Path
) -> None:
    import model_signing  # takes half a second

    key: SigningKey = FileKey(ec.generate_private_key(ec.SECP256R1())) if kind == "file" else kms_key()
    content, folder = packed(FILES), tmp_path / "model"
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        tar.extractall(folder, filter="data")
    (tmp_path / "model.sig").write_text(bundle.signed("model", digests_of("it", io.BytesIO(content)), key))
    (tmp_path / "key.pub").write_text(public_pem(key.public))
    config: Any = model_signing.verifying.Config  # its signature has no types
    verifying = config().use_elliptic_key_verifier(public_key=tmp_path / "key.pub")
    verifying.verify(folder, tmp_path / "model.sig")
    (folder / "model.skops").write_bytes(b"a modem")
    with pytest.raises(ValueError, match=r"Hash mismatch for 'model\.skops'"):
        verifying.verify(folder, tmp_path / "model.sig")
