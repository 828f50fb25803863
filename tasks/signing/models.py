"""Signs the files of a registered model, and verifies them. The signature lies beside the archive: model.sig."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO

from config.errors import GateError
from tabular.signed_files import EXPECTED, SIGNED_BY, digest_of
from tasks import storage
from tasks.references import RegisteredModel
from tasks.signing import bundle
from tasks.signing.archive import digests_of
from tasks.signing.keys import PublicKey, key_id, signing_key

SIGNATURE = "model.sig"
SHOWN = 5
"""The files that an error names."""


@dataclass(frozen=True)
class SignedModel:
    """The verified signature of a model."""

    files: Mapping[str, str]
    """The SHA-256 of each file, by path."""
    key: str
    """The id of the key."""

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which an endpoint checks its files at its start."""
        return {EXPECTED: digest_of(self.files), SIGNED_BY: self.key}


def beside(model_uri: str, name: str) -> str:
    """The address of an object beside a model.tar.gz."""
    return f"{model_uri.rpartition('/')[0]}/{name}"


def sign(model_uri: str, archive: IO[bytes]) -> SignedModel:
    """Sign the files of an archive, and store the signature beside it. Safe to repeat.

    Raises GateError when the archive can't be signed, or is signed already and was changed since.
    """
    files = digests_of(model_uri, archive)
    if (found := find_signature(model_uri)) is None:
        key = signing_key("models")
        content = bundle.signed(_name(model_uri), files, key).encode()
        storage.put(beside(model_uri, SIGNATURE), content, "application/json")
        return SignedModel(files, key_id(key.public))
    _require_equal(model_uri, found.files, files)
    return found


def find_signature(model_uri: str, key: PublicKey | None = None) -> SignedModel | None:
    """Return the verified signature of a model; None when it has none. The files are not read.

    `key` is the public key of another environment. Raises GateError when the signature is not of this key, or is
    another model's.
    """
    uri = beside(model_uri, SIGNATURE)
    try:
        content = storage.get(uri)
    except FileNotFoundError:
        return None
    key = key or signing_key("models").public
    try:
        name, files = bundle.verified(content, key)
    except ValueError as error:
        raise GateError(
            f"{uri}: {error}. The signature was changed, or made elsewhere. Train the model again"
        ) from error
    if name != _name(model_uri):
        raise GateError(f"{uri}: expected the signature of {_name(model_uri)}, found that of {name}. Train it again")
    return SignedModel(files, key_id(key))


def require_signed(model: RegisteredModel) -> SignedModel:
    """Verify the signature of a registered model, then every file of its archive.

    Raises GateError for an unsigned model, and when a file was added, removed or changed after the model was signed.
    """
    if (signature := find_signature(model.model_uri)) is None:
        raise GateError(
            f"{model.use_case}: expected version {model.version} to be signed, found no "
            f"{beside(model.model_uri, SIGNATURE)}: an earlier version of VishwaOps registered it, or the signature "
            f"was deleted. If its archive can be trusted: vishwaops sign --use-case {model.use_case} --version "
            f"{model.version} --reason WHY"
        )
    with storage.opened(model.model_uri) as archive:
        require_files(model.model_uri, signature, archive)
    return signature


def require_files(model_uri: str, signature: SignedModel, archive: IO[bytes]) -> None:
    """Raise GateError unless the archive has the signed files, and no others."""
    _require_equal(model_uri, signature.files, digests_of(model_uri, archive))


def _require_equal(model_uri: str, signed: Mapping[str, str], found: Mapping[str, str]) -> None:
    changes = {
        "changed": sorted(name for name in signed.keys() & found.keys() if signed[name] != found[name]),
        "added": sorted(found.keys() - signed.keys()),
        "removed": sorted(signed.keys() - found.keys()),
    }
    if any(changes.values()):
        shown = "; ".join(f"{how}: {', '.join(names[:SHOWN])}" for how, names in changes.items() if names)
        raise GateError(
            f"{model_uri}: expected the files that were signed, found others: {shown}. The archive was changed after "
            "its registration. Restore its earlier version, or train the model again"
        )


def _name(model_uri: str) -> str:
    """The name of a model in its signature: the key of its folder. A signature that is moved names another folder."""
    return storage.address(model_uri)[1].rpartition("/")[0]
