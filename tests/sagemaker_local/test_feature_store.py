"""The Feature Store: groups, the newest record online, every record offline as Parquet, and the SDK as a client."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.dataset as dataset
import pytest
from botocore.exceptions import ClientError

from sagemaker_local.feature_values import FeatureRecord
from sagemaker_local.online_store import OnlineStore, Write
from tasks.environment import PRIVACY
from tests.sagemaker_local.support import ACCOUNT, BUCKET, ROLE, Bench, check_response, everything, raw, unique, until

DEFINITIONS = [
    {"FeatureName": "applicant", "FeatureType": "String"},
    {"FeatureName": "at", "FeatureType": "String"},
    {"FeatureName": "income", "FeatureType": "Fractional"},
    {"FeatureName": "children", "FeatureType": "Integral"},
]
TEXTS = [{"FeatureName": name, "FeatureType": "String"} for name in ("letter", "answer")]
Record = list[dict[str, Any]]


class Features:
    """A Feature Store's two clients, with short methods for the tests."""

    def __init__(self, bench: Bench, records: Any) -> None:
        self.bench, self.sagemaker, self.records = bench, bench.sagemaker, records

    def group(self, *, online: bool | dict[str, Any] = True, offline: bool = True, **changes: Any) -> str:
        """Creates a group, and returns its name once it is created."""
        name = str(changes.pop("FeatureGroupName", unique("group")))
        stores: dict[str, Any] = {}
        if online:
            stores["OnlineStoreConfig"] = {"EnableOnlineStore": True, **(online if isinstance(online, dict) else {})}
        if offline:
            stores |= {"OfflineStoreConfig": {"S3StorageConfig": {"S3Uri": f"s3://{BUCKET}/offline"}}, "RoleArn": ROLE}
        request = {
            "FeatureGroupName": name,
            "RecordIdentifierFeatureName": "applicant",
            "EventTimeFeatureName": "at",
            "FeatureDefinitions": DEFINITIONS,
        }
        self.sagemaker.create_feature_group(**{**request, **stores, **changes})
        return self.settled(name)

    def settled(self, name: str, status: str = "Created") -> str:
        until(lambda: self.describe(name)["FeatureGroupStatus"], lambda found: found == status)
        return name

    def describe(self, name: str) -> dict[str, Any]:
        return dict(self.sagemaker.describe_feature_group(FeatureGroupName=name))

    def put(self, name: str, *values: Any, **more: Any) -> None:
        names = [definition["FeatureName"] for definition in self.describe(name)["FeatureDefinitions"]]
        given = dict(zip(names, values, strict=False))
        self.records.put_record(FeatureGroupName=name, Record=record(**given), **more)

    def get(self, name: str, identifier: str = "ann", **more: Any) -> dict[str, Any]:
        answer = self.records.get_record(FeatureGroupName=name, RecordIdentifierValueAsString=identifier, **more)
        return {
            feature["FeatureName"]: feature.get("ValueAsString", feature.get("ValueAsStringList"))
            for feature in answer.get("Record", [])
        }

    def delete(self, name: str, at: str, identifier: str = "ann", **more: Any) -> None:
        self.records.delete_record(
            FeatureGroupName=name, RecordIdentifierValueAsString=identifier, EventTime=at, **more
        )

    def offline_keys(self, name: str) -> list[str]:
        uri = self.describe(name)["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"]
        prefix = uri.removeprefix(f"s3://{BUCKET}/")
        listed = self.bench.s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{prefix}/").get("Contents", [])
        return [item["Key"] for item in listed]

    def offline(self, name: str, rows: int, folder: Path) -> pd.DataFrame:
        """The offline store once it has `rows` rows, read by pyarrow as one partitioned data set."""

        def read() -> pd.DataFrame:
            for key in self.offline_keys(name):
                file = folder / key
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(self.bench.read(f"s3://{BUCKET}/{key}"))
            found = list(folder.rglob(f"{name}-*/data"))
            if not found:
                return pd.DataFrame()
            return pd.DataFrame(dataset.dataset(found[0], partitioning="hive").to_table().to_pandas())

        return until(read, lambda frame: len(frame) >= rows)


def record(**values: Any) -> Record:
    return [
        {"FeatureName": name, ("ValueAsStringList" if isinstance(value, list) else "ValueAsString"): value}
        for name, value in values.items()
        if value is not None
    ]


@pytest.fixture(scope="session")
def features(bench: Bench, runtime_client: Callable[[Bench], Any]) -> Features:
    return Features(bench, runtime_client(bench))


@pytest.fixture(scope="session")
def runtime_client() -> Callable[[Bench], Any]:
    import boto3
    from botocore.config import Config

    def make(bench: Bench) -> Any:
        client: Callable[..., Any] = boto3.client
        made = client(
            "sagemaker-featurestore-runtime",
            region_name="us-east-1",
            endpoint_url=bench.url,
            config=Config(parameter_validation=False, retries={"max_attempts": 1}),
        )
        made.meta.events.register("before-parse.sagemaker-featurestore-runtime", check_response)
        return made

    return make


def refused(call: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call()
    found = error.value.response["Error"]
    return found["Code"], found["Message"]


def test_a_group_describes_what_was_asked_for_and_where_its_offline_store_is(features: Features) -> None:
    name = features.group(Description="applicants")
    found = features.describe(name)
    epoch = int(found["CreationTime"].timestamp())
    assert found["FeatureGroupArn"] == f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:feature-group/{name}"
    assert found["FeatureDefinitions"] == DEFINITIONS
    assert found["OfflineStoreStatus"] == {"Status": "Active"}
    assert found["ThroughputConfig"] == {"ThroughputMode": "OnDemand"}
    assert found["OfflineStoreConfig"] == {
        "S3StorageConfig": {
            "S3Uri": f"s3://{BUCKET}/offline",
            "ResolvedOutputS3Uri": f"s3://{BUCKET}/offline/{ACCOUNT}/sagemaker/us-east-1/offline-store/"
            f"{name}-{epoch}/data",
        },
        "DisableGlueTableCreation": False,
        "DataCatalogConfig": {
            "TableName": f"{name.replace('-', '_')}_{epoch}",
            "Catalog": "AwsDataCatalog",
            "Database": "sagemaker_featurestore",
        },
    }
    only_online = features.describe(features.group(offline=False))
    assert not {"OfflineStoreConfig", "OfflineStoreStatus", "Description", "RoleArn"} & set(only_online)


def test_a_group_whose_bucket_is_not_there_fails_to_be_created(features: Features) -> None:
    name = unique("group")
    features.sagemaker.create_feature_group(
        FeatureGroupName=name,
        RecordIdentifierFeatureName="applicant",
        EventTimeFeatureName="at",
        FeatureDefinitions=DEFINITIONS,
        OfflineStoreConfig={"S3StorageConfig": {"S3Uri": "s3://no-such-bucket-anywhere/x"}},
        RoleArn=ROLE,
    )
    features.settled(name, "CreateFailed")
    assert "no-such-bucket-anywhere" in features.describe(name)["FailureReason"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"online": False, "offline": False}, "at least one of OnlineStoreConfig and OfflineStoreConfig"),
        ({"EventTimeFeatureName": "children"}, "must be of FeatureType String or Fractional"),
        ({"RecordIdentifierFeatureName": "name"}, "must be one of the names in FeatureDefinitions"),
        ({"FeatureDefinitions": [*DEFINITIONS, DEFINITIONS[0]]}, "Duplicate feature name"),
        ({"FeatureDefinitions": [*DEFINITIONS, {"FeatureName": "write_time", "FeatureType": "String"}]}, "reserved"),
        (
            {"FeatureDefinitions": [*DEFINITIONS, {**DEFINITIONS[2], "FeatureName": "v", "CollectionType": "List"}]},
            "InMemory",
        ),
    ],
)
def test_a_group_that_could_not_work_is_refused(features: Features, changes: dict[str, Any], message: str) -> None:
    code, said = refused(lambda: features.group(**changes))
    assert (code, message in said) == ("ValidationException", True)


def test_a_group_that_is_taken_and_one_that_is_not_there(features: Features) -> None:
    name = features.group(offline=False)
    code, message = refused(lambda: features.group(offline=False, FeatureGroupName=name))
    assert (code, "already exists" in message) == ("ResourceInUse", True)
    absent = "Resource Not Found: Amazon SageMaker can't find a FeatureGroup with name nope"
    assert refused(lambda: features.describe("nope")) == ("ResourceNotFound", absent)
    assert refused(lambda: features.get("nope")) == ("ResourceNotFound", absent)
    put = record(applicant="ann", at="2026-01-01T00:00:00Z")
    assert refused(lambda: features.records.put_record(FeatureGroupName="nope", Record=put)) == (
        "ValidationError",
        absent,
    )


def test_a_late_record_never_replaces_a_newer_one(features: Features, tmp_path: Path) -> None:
    name = features.group()
    features.put(name, "ann", "2026-03-01T00:00:00Z", "2", "1")
    features.put(name, "ann", "2026-02-01T00:00:00Z", "1", "0")
    assert features.get(name) == {"applicant": "ann", "at": "2026-03-01T00:00:00Z", "income": "2", "children": "1"}
    features.put(name, "ann", "2026-04-01T00:00:00.500Z", None, "3")
    assert features.get(name) == {"applicant": "ann", "at": "2026-04-01T00:00:00.500Z", "children": "3"}
    assert features.get(name, FeatureNames=["children"]) == {"children": "3"}
    assert features.get(name, "bob") == {}
    assert len(features.offline(name, 3, tmp_path)) == 3


def test_the_event_time_of_a_soft_delete_counts_and_that_of_a_hard_one_does_not(
    features: Features, tmp_path: Path
) -> None:
    name = features.group()
    arn = features.describe(name)["FeatureGroupArn"]
    features.put(name, "ann", "2026-03-01T00:00:00Z", "2", "1")
    features.delete(name, "2026-02-01T00:00:00Z")
    assert features.get(name)["income"] == "2"
    late = refused(lambda: features.delete(name, "2026-02-01T00:00:00Z", DeletionMode="HardDelete"))
    assert (late[0], "EventTime" in late[1]) == ("ValidationError", True)
    features.delete(arn, "2026-05-01T00:00:00Z")
    assert features.get(arn) == {}
    features.put(name, "ann", "2026-04-01T00:00:00Z", "4", "1")
    assert features.get(name) == {}
    features.delete(name, "2026-06-01T00:00:00Z", DeletionMode="HardDelete")
    features.put(name, "ann", "2026-04-01T00:00:00Z", "4", "1")
    assert features.get(name)["income"] == "4"

    rows = features.offline(name, 6, tmp_path).sort_values("api_invocation_time")
    assert rows["is_deleted"].tolist() == [False, True, True, False, True, False]
    marker = rows[rows["is_deleted"]].iloc[0]
    assert (marker["applicant"], marker["at"], pd.isna(marker["income"])) == ("ann", "2026-02-01T00:00:00Z", True)


def test_records_expire_by_their_own_time_to_live_or_the_groups(features: Features) -> None:
    name = features.group(online={"TtlDuration": {"Unit": "Weeks", "Value": 1}}, offline=False)
    now = pd.Timestamp.now("UTC").floor("s")

    def at(seconds: float) -> str:
        return str((now + pd.Timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ"))

    features.put(name, "ann", at(0))
    answer = features.records.get_record(
        FeatureGroupName=name, RecordIdentifierValueAsString="ann", ExpirationTimeResponse="Enabled"
    )
    assert answer["ExpiresAt"] == at(604_800)
    features.put(name, "bob", at(-8 * 86_400))
    assert features.get(name, "bob") == {}
    features.put(name, "cid", at(0), TtlDuration={"Unit": "Seconds", "Value": 8})
    assert features.get(name, "cid")
    until(lambda: features.get(name, "cid"), lambda found: not found)
    features.put(name, "cid", at(-86_400))
    assert features.get(name, "cid")["at"] == at(-86_400)


def test_target_stores_choose_where_a_record_goes(features: Features, tmp_path: Path) -> None:
    name = features.group()
    features.put(name, "ann", "2026-03-01T00:00:00Z", TargetStores=["OnlineStore"])
    features.put(name, "bob", "2026-03-01T00:00:00Z", TargetStores=["OfflineStore"])
    assert features.get(name, "ann") and not features.get(name, "bob")
    assert features.offline(name, 1, tmp_path)["applicant"].tolist() == ["bob"]
    online = features.group(offline=False)
    code, message = refused(lambda: features.put(online, "ann", "2026-03-01T00:00:00Z", TargetStores=["OfflineStore"]))
    assert (code, "does not have an OfflineStore" in message) == ("ValidationError", True)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("ann", "2026-03-01T00:00:00Z", "much"), r"named [income] into a FeatureValue of type Fractional"),
        (("ann", "2026-03-01T00:00:00Z", "nan"), "IEEE 754"),
        (("ann", "2026-03-01T00:00:00Z", "1", "1.5"), "type Integral"),
        (("ann", "2026-03-01T00:00:00Z", "1", "9223372036854775808"), "64-bit"),
        (("ann", "2026-03-01"), "yyyy-MM-dd'T'HH:mm:ssZ"),
        (("ann", "2026-13-01T00:00:00Z"), "ISO-8601"),
        (("ann",), "Missing required feature value for feature [at]"),
        (("ann", "2026-03-01T00:00:00Z", ["1"]), "takes a ValueAsString"),
    ],
)
def test_a_value_that_is_not_of_its_type_is_refused(features: Features, values: tuple[Any], message: str) -> None:
    name = features.group(offline=False)
    code, said = refused(lambda: features.put(name, *values))
    assert (code, message in said) == ("ValidationError", True), said
    assert features.get(name) == {}


def test_a_record_has_350_kb_at_most_and_its_identifier_2_kb(features: Features) -> None:
    name = features.group(offline=False, FeatureDefinitions=[*DEFINITIONS[:2], *TEXTS])
    half = "é" * 89_000  # 178,000 bytes
    code, message = refused(lambda: features.put(name, "ann", "2026-03-01T00:00:00Z", half, half + half[:4_000]))
    assert (code, "more than the maximum of 358400" in message) == ("ValidationError", True), message
    features.put(name, "a" * 2048, "2026-03-01T00:00:00Z", half, half)
    code, message = refused(lambda: features.put(name, "a" * 2049, "2026-03-01T00:00:00Z"))
    assert (code, "2049 bytes, more than the maximum of 2048" in message) == ("ValidationError", True), message


def test_requests_that_break_the_service_model_are_refused(features: Features, bench: Bench) -> None:
    name = features.group(offline=False)
    put = features.records.put_record
    code, message = refused(lambda: put(FeatureGroupName=name, Record=[]))
    assert (code, "Member must have length greater than or equal to 1" in message) == ("ValidationError", True)
    unknown = record(applicant="ann", at="2026-03-01T00:00:00Z", shoe="1")
    assert "[shoe] is not defined" in refused(lambda: put(FeatureGroupName=name, Record=unknown))[1]
    assert "[income]" not in refused(lambda: features.get(name, FeatureNames=["shoe", "income"]))[1]
    assert raw(bench.url, "CreateFeatureGroup", {"FeatureGroupName": "x"})[0] == 400


def test_fractional_event_times_are_seconds(features: Features, tmp_path: Path) -> None:
    definitions = [DEFINITIONS[0], {"FeatureName": "at", "FeatureType": "Fractional"}]
    name = features.group(FeatureDefinitions=definitions)
    features.put(name, "ann", "1772323200.25")
    features.put(name, "ann", "1772323200")
    assert features.get(name)["at"] == "1772323200.25"
    assert refused(lambda: features.put(name, "ann", "2026-03-01T00:00:00Z"))[0] == "ValidationError"
    rows = features.offline(name, 2, tmp_path)
    assert rows[["year", "month", "day", "hour"]].drop_duplicates().to_numpy().tolist() == [[2026, 3, 1, 0]]


def test_collections_are_lists_sets_and_vectors(features: Features, tmp_path: Path) -> None:
    vector = {"CollectionType": "Vector", "CollectionConfig": {"VectorConfig": {"Dimension": 2}}}
    definitions = [
        *DEFINITIONS[:2],
        {"FeatureName": "steps", "FeatureType": "Integral", "CollectionType": "List"},
        {"FeatureName": "words", "FeatureType": "String", "CollectionType": "Set"},
        {"FeatureName": "place", "FeatureType": "Fractional", **vector},
    ]
    offline = {"S3StorageConfig": {"S3Uri": f"s3://{BUCKET}/offline"}, "TableFormat": "Iceberg"}
    name = features.group(
        online={"StorageType": "InMemory"}, FeatureDefinitions=definitions, OfflineStoreConfig=offline
    )
    features.put(name, "ann", "2026-03-01T00:00:00Z", ["1", "1"], ["a", "a"], ["1.5", "2"])
    found = features.get(name)
    assert (found["steps"], found["words"], found["place"]) == (["1", "1"], ["a"], ["1.5", "2"])
    late = "2026-04-01T00:00:00Z"
    assert "dimension 2" in refused(lambda: features.put(name, "ann", late, ["1"], ["a"], ["1"]))[1]
    assert "Integral" in refused(lambda: features.put(name, "ann", late, ["x"], ["a"], ["1", "2"]))[1]
    row = features.offline(name, 1, tmp_path).iloc[0]
    assert (row["steps"].tolist(), row["place"].tolist()) == ([1, 1], [1.5, 2.0])


def test_the_offline_store_reads_point_in_time(features: Features, tmp_path: Path) -> None:
    name = features.group()
    for month, income in (("01", "10"), ("02", "20"), ("03", "30")):
        features.put(name, "ann", f"2026-{month}-01T05:00:00Z", income, "1")
    rows = features.offline(name, 3, tmp_path)
    keys = features.offline_keys(name)
    assert len(keys) == 3
    assert "/data/year=2026/month=01/day=01/hour=05/20260101T050000Z_" in keys[0]
    assert len(keys[0].rsplit("_", 1)[1]) == len("0123456789abcdef.parquet")
    assert {str(rows[column].dtype) for column in ("write_time", "api_invocation_time")} == {"datetime64[ms]"}
    assert (rows["income"].dtype, rows["children"].dtype, rows["is_deleted"].dtype) == ("float64", "int64", "bool")
    assert (rows["write_time"] >= rows["api_invocation_time"]).all()
    known_then = rows[rows["at"] <= "2026-02-15T00:00:00Z"].sort_values("at")
    assert known_then.groupby("applicant")["income"].last().to_dict() == {"ann": 20.0}


def test_batches_read_and_write_across_groups(features: Features) -> None:
    first, second = features.group(offline=False), features.group(offline=False)
    good = record(applicant="ann", at="2026-03-01T00:00:00Z")
    bad = record(applicant="bob", at="yesterday")
    wrote = features.records.batch_write_record(
        Entries=[
            {"FeatureGroupName": first, "Record": good},
            {"FeatureGroupName": second, "Record": good},
            {"FeatureGroupName": second, "Record": bad},
        ]
    )
    assert [(e["ErrorCode"], e["Entry"]["Record"]) for e in wrote["Errors"]] == [("ValidationError", bad)]
    asked = [
        {"FeatureGroupName": group, "RecordIdentifiersValueAsString": ["ann", "bob"]} for group in (first, second, "no")
    ]
    read = features.records.batch_get_record(Identifiers=asked)
    assert [(r["FeatureGroupName"], r["RecordIdentifierValueAsString"]) for r in read["Records"]] == [
        (first, "ann"),
        (second, "ann"),
    ]
    assert [(e["FeatureGroupName"], e["ErrorCode"]) for e in read["Errors"]] == [("no", "ResourceNotFound")] * 2


def test_records_are_listed_page_by_page_and_updated_in_part(features: Features) -> None:
    name = features.group(online={"StorageType": "Standard_V2"}, offline=False)
    for applicant in ("ann", "bob", "cid"):
        features.put(name, applicant, "2026-03-01T00:00:00Z", "1", "1")
    first = features.records.list_records(FeatureGroupName=name, MaxResults=2)
    rest = features.records.list_records(FeatureGroupName=name, MaxResults=2, NextToken=first["NextToken"])
    assert (first["RecordIdentifiers"], rest["RecordIdentifiers"]) == (["ann", "bob"], ["cid"])
    assert "NextToken" not in rest

    def update(**values: Any) -> None:
        features.records.update_record(
            FeatureGroupName=name, RecordIdentifierValueAsString="ann", Features=record(**values)
        )

    update(income="5")
    assert features.get(name) == {"applicant": "ann", "at": "2026-03-01T00:00:00Z", "income": "5", "children": "1"}
    assert refused(lambda: update(at="2026-01-01T00:00:00Z", income="6"))[0] == "ConflictException"


def test_a_group_grows_by_features_and_changes_its_time_to_live(features: Features, tmp_path: Path) -> None:
    name = features.group()
    features.put(name, "ann", "2026-03-01T00:00:00Z", "1", "1")
    update = features.sagemaker.update_feature_group
    update(FeatureGroupName=name, FeatureAdditions=[{"FeatureName": "city", "FeatureType": "String"}])
    features.put(name, "ann", "2026-03-02T00:00:00Z", "1", "1", "Bern")
    assert features.get(name)["city"] == "Bern"
    ttl = {"Unit": "Days", "Value": 3}
    update(FeatureGroupName=name, OnlineStoreConfig={"TtlDuration": ttl})
    found = features.describe(name)
    assert found["LastUpdateStatus"] == {"Status": "Successful"}
    assert found["OnlineStoreConfig"] == {"EnableOnlineStore": True, "TtlDuration": ttl}
    code, message = refused(
        lambda: update(FeatureGroupName=name, FeatureAdditions=[{"FeatureName": "CITY", "FeatureType": "String"}])
    )
    assert (code, "Duplicate" in message) == ("ValidationException", True)


def test_features_have_descriptions_and_parameters(features: Features) -> None:
    name = features.group(offline=False)
    feature = {"FeatureGroupName": name, "FeatureName": "income"}
    parameters = [{"Key": "unit", "Value": "EUR"}, {"Key": "team", "Value": "risk"}]
    features.sagemaker.update_feature_metadata(**feature, Description="a month", ParameterAdditions=parameters)
    features.sagemaker.update_feature_metadata(**feature, ParameterRemovals=["team"])
    found = features.sagemaker.describe_feature_metadata(**feature)
    assert (found["Description"], found["Parameters"]) == ("a month", parameters[:1])
    assert (found["FeatureGroupName"], found["FeatureType"]) == (name, "Fractional")
    wrong = {"FeatureGroupName": name, "FeatureName": "shoe"}
    assert refused(lambda: features.sagemaker.describe_feature_metadata(**wrong))[0] == "ResourceNotFound"


def test_groups_list_by_status_and_name(features: Features) -> None:
    name = features.group()
    online = features.group(offline=False)
    listed = features.sagemaker.list_feature_groups
    found = listed(NameContains=name, FeatureGroupStatusEquals="Created", OfflineStoreStatusEquals="Active")
    assert [group["FeatureGroupName"] for group in found["FeatureGroupSummaries"]] == [name]
    none = listed(NameContains=online, OfflineStoreStatusEquals="Active", SortBy="FeatureGroupStatus")
    assert none["FeatureGroupSummaries"] == []


def test_a_deleted_group_leaves_its_offline_store(features: Features, tmp_path: Path) -> None:
    name = features.group()
    uri = features.describe(name)["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"]
    features.put(name, "ann", "2026-03-01T00:00:00Z", "1", "1")
    features.sagemaker.delete_feature_group(FeatureGroupName=name)
    until(lambda: name in _names(features, name), lambda there: not there)
    prefix = uri.removeprefix(f"s3://{BUCKET}/")
    assert features.bench.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix)["KeyCount"] == 1
    assert refused(lambda: features.offline_keys(name))[0] == "ResourceNotFound"
    assert features.get(features.group(offline=False, FeatureGroupName=name)) == {}


def _names(features: Features, name: str) -> list[str]:
    found = everything(features.sagemaker, "list_feature_groups", NameContains=name)
    return [group["FeatureGroupName"] for group in found]


def test_records_and_what_waits_for_s3_survive_a_killed_server(
    start_server: Callable[..., Any], runtime_client: Callable[[Bench], Any], tmp_path: Path
) -> None:
    first = start_server()
    before = Features(first.bench, runtime_client(first.bench))
    name = before.group()
    before.put(name, "ann", "2026-03-01T00:00:00Z", "1", "1")
    first.process.kill()
    first.process.wait()
    second = start_server()
    after = Features(second.bench, runtime_client(second.bench))
    assert after.get(name)["income"] == "1"
    assert after.offline(name, 1, tmp_path)["applicant"].tolist() == ["ann"]


def test_a_thousand_records_go_in_by_batches_and_each_can_be_read(features: Features) -> None:
    name = features.group()
    entries = [
        {"FeatureGroupName": name, "Record": record(applicant=str(i), at="2026-03-01T00:00:00Z", income="1")}
        for i in range(1000)
    ]
    for start in range(0, len(entries), 25):
        answer = features.records.batch_write_record(Entries=entries[start : start + 25])
        assert not answer["Errors"], json.dumps(answer["Errors"][0])
    for number in (0, 500, 999):
        assert features.get(name, str(number))["income"] == "1"


@pytest.mark.filterwarnings("ignore")
def test_the_sdk_creates_waits_ingests_a_frame_and_reads(
    features: Features, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in PRIVACY.items():
        monkeypatch.setenv(variable, value)
    from sagemaker.core.resources import FeatureGroup
    from sagemaker.core.shapes import FeatureDefinition, OfflineStoreConfig, OnlineStoreConfig, S3StorageConfig
    from sagemaker.mlops.feature_store import ingest_dataframe

    name = unique("sdk")
    group = FeatureGroup.create(
        feature_group_name=name,
        record_identifier_feature_name="applicant",
        event_time_feature_name="at",
        feature_definitions=[
            FeatureDefinition(feature_name=item["FeatureName"], feature_type=item["FeatureType"])
            for item in DEFINITIONS
        ],
        online_store_config=OnlineStoreConfig(enable_online_store=True),
        offline_store_config=OfflineStoreConfig(s3_storage_config=S3StorageConfig(s3_uri=f"s3://{BUCKET}/sdk")),
        role_arn=ROLE,
    )
    group.wait_for_status("Created", poll=1)
    frame = pd.DataFrame(
        {
            "applicant": ["ann", "bob"],
            "at": ["2026-03-01T00:00:00Z"] * 2,
            "income": [1.5, 2.5],
            "children": [0, 2],
        }
    )
    for batched in (False, True):
        ingest_dataframe(name, frame, use_batch_write_record=batched, region="us-east-1")
    answer = group.get_record(record_identifier_value_as_string="bob")
    assert {value.feature_name: value.value_as_string for value in answer.record}["income"] == "2.5"
    rows = features.offline(name, 4, tmp_path)
    assert sorted(rows["income"].tolist()) == [1.5, 1.5, 2.5, 2.5]
    group.delete()
    group.wait_for_delete(poll=1)


def test_the_file_of_a_store_has_nothing_of_a_record_that_was_deleted_completely(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    store = OnlineStore(path)
    for text in ("ann", "bob"):
        record = FeatureRecord(text, 1.0, {"applicant": text, "secret": f"value-of-{text}"})
        store.write(Write(1, record, 1.0, offline=False))
    marker = FeatureRecord("ann", 2.0, {"applicant": "ann"})
    store.write(Write(1, marker, 2.0, offline=False, deletion="HardDelete"))
    files = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert (b"value-of-ann" in files, b"value-of-bob" in files) == (False, True)
    store.close()
