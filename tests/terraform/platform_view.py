"""What a cloud returns for each seeded resource, whether Terraform or the seed made it."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from config.use_case import use_case_names
from tests.terraform.aws import client

Values = Mapping[str, Any]
Ask = Callable[[str], Any]
WHEN_AND_WHO = ("ResponseMetadata", "ETag", "CreationTime", "CreatedBy", "LastModifiedTime", "LastModifiedBy", "Owner")
TIMES = ("AlarmConfigurationUpdatedTimestamp", "StateReason", "StateReasonData", "StateUpdatedTimestamp", "StateValue",
         "StateTransitionedTimestamp", "EvaluationState")  # fmt: skip


def _key(ask: Ask, values: Values) -> Any:
    kms = ask("kms")
    found = [key["KeyId"] for key in kms.list_keys()["Keys"]]
    named = [key for key in found if kms.describe_key(KeyId=key)["KeyMetadata"]["Description"] == values["description"]]
    return [
        {
            "use": (use := kms.describe_key(KeyId=key)["KeyMetadata"]["KeyUsage"]),
            "rotates": use == "ENCRYPT_DECRYPT" and kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"],
            "policy": json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]),
            "tags": _sorted(kms.list_resource_tags(KeyId=key)["Tags"]),
        }
        for key in named
    ]


def _alias(ask: Ask, values: Values) -> Any:
    return ask("kms").describe_key(KeyId=values["name"])["KeyMetadata"]["Description"]


def _bucket(ask: Ask, values: Values) -> Any:
    return _sorted(ask("s3").get_bucket_tagging(Bucket=values["bucket"])["TagSet"])


def _bucket_part(action: str, *, policy: bool = False) -> Callable[[Ask, Values], Any]:
    def read(ask: Ask, values: Values) -> Any:
        found = getattr(ask("s3"), action)(Bucket=values["bucket"])
        return json.loads(found["Policy"]) if policy else _bare(found)

    return read


def _role(ask: Ask, values: Values) -> Any:
    found = ask("iam").get_role(RoleName=values["name"])["Role"]
    kept = ("Arn", "Description", "AssumeRolePolicyDocument", "PermissionsBoundary", "MaxSessionDuration")
    return {**{name: found.get(name) for name in kept}, "Tags": _sorted(found["Tags"])}


def _role_policy(ask: Ask, values: Values) -> Any:
    return ask("iam").get_role_policy(RoleName=values["role"], PolicyName=values["name"])["PolicyDocument"]


def _policy(ask: Ask, values: Values) -> Any:
    iam = ask("iam")
    found = next(p for p in iam.list_policies(Scope="Local")["Policies"] if p["PolicyName"] == values["name"])
    version = iam.get_policy_version(PolicyArn=found["Arn"], VersionId=found["DefaultVersionId"])["PolicyVersion"]
    return {"arn": found["Arn"], "document": version["Document"]}


def _topic(ask: Ask, values: Values) -> Any:
    sns = ask("sns")
    arn = next(t["TopicArn"] for t in sns.list_topics()["Topics"] if t["TopicArn"].endswith(f":{values['name']}"))
    key = sns.get_topic_attributes(TopicArn=arn)["Attributes"]["KmsMasterKeyId"]
    return {"arn": arn, "key": key, "tags": _sorted(sns.list_tags_for_resource(ResourceArn=arn)["Tags"])}


def _topic_policy(ask: Ask, values: Values) -> Any:
    return json.loads(ask("sns").get_topic_attributes(TopicArn=values["arn"])["Attributes"]["Policy"])


def _log_group(ask: Ask, values: Values) -> Any:
    found = ask("logs").describe_log_groups(logGroupNamePrefix=values["name"])["logGroups"]
    group = next(group for group in found if group["logGroupName"] == values["name"])
    tags = ask("logs").list_tags_for_resource(resourceArn=group["arn"].removesuffix(":*"))["tags"]
    return {"days": group["retentionInDays"], "key": group["kmsKeyId"], "tags": tags}


def _alarm(ask: Ask, values: Values) -> Any:
    found = ask("cloudwatch").describe_alarms(AlarmNames=[values["alarm_name"]])["MetricAlarms"][0]
    found["Dimensions"] = sorted(found["Dimensions"], key=lambda dimension: str(dimension["Name"]))
    return {name: value for name, value in found.items() if name not in TIMES}


def _database(ask: Ask, values: Values) -> Any:
    glue = ask("glue")
    found = glue.get_database(Name=values["name"])["Database"]
    arn = f"arn:aws:glue:us-east-1:{found['CatalogId']}:database/{found['Name']}"
    return {"description": found["Description"], "tags": glue.get_tags(ResourceArn=arn)["Tags"]}


def _group(ask: Ask, values: Values) -> Any:
    sagemaker = ask("sagemaker")
    found = sagemaker.describe_model_package_group(ModelPackageGroupName=values["model_package_group_name"])
    tags = _sorted(sagemaker.list_tags(ResourceArn=found["ModelPackageGroupArn"])["Tags"])
    return {**_bare(found), "Tags": tags}


def _vpc(ask: Ask, values: Values) -> Any:
    every = ask("ec2").describe_vpcs()["Vpcs"]
    return [_sorted(vpc["Tags"]) for vpc in every if vpc["CidrBlock"] == values["cidr_block"]]


def _subnet(ask: Ask, values: Values) -> Any:
    found = [s for s in ask("ec2").describe_subnets()["Subnets"] if s["CidrBlock"] == values["cidr_block"]]
    return [(subnet["AvailabilityZone"], _sorted(subnet["Tags"])) for subnet in found]


def _security_group(ask: Ask, values: Values) -> Any:
    every = ask("ec2").describe_security_groups()["SecurityGroups"]
    return [(g["Description"], _sorted(g["Tags"])) for g in every if g["GroupName"] == values["name"]]


def _parameter(ask: Ask, values: Values) -> Any:
    ssm = ask("ssm")
    found = ssm.get_parameter(Name=values["name"])["Parameter"]
    tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=values["name"])["TagList"]
    return {"type": found["Type"], "value": found["Value"], "tags": _sorted(tags)}


READERS: dict[str, Callable[[Ask, Values], Any]] = {
    "aws_kms_key": _key,
    "aws_kms_alias": _alias,
    "aws_vpc": _vpc,
    "aws_subnet": _subnet,
    "aws_security_group": _security_group,
    "aws_s3_bucket": _bucket,
    "aws_s3_bucket_versioning": _bucket_part("get_bucket_versioning"),
    "aws_s3_bucket_server_side_encryption_configuration": _bucket_part("get_bucket_encryption"),
    "aws_s3_bucket_public_access_block": _bucket_part("get_public_access_block"),
    "aws_s3_bucket_ownership_controls": _bucket_part("get_bucket_ownership_controls"),
    "aws_s3_bucket_policy": _bucket_part("get_bucket_policy", policy=True),
    "aws_s3_bucket_logging": _bucket_part("get_bucket_logging"),
    "aws_s3_bucket_notification": _bucket_part("get_bucket_notification_configuration"),
    "aws_s3_bucket_lifecycle_configuration": _bucket_part("get_bucket_lifecycle_configuration"),
    "aws_iam_policy": _policy,
    "aws_iam_role": _role,
    "aws_iam_role_policy": _role_policy,
    "aws_sns_topic": _topic,
    "aws_sns_topic_policy": _topic_policy,
    "aws_cloudwatch_log_group": _log_group,
    "aws_cloudwatch_metric_alarm": _alarm,
    "aws_glue_catalog_database": _database,
    "aws_sagemaker_model_package_group": _group,
    "aws_ssm_parameter": _parameter,
}


def view(environment: Mapping[str, str], content: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """What the cloud returns for each resource, by address, with names in place of assigned ids and ARNs."""
    clients: dict[str, Any] = {}

    def ask(service: str) -> Any:
        return clients.setdefault(service, client(service, environment))

    seen = {address: READERS[kind](ask, values) for address, kind, values in _wanted(content)}
    text = json.dumps(seen, sort_keys=True, default=str)
    for assigned, name in _names(ask).items():
        text = text.replace(assigned, name)
    return json.loads(text)  # type: ignore[no-any-return]


def _wanted(content: Mapping[str, list[dict[str, Any]]]) -> Iterator[tuple[str, str, Values]]:
    for resource in content["platform"]:
        yield resource["address"], resource["type"], resource["values"]
    for name in use_case_names():
        text = json.dumps(content["use_case"]).replace("${use_case}", name).replace("${slug}", name.replace("_", "-"))
        for resource in json.loads(text):
            yield resource["address"], resource["type"], resource["values"]


def _names(ask: Ask) -> dict[str, str]:
    kms, ec2 = ask("kms"), ask("ec2")
    aliases = [alias for alias in kms.list_aliases()["Aliases"] if "TargetKeyId" in alias]
    found = {kms.describe_key(KeyId=a["AliasName"])["KeyMetadata"]["Arn"]: a["AliasName"] for a in aliases}
    found |= {vpc["VpcId"]: vpc["CidrBlock"] for vpc in ec2.describe_vpcs()["Vpcs"]}
    found |= {subnet["SubnetId"]: subnet["CidrBlock"] for subnet in ec2.describe_subnets()["Subnets"]}
    return found | {g["GroupId"]: g["GroupName"] for g in ec2.describe_security_groups()["SecurityGroups"]}


def _bare(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name not in WHEN_AND_WHO}


def _sorted(tags: list[dict[str, str]]) -> list[dict[str, str]]:
    return sorted(tags, key=lambda tag: sorted(tag.values()))
