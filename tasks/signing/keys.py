"""The signing keys: files of this user offline, the environment's KMS key on AWS. Nobody can read the latter's secret.

Both verify with a public key alone. The KMS key is ECDSA on P-256 (SHA-256): OpenSSF model-signing and the signed
notes of C2SP both have it, and Terraform's provider creates it. KMS also has Ed25519 since 2025, which the pinned
provider (5.100) does not know.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from config import settings
from config.errors import VishwaOpsError
from config.profile import active_profile
from sagemaker_local.private_files import file_lock, private_folder, write_private
from tasks import clients
from tasks.platform import platform

FOLDER = settings.STATE / "keys"
PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
Purpose = Literal["audit", "models"]
ALGORITHM: Literal["ECDSA_SHA_256"] = "ECDSA_SHA_256"


class SigningKey(Protocol):
    """A key that signs messages of any length."""

    @property
    def public(self) -> PublicKey:
        """Its public part."""

    def sign(self, message: bytes) -> bytes:
        """Return the signature: 64 bytes of Ed25519, or DER of ECDSA with SHA-256."""


@dataclass(frozen=True)
class FileKey:
    """A private key in a file that only this user may read."""

    private: PrivateKey

    @property
    def public(self) -> PublicKey:
        return self.private.public_key()

    def sign(self, message: bytes) -> bytes:
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return self.private.sign(message)
        return self.private.sign(message, ec.ECDSA(hashes.SHA256()))


@dataclass(frozen=True)
class KmsKey:
    """An asymmetric KMS key, by its id or ARN."""

    id: str

    @property
    def public(self) -> PublicKey:
        return _kms_public(self.id)

    def sign(self, message: bytes) -> bytes:
        digest = hashlib.sha256(message).digest()
        found = clients.client("kms").sign(
            KeyId=self.id, Message=digest, MessageType="DIGEST", SigningAlgorithm=ALGORITHM
        )
        return bytes(found["Signature"])


@cache
def _kms_public(key: str) -> PublicKey:
    """The public part of a KMS key, which never changes."""
    found = serialization.load_der_public_key(clients.client("kms").get_public_key(KeyId=key)["PublicKey"])
    if not isinstance(found, ec.EllipticCurvePublicKey):
        raise VishwaOpsError(f"{key}: expected a KMS key of ECDSA on P-256, found one of {type(found).__name__}")
    return found


def signing_key(purpose: Purpose) -> SigningKey:
    """Return the environment's signing key. Offline, the key of each purpose is made when it is first used."""
    if active_profile().offline:
        return FileKey(file_key(FOLDER / f"{purpose}.pem", purpose))
    return KmsKey(platform().signing_key)


def key_reference() -> str:
    """The ARN of the KMS key that signs models; offline, the digest of the public key."""
    key = signing_key("models")
    return key.id if isinstance(key, KmsKey) else f"file:{key_id(key.public)}"


def file_key(path: Path, purpose: Purpose) -> PrivateKey:
    """Return the private key in a file, made once: Ed25519 for the audit log, ECDSA on P-256 for models.

    Raises VishwaOpsError when the file has another content.
    """
    with file_lock(path.with_suffix(".lock")):
        if not path.exists():
            made = (
                ed25519.Ed25519PrivateKey.generate() if purpose == "audit" else ec.generate_private_key(ec.SECP256R1())
            )
            private_folder(path.parent)
            write_private(path, _pem(made))
    key = _loaded(path)
    if not isinstance(key, ed25519.Ed25519PrivateKey if purpose == "audit" else ec.EllipticCurvePrivateKey):
        raise VishwaOpsError(
            f"{path}: expected the private key that signs {purpose}, found another content. Restore it from a backup: "
            "signatures of another key do not verify"
        )
    return key


def _loaded(path: Path) -> object:
    try:
        return serialization.load_pem_private_key(path.read_bytes(), None)
    except ValueError:
        return None


def _pem(key: PrivateKey) -> str:
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()


def public_pem(key: PublicKey) -> str:
    """A public key as PEM."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def key_id(key: PublicKey) -> str:
    """The SHA-256 of a public key's PEM, which names the key in a signature."""
    return hashlib.sha256(public_pem(key).encode()).hexdigest()


def is_signed(key: PublicKey, signature: bytes, message: bytes) -> bool:
    """Whether this signature of the message was made with the key."""
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, message)
        else:
            key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True
