"""A version without a signature is signed by a person's decision, if its archive is the one that was registered."""

import pytest

from config.errors import GateError, MissingInput
from config.use_case import UseCase
from tasks import audit, clients, storage
from tasks.audit.entries import decode
from tasks.platform import platform
from tasks.references import RegisteredModel
from tasks.sagemaker import registry
from tasks.signed_packages import sign_version
from tasks.signing.models import SIGNATURE, beside, find_signature, require_signed
from tests.sagemaker_local.support import archive
from tests.tasks.releases import new_release, new_use_case

Unsigned = tuple[UseCase, RegisteredModel]


@pytest.fixture
def unsigned(bucket: str) -> Unsigned:
    """A registered version whose signature is gone."""
    case = new_use_case()
    release = new_release(case, 0.8)
    arn, version = release.model_package_arn, release.version
    uri = registry.model_uri(registry.describe_package(arn))
    model = RegisteredModel(use_case=case.name, model_package_arn=arn, version=version, model_uri=uri)
    storage.delete([beside(model.model_uri, SIGNATURE)])
    return case, model


def signings(case: UseCase) -> list[str]:
    """The reasons in the audit log, one for each time that a version was signed."""
    entries = map(decode, audit.log_of(case.name).read().entries)
    return [entry["facts"]["reason"] for entry in entries if entry["action"] == "sign"]


def test_a_version_is_signed_and_signing_it_again_is_one_entry_of_the_audit_log(unsigned: Unsigned) -> None:
    case, model = unsigned
    with pytest.raises(GateError, match="vishwaops sign"):
        require_signed(model)
    signed = sign_version(case, model.version, "trained before models were signed")
    assert require_signed(model) == signed
    assert sign_version(case, model.version, "trained before models were signed") == signed
    assert signings(case) == ["trained before models were signed"]


def test_a_signed_version_of_an_earlier_release_names_its_key_so_that_it_can_be_promoted(unsigned: Unsigned) -> None:
    case, model = unsigned
    group = platform().model_package_group(case.name)
    package = registry.find_version(group, model.version)
    assert package
    named = registry.facts_of(package).pop(registry.SIGNING_KEY)
    clients.sagemaker().update_model_package(
        ModelPackageArn=package["ModelPackageArn"], CustomerMetadataPropertiesToRemove=[registry.SIGNING_KEY]
    )
    sign_version(case, model.version, "trained before models were signed")
    package = registry.find_version(group, model.version)
    assert package
    assert registry.facts_of(package)[registry.SIGNING_KEY] == named


def test_another_archive_than_the_registered_one_is_not_signed(unsigned: Unsigned) -> None:
    case, model = unsigned
    storage.put(model.model_uri, archive(model_txt="another model"))
    with pytest.raises(GateError, match="expected the archive that was registered"):
        sign_version(case, model.version, "any")
    assert find_signature(model.model_uri) is None
    assert signings(case) == []


def test_an_absent_version_or_archive_is_named(unsigned: Unsigned) -> None:
    case, model = unsigned
    with pytest.raises(MissingInput, match=r"found no version 99\. List them: vishwaops champion"):
        sign_version(case, 99, "any")
    storage.delete([model.model_uri])
    with pytest.raises(MissingInput, match="expected the archive of version 1, found none"):
        sign_version(case, model.version, "any")
