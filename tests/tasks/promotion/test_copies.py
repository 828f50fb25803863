"""Copies of another environment's model and split: verified, published once, registered once."""

import io
from dataclasses import replace
from uuid import uuid4

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from config.errors import GateError, MissingInput
from config.use_case import UseCase
from tasks import clients, digests, locations, storage
from tasks.model_contract import contract
from tasks.promotion.model_copy import publish_model, verified_model
from tasks.promotion.registration import register
from tasks.promotion.signature import require_signature
from tasks.promotion.source import SourcePackage
from tasks.promotion.split_copy import publish_split, verified_split
from tasks.references import RegisteredModel
from tasks.sagemaker import registry
from tasks.signing import bundle
from tasks.signing.archive import digests_of
from tasks.signing.keys import KmsKey
from tasks.signing.models import SIGNATURE, beside, require_signed, sign
from tests.tasks.promotion.archives import archive, parts
from tests.tasks.releases import new_split, new_use_case


@pytest.fixture
def case(bucket: str) -> UseCase:
    return new_use_case()


@pytest.fixture
def source(case: UseCase) -> SourcePackage:
    """A package elsewhere, whose objects are in the test's own cloud."""
    folder, body = locations.promoted(case.name, "elsewhere"), archive(parts(case)).getvalue()
    storage.put(f"{folder}/model.tar.gz", body)
    sign(f"{folder}/model.tar.gz", io.BytesIO(body))
    storage.put_json(f"{folder}/evaluation.json", {"rows": 3})
    split, digest = published_split(case)
    facts = {
        registry.EVALUATION: "e1",
        registry.MODEL_DIGEST: digests.of_file(io.BytesIO(body)),
        registry.SPLIT: split,
        "split_digest": digest,
        "candidate": "logistic",
    }
    arn = f"arn:aws:sagemaker:us-east-1:111111111111:model-package/{case.slug}/3"
    return SourcePackage(arn, "", f"{folder}/model.tar.gz", f"{folder}/evaluation.json", facts)


def published_split(case: UseCase) -> tuple[str, str]:
    """The folder and the digest of a split with a row in each part."""
    files, found = {}, {}
    for number, part in enumerate(("train", "validation", "test")):
        body = storage.parquet(pd.DataFrame({"age": [number]}))
        files[f"{part}/data.parquet"] = body
        found[part] = digest_of(body)
    terms = contract(case).json()
    digest = digests.of_split(found, terms)
    folder = f"{locations.root(case.name)}/elsewhere/{uuid4().hex}"
    known = {"use_case": case.name, "digest": digest, "dataset": "d", "unused_features": {}}
    manifest = {**known, "rows": dict.fromkeys(found, 1)}
    storage.publish(folder, {**files, "contract/contract.json": terms.encode()}, manifest)
    return folder, digest


def digest_of(*bodies: bytes) -> str:
    table = pa.concat_tables(pq.read_table(io.BytesIO(body)) for body in bodies)
    digest = digests.RowDigest(table.schema)
    for batch in table.to_batches():
        digest.update(batch)
    return digest.hexdigest()


def test_each_shard_of_a_split_is_verified_and_copied(case: UseCase, source: SourcePackage) -> None:
    manifest, terms = storage.get_json(f"{source.split_uri}/manifest.json"), contract(case).json()
    files, found = dict[str, bytes](), dict[str, str]()
    for part in ("train", "validation", "test"):
        bodies = [storage.parquet(pd.DataFrame({"age": [number, number + 1]})) for number in (1, 3)]
        files |= {f"{part}/part-0000{number}.parquet": body for number, body in enumerate(bodies)}
        found[part] = digest_of(*bodies)
    digest, folder = digests.of_split(found, terms, 2), f"{source.split_uri}-shards"
    shards = {key: ["part-00000.parquet", "part-00001.parquet"] for key in found}
    known = {**manifest, "digest": digest, "shard_rows": 2, "shards": shards}
    storage.publish(folder, {**files, "contract/contract.json": terms.encode()}, known)
    sharded = replace(source, facts={**source.facts, registry.SPLIT: folder, "split_digest": digest})
    with verified_split(case, sharded) as copy:
        split = publish_split(case, copy)
    assert sorted(storage.names(split.test_uri)) == shards["test"]
    storage.put(f"{folder}/test/part-00001.parquet", files["test/part-00000.parquet"])
    with pytest.raises(GateError, match="rows or manifest were changed"), verified_split(case, sharded):
        pass


def test_a_verified_split_has_the_same_digest_and_rows_here(case: UseCase, source: SourcePackage) -> None:
    with verified_split(case, source) as copy:
        split = publish_split(case, copy)
        assert publish_split(case, copy) == split
    assert (split.digest, split.test_rows) == (source.split_digest, 1)
    assert split.train_uri.startswith(locations.split(case.name, source.split_digest))
    for part in ("train", "validation", "test"):
        copied = storage.get(f"{locations.split(case.name, split.digest)}/{part}/data.parquet")
        assert copied == storage.get(f"{source.split_uri}/{part}/data.parquet")


@pytest.mark.parametrize("part", ["train/data.parquet", "contract/contract.json", "manifest.json"])
def test_a_split_whose_content_or_manifest_was_changed_is_refused(
    case: UseCase, source: SourcePackage, part: str
) -> None:
    uri = f"{source.split_uri}/{part}"
    if part.endswith(".parquet"):
        storage.put(uri, storage.parquet(pd.DataFrame({"age": [4711]})))
    else:
        storage.put(uri, storage.get(uri).replace(case.name.encode(), b"another_one"))
    with pytest.raises(GateError, match="rows or manifest were changed"), verified_split(case, source):
        pass


def test_equal_files_have_one_folder_and_another_source_has_another(case: UseCase, source: SourcePackage) -> None:
    with verified_model(case, source) as model:
        folder = publish_model(case, source, model)
        assert publish_model(case, source, model) == folder
        assert publish_model(case, replace(source, arn=source.arn + "1"), model) != folder
        assert model.evaluation == {"rows": 3}
    assert storage.get(f"{folder}/model.tar.gz") == storage.get(source.model_uri)
    manifest = storage.find_manifest(folder)
    assert manifest
    assert (manifest["source"], set(manifest["sha256"])) == (source.arn, {"model.tar.gz", "evaluation.json"})


def test_the_copy_is_signed_by_this_environment_at_its_own_address(case: UseCase, source: SourcePackage) -> None:
    with verified_model(case, source) as model:
        uri = f"{publish_model(case, source, model)}/model.tar.gz"
    copied = RegisteredModel(use_case=case.name, model_package_arn="arn/1", version=1, model_uri=uri)
    assert sorted(require_signed(copied).files) == sorted(parts(case))


def test_an_unsigned_model_is_not_copied(case: UseCase, source: SourcePackage) -> None:
    storage.delete([beside(source.model_uri, SIGNATURE)])
    with pytest.raises(GateError, match=r"expected a signed version.* vishwaops sign"), verified_model(case, source):
        pass


def test_on_aws_the_signature_is_verified_with_the_kms_key_of_the_packages_own_account(
    case: UseCase, source: SourcePackage, aws: None
) -> None:
    made = clients.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    body = storage.get(source.model_uri)
    name, files = storage.address(source.model_uri)[1].rpartition("/")[0], digests_of("it", io.BytesIO(body))
    storage.put(beside(source.model_uri, SIGNATURE), bundle.signed(name, files, KmsKey(made)).encode())
    theirs = replace(source, facts={**source.facts, registry.SIGNING_KEY: made})
    with pytest.raises(GateError, match="expected a KMS key of account 111111111111 as its signing_key, found arn:"):
        require_signature(theirs, io.BytesIO(body))
    theirs = replace(theirs, arn=source.arn.replace("111111111111", made.split(":")[4]))
    require_signature(theirs, io.BytesIO(body))


def test_a_missing_file_is_named(case: UseCase, source: SourcePackage) -> None:
    gone = replace(source, evaluation_uri=source.evaluation_uri + ".gone")
    with pytest.raises(MissingInput, match=r"evaluation.json.gone: no such object"), verified_model(case, gone):
        pass


def test_a_version_is_registered_once_with_the_metadata_that_stay_true(case: UseCase, source: SourcePackage) -> None:
    there = replace(source, facts={**source.facts, "mlflow_run_id": "r", "decision": "Approved", "champion": "arn"})
    split, folder = new_split(case), locations.promoted(case.name, uuid4().hex)
    first = register(case, there, folder, split, approved=False)
    assert (first.version, first.status) == (1, "PendingManualApproval")
    assert register(case, there, folder, split, approved=True) == first
    facts = registry.facts_of(registry.describe_package(first.arn))
    assert (facts[registry.PROMOTED_FROM], facts[registry.SPLIT]) == (
        source.arn,
        locations.split(case.name, split.digest),
    )
    assert not {"mlflow_run_id", "decision", "champion"} & facts.keys()
