"""Lineages of what is incomplete: each missing part is there, and named as missing."""

import re

import pytest

from config.errors import ConfigError, MissingInput
from config.use_case import UseCase
from tasks import digests, locations, storage
from tasks.lineage import walk
from tasks.lineage.link import Link
from tasks.lineage.predictions import PredictionId, read_manifest
from tasks.lineage.rows import dataset_link, split_link
from tasks.lineage.versions import digest_link, version_link
from tasks.sagemaker import registry
from tasks.signing.models import SIGNATURE, beside
from tests.tasks.releases import new_release, new_use_case


@pytest.fixture(scope="module")
def case(bucket: str) -> UseCase:
    return new_use_case()


def states(link: Link) -> dict[str, str]:
    return {each.what: each.state for each in link.all()}


def test_a_version_without_jobs_signature_and_dataset_names_each_as_missing(case: UseCase) -> None:
    arn = new_release(case, 0.8).model_package_arn
    package = registry.describe_package(arn)
    found = states(version_link(case, package, verify=True))
    assert found["signature"] == found["audit log"] == found["model"] == found["register"] == "verified"
    assert found["training job"] == found["evaluation"] == found["dataset version"] == "missing"
    storage.delete([beside(registry.model_uri(package), SIGNATURE)])
    assert states(walk.of_arn(case, arn, verify=False))["signature"] == "missing"
    storage.put(registry.model_uri(package), b"another")
    assert states(version_link(case, package, verify=True))["model"] == "differs"


def test_a_version_of_another_environment_has_its_jobs_there(case: UseCase) -> None:
    package = registry.describe_package(new_release(case, 0.9).model_package_arn)
    facts = {**package["CustomerMetadataProperties"], registry.PROMOTED_FROM: "arn:of/another"}
    found = states(version_link(case, {**package, "CustomerMetadataProperties": facts}, verify=False))
    assert found["promoted from"] == found["training job"] == found["dataset version"] == "elsewhere"


def test_a_deleted_version_split_or_dataset_is_missing(case: UseCase) -> None:
    assert walk.of_arn(case, f"arn:aws:sagemaker:us-east-1:000000000000:model-package/{case.slug}/99", False).broken
    assert split_link(case, locations.split(case.name, "gone"), "gone", verify=False).state == "missing"
    assert dataset_link(case, "gone", verify=False).state == "missing"


def test_code_that_was_deleted_is_missing_also_without_verification(case: UseCase) -> None:
    uri = f"{locations.code(case.name, digests.of_bytes(b'code'))}/code.tar.gz"
    found = []
    for content in (None, b"code", b"other"):
        if content:
            storage.put(uri, content)
        found.append([digest_link("code", uri, verify).state for verify in (False, True)])
    assert found == [["missing", "missing"], ["found", "verified"], ["found", "differs"]]


def test_an_id_names_the_predictions_of_an_endpoint_or_of_a_batch_transform_job(case: UseCase) -> None:
    one = PredictionId.parse("student_grades/20260131-120000-0a1b2c3d/17")
    assert (one.use_case, one.row, str(one)) == ("student_grades", 17, "student_grades/20260131-120000-0a1b2c3d/17")
    assert one.folder == locations.predictions("student_grades", "20260131-120000-0a1b2c3d")
    many = PredictionId.parse("student_grades/0123456789abcdef/5")
    assert many.folder == f"{locations.scores('student_grades')}/results/0123456789abcdef"
    with pytest.raises(ConfigError, match=re.escape("found 'student_grades/17'")):
        PredictionId.parse("student_grades/17")


def test_predictions_of_an_earlier_version_have_no_lineage(case: UseCase) -> None:
    with pytest.raises(MissingInput, match=r"expected predictions with their version in s3://.*, found none"):
        read_manifest(PredictionId(case.name, "20260131-120000-0a1b2c3d", 0))
