"""Signs a version that was registered without a signature, by a person's decision."""

from config.errors import MissingInput
from config.use_case import UseCase
from tasks import audit, digests, storage
from tasks.platform import platform
from tasks.sagemaker import registry
from tasks.signing.archive import require_registered
from tasks.signing.keys import key_reference
from tasks.signing.models import SignedModel, sign


def sign_version(use_case: UseCase, version: int, reason: str) -> SignedModel:
    """Sign the archive of a version, store the key in its metadata, where a promotion reads it, and write the decision
    to the audit log. Safe to repeat.

    Raises MissingInput when there is no such version or archive, and GateError when the archive is not the one that was
    registered, or is signed and was changed since.
    """
    package = registry.find_version(platform().model_package_group(use_case.name), version)
    if package is None:
        raise MissingInput(
            f"{use_case.name}: expected a registered version, found no version {version}. List them: vishwaops "
            f"champion --use-case {use_case.name}"
        )
    uri, known = registry.model_uri(package), registry.facts_of(package)
    try:
        with storage.opened(uri) as archive:
            digest = digests.of_file(archive)
            if registry.MODEL_DIGEST in known:
                require_registered(uri, digest, known[registry.MODEL_DIGEST])
            signed = sign(uri, archive)
    except FileNotFoundError as error:
        raise MissingInput(
            f"{use_case.name}: expected the archive of version {version}, found none: {error}"
        ) from error
    if registry.SIGNING_KEY not in known:
        registry.add_facts(package["ModelPackageArn"], {registry.SIGNING_KEY: key_reference()})
    facts = {"model_package_arn": package["ModelPackageArn"], registry.MODEL_DIGEST: digest, "reason": reason}
    audit.append(use_case, "sign", facts, once=uri)
    return signed
