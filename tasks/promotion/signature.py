"""The signature of the other environment's model, verified with the key of that environment."""

import re
from typing import IO

from config.errors import GateError
from config.profile import active_profile
from tasks.promotion.source import SourcePackage, reading_there
from tasks.sagemaker import registry
from tasks.signing.keys import KmsKey, PublicKey, signing_key
from tasks.signing.models import SIGNATURE, find_signature, require_files

KEY = re.compile(r"arn:[a-z-]+:kms:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12}):key/[A-Za-z0-9-]+")


def require_signature(source: SourcePackage, archive: IO[bytes]) -> None:
    """Verify the signature of the package, then every file of its archive.

    Raises GateError when it is unsigned, or signed by a key of another account than the package's, or altered.
    """
    with reading_there():
        signature = find_signature(source.model_uri, _key(source))
    if signature is None:
        raise GateError(
            f"{source.arn}: expected a signed version, found no {SIGNATURE} beside {source.model_uri}. "
            f"{_how_to_sign(source)}"
        )
    require_files(source.model_uri, signature, archive)


def _key(source: SourcePackage) -> PublicKey:
    """The public key of the other environment: of its KMS key. Offline, environments have the keys of this user."""
    if active_profile().offline:
        return signing_key("models").public
    named, account = source.facts.get(registry.SIGNING_KEY, ""), source.arn.split(":")[4]
    found, region = KEY.fullmatch(named), active_profile().region
    if not found or (found["account"], found["region"]) != (account, region):
        raise GateError(
            f"{source.arn}: expected a KMS key of account {account} as its {registry.SIGNING_KEY}, found "
            f"{named or 'none'}. The key must be in the version's own account and in {region}. "
            f"{'Train the model again there' if named else _how_to_sign(source)}"
        )
    return KmsKey(named).public


def _how_to_sign(source: SourcePackage) -> str:
    version = registry.version_of(source.arn)
    return f"Sign it in its own environment: vishwaops sign --use-case NAME --version {version} --reason WHY"
