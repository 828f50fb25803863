"""Signatures as OpenSSF model-signing 1.1 writes and verifies them: `model_signing verify key`.

A signature is a Sigstore bundle: an in-toto statement with the digest of each file, in a DSSE envelope. Written here,
because model-signing signs with keys in files and PKCS #11 tokens only, and its import takes half a second.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from tasks.signing.keys import PublicKey, SigningKey, is_signed, key_id

BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PAYLOAD = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://model_signing/signature/v1.0"
SERIALIZATION = {"method": "files", "hash_type": "sha256", "allow_symlinks": False}


def signed(name: str, files: Mapping[str, str], key: SigningKey) -> str:
    """Return the signature of a model's files: their SHA-256, by path. `name` is the model's."""
    payload = json.dumps(_statement(name, files)).encode()
    bundle = {
        "mediaType": BUNDLE,
        "verificationMaterial": {"publicKey": {"hint": key_id(key.public)}, "tlogEntries": []},
        "dsseEnvelope": {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": PAYLOAD,
            "signatures": [{"sig": base64.b64encode(key.sign(_encoded(payload))).decode(), "keyid": ""}],
        },
    }
    return json.dumps(bundle)


def verified(content: bytes, key: PublicKey) -> tuple[str, dict[str, str]]:
    """Return the name and the files of a signature. Raises ValueError unless it was signed with this key."""
    try:
        envelope = json.loads(content)["dsseEnvelope"]
        payload = base64.b64decode(envelope["payload"])
        signatures = [base64.b64decode(each["sig"]) for each in envelope["signatures"]]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"expected a signature of model-signing, found another content: {error!r}") from error
    if not any(is_signed(key, each, _encoded(payload)) for each in signatures):
        raise ValueError(f"expected a signature of the key {key_id(key)}, found one that does not verify with it")
    statement = json.loads(payload)
    if (statement["_type"], statement["predicateType"]) != (STATEMENT, PREDICATE):
        raise ValueError(f"expected a statement of {PREDICATE}, found one of {statement['predicateType']}")
    resources = statement["predicate"]["resources"]
    return statement["subject"][0]["name"], {each["name"]: each["digest"] for each in resources}


def _statement(name: str, files: Mapping[str, str]) -> dict[str, Any]:
    """The statement. The digest of its subject is that of the files' digests, in the order of their paths."""
    ordered = sorted(files.items())
    root = hashlib.sha256(b"".join(bytes.fromhex(digest) for _, digest in ordered)).hexdigest()
    resources = [{"name": path, "algorithm": "sha256", "digest": digest} for path, digest in ordered]
    return {
        "_type": STATEMENT,
        "subject": [{"name": name, "digest": {"sha256": root}}],
        "predicateType": PREDICATE,
        "predicate": {"serialization": SERIALIZATION, "resources": resources},
    }


def _encoded(payload: bytes) -> bytes:
    """What is signed: DSSE's encoding of the type and the payload."""
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD), PAYLOAD.encode(), len(payload), payload)
