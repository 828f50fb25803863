"""AWS services that neither LocalStack nor SageMaker local has: answered by moto, in this process, under one path.

moto's state is in memory and is lost when this server ends. It starts nothing and connects to nothing.
"""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING, Any

from sagemaker_local.moto_glue import ConcurrentModification, locked
from sagemaker_local.moto_models import remember
from sagemaker_local.moto_patches import MotoPatches, UnknownAnomaly

if TYPE_CHECKING:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication

PREFIX = "/moto"
# The name in AWS_ENDPOINT_URL_<NAME>, and the service's name in a request's signature. EC2 is included, although
# LocalStack has it, because moto's RDS and load balancers find their subnets in moto's EC2.
SERVICES = {
    "APPLICATION_AUTO_SCALING": "application-autoscaling",
    "ATHENA": "athena",
    "AUTO_SCALING": "autoscaling",
    "BATCH": "batch",
    "BUDGETS": "budgets",
    "CLOUDTRAIL": "cloudtrail",
    "CODEBUILD": "codebuild",
    "COST_EXPLORER": "ce",
    "EC2": "ec2",
    "ECR": "ecr",
    "ECS": "ecs",
    "EFS": "elasticfilesystem",
    "ELASTIC_LOAD_BALANCING_V2": "elasticloadbalancing",
    "GLUE": "glue",
    "GUARDDUTY": "guardduty",
    "KINESIS": "kinesis",
    "ORGANIZATIONS": "organizations",
    "RDS": "rds",
    "SERVICEDISCOVERY": "servicediscovery",
    "WAFV2": "wafv2",
}
_ENDPOINT_SERVICES = b"Action=DescribeVpcEndpointServices"
_JSON_HEADERS = {"content-type": "application/x-amz-json-1.1"}
Answer = tuple[int, dict[str, str], bytes]


def endpoint_variables(sagemaker_url: str) -> dict[str, str]:
    """The variables that point clients of these services here."""
    return {f"AWS_ENDPOINT_URL_{name}": f"{sagemaker_url}{PREFIX}" for name in SERVICES}


class MotoServices:
    """moto, imported at the first request, because most users never need it."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._application: DomainDispatcherApplication | None = None
        self._importing = threading.Lock()
        self._has_endpoint_services = False
        self._patches = MotoPatches(account)
        self._patching = threading.Lock()

    def answer(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Answer:
        """Status, headers and body of moto's answer; `path` is without the prefix."""
        region, service = _signed_for(headers.get("authorization", ""))
        if service not in SERVICES.values() or path.startswith("/moto-api"):
            known = ", ".join(sorted(SERVICES.values()))
            return _refusal(f"{service!r} is not a service that is answered under {PREFIX}: {known}.")
        target, request = headers.get("x-amz-target", "").rpartition(".")[2], _json(body)
        try:
            with self._patching:
                instead = self._patches.answer(service, target, request)
        except UnknownAnomaly as unknown:
            code, message = unknown.args
            return 400, _JSON_HEADERS, json.dumps({"__type": code, "message": message}).encode()
        if instead is not None:
            return 200, _JSON_HEADERS, json.dumps(instead).encode()
        if service == "ec2" and _ENDPOINT_SERVICES in body:
            self._prepare_endpoint_services()
        if target in ("CreateTrail", "UpdateTrail"):
            self._mirror_bucket(request)
        try:
            with locked(service, target, request, lambda action, members: self._glue(headers, action, members)):
                status, answered, content = self._ask_moto(method, path, query, headers, body)
        except ConcurrentModification as lost:
            content = json.dumps({"__type": "ConcurrentModificationException", "Message": str(lost)}).encode()
            return 400, _JSON_HEADERS, content
        if status < 300 and target == "DeleteTrail":
            self._forget_trail(region, request)
        if status < 300 and target:
            response = _json(content)
            with self._patching:
                self._patches.complete(service, target, request, response)
            content = json.dumps(response).encode() if response else content
        elif status < 300:
            with self._patching:
                remember(service, self._account, region, body, content)
        return status, answered, content

    def _ask_moto(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Answer:
        from werkzeug.datastructures import Headers
        from werkzeug.test import EnvironBuilder, run_wsgi_app

        application = self._imported()
        request = EnvironBuilder(
            path=path or "/", method=method, query_string=query, headers=Headers(headers), data=body
        )
        try:
            parts, status, answered = run_wsgi_app(application, request.get_environ(), buffered=True)
        except NotImplementedError as missing:
            return _refusal(f"moto has no such action: {missing}")
        kept = {name: value for name, value in answered if name.lower() != "content-length"}
        return int(status.split(" ", 1)[0]), kept, b"".join(parts)

    def _glue(self, headers: dict[str, str], action: str, members: dict[str, Any]) -> dict[str, Any]:
        """The members of moto's answer to another action of Glue's."""
        targeted = {**headers, "x-amz-target": f"AWSGlue.{action}"}
        targeted.pop("content-length", None)
        return _json(self._ask_moto("POST", "/", "", targeted, json.dumps(members).encode())[2])

    def _imported(self) -> DomainDispatcherApplication:
        with self._importing:
            if self._application is None:
                os.environ["MOTO_ACCOUNT_ID"] = self._account
                from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

                from sagemaker_local import moto_kinesis

                moto_kinesis.install()
                self._application = DomainDispatcherApplication(create_backend_app)
            return self._application

    def _prepare_endpoint_services(self) -> None:
        """Once, because it imports other services, which takes half a second."""
        self._imported()
        with self._importing:
            if not self._has_endpoint_services:
                from sagemaker_local import moto_ec2

                moto_ec2.install()
                self._has_endpoint_services = True

    def _mirror_bucket(self, request: dict[str, Any]) -> None:
        """moto's CloudTrail needs its bucket in moto's S3, but buckets are in LocalStack."""
        self._imported()
        from moto.s3.models import s3_backends

        name = request.get("S3BucketName")
        backend = s3_backends[self._account]["aws"]
        if isinstance(name, str) and name not in backend.buckets:
            backend.create_bucket(name, "us-east-1")

    def _forget_trail(self, region: str, request: dict[str, Any]) -> None:
        """moto's CloudTrail deletes a trail by its name, and ignores its ARN."""
        from moto.cloudtrail.models import cloudtrail_backends

        cloudtrail_backends[self._account][region].trails.pop(request["Name"].rpartition("/")[2], None)


def _signed_for(authorization: str) -> tuple[str, str]:
    """Region and service in `AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/aws4_request, …`."""
    scope = authorization.partition("Credential=")[2].split(",")[0].split("/")
    return (scope[2], scope[3]) if len(scope) == 5 else ("", "")


def _refusal(message: str) -> Answer:
    return 501, _JSON_HEADERS, json.dumps({"__type": "NotImplementedException", "message": message}).encode()


def _json(body: bytes) -> dict[str, Any]:
    """A JSON body's members; none if the body is of another protocol."""
    try:
        members = json.loads(body or b"{}")
    except ValueError:
        return {}
    return members if isinstance(members, dict) else {}
