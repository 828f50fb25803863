# mypy: ignore-errors
"""Starts LocalStack in host mode. Run by LocalStack's own interpreter, never imported.

LocalStack 4.10 is made for its own container. On a shared machine, five of its behaviours need a patch,
and none has a setting:
- it answers any Host, and for S3 any Origin, so a web page could read and write buckets, and replace a model's code;
- its server ignores the host in GATEWAY_LISTEN and listens on every interface;
- it looks up the name s3.localhost.localstack.cloud on the Internet;
- all its instances share one folder for S3 objects under /tmp;
- it computes an index of all services (4 s, 350 MB) once per FILESYSTEM_ROOT.

It also loses two values that Terraform reads back: the tags of a new alarm, and a connection's description. Its
FilterLogEvents ignores `logStreamNamePrefix`, with which the lines of one job are read.
A service that could not be loaded, as on a full disk, stays unusable: each call answers with the first error.

S3 sends the event of each write of a bucket to EventBridge by a request to itself, which takes more processor time than
the write. Only events that a rule may match are sent.
"""

import gc
import json
import os
import runpy
import shutil
import sys
import threading
from functools import cache
from pathlib import Path

from localstack.aws.handlers import run_custom_response_handlers
from localstack.runtime import events
from localstack.runtime.main import main
from localstack.services.plugins import ServicePluginManager, ServiceState
from localstack.utils.aws import aws_stack
from rolo.serving.twisted import TwistedRequestAdapter
from twisted.internet import endpoints

from localstack import config

# Services that every flow needs; the others load at their first call.
WARM = ("s3", "logs")
SIGNATURES = (b"X-Amz-Signature", b"Signature")
FORBIDDEN = 403

process = TwistedRequestAdapter.process
require = ServicePluginManager.require
# By their paths: this interpreter has none of the project's packages.
SAGEMAKER_LOCAL = Path(__file__).parents[1] / "sagemaker_local"
refusal = runpy.run_path(str(SAGEMAKER_LOCAL / "loopback_only.py"))["refusal"]
search_less_often = runpy.run_path(str(SAGEMAKER_LOCAL / "garbage.py"))["search_less_often"]


def process_if_local(request):
    """Answer requests of this machine's own programs only; checked before LocalStack sees them, also WebSockets."""
    raw = request.requestHeaders.getAllRawHeaders()
    reason = refusal([(name.lower(), value) for name, values in raw for value in values], request.getHost().port)
    if reason is None and is_unsigned_action(request):
        reason = "Refused: an Action in a query string must be signed, as on AWS."
    if reason is None:
        process(request)
        return
    request.setResponseCode(FORBIDDEN)
    request.setHeader(b"content-type", b"text/plain; charset=utf-8")
    request.setHeader(b"x-content-type-options", b"nosniff")
    request.setHeader(b"connection", b"close")
    body = f"{reason}\n".encode()
    request.setHeader(b"content-length", str(len(body)).encode())
    request.write(body)
    request.finish()


def is_unsigned_action(request):
    """Whether it is an action of the query protocol by GET without a signature, as a link or an image may send."""
    signed = request.getHeader(b"authorization") or any(name in request.args for name in SIGNATURES)
    return request.method in (b"GET", b"HEAD") and b"Action" in request.args and not signed


class LoopbackEndpoint(endpoints.TCP4ServerEndpoint):
    def __init__(self, reactor, port):
        super().__init__(reactor, port, interface=config.GATEWAY_LISTEN[0].host)


def warm_up(index_folder: Path) -> None:
    """Load the services that the first requests need, while the server starts."""
    events.infra_starting.wait()
    from localstack.aws.protocol.service_router import get_service_catalog

    get_service_catalog()
    share_index(index_folder)
    from localstack.services.plugins import SERVICE_PLUGINS
    from localstack.services.s3 import notifications, provider

    notifications.EventBridgeNotifier.should_notify = staticmethod(a_rule_may_match)
    provider.DEFAULT_S3_TMP_DIR = str(Path(config.dirs.tmp, "s3"))
    for service in WARM:
        SERVICE_PLUGINS.require(service)
    gc.freeze()  # these objects stay: no later search looks at them


def share_index(folder: Path) -> None:
    """Copy a new service index to where the next start finds it, in one step."""
    if not os.access(folder.parent, os.W_OK):
        return
    folder.mkdir(exist_ok=True)
    for index in Path(config.dirs.cache).glob("service-catalog-*.dill"):
        copy = folder / f".{index.name}.{os.getpid()}"
        shutil.copyfile(index, copy)
        copy.replace(folder / index.name)


def a_rule_may_match(notification, configuration):
    """Whether the default event bus of the bucket has a rule for events of S3."""
    from localstack.services.events.models import events_stores

    buses = events_stores[notification.bucket_account_id][notification.bucket_location].event_buses
    rules = buses["default"].rules.values() if "default" in buses else ()
    return any(takes_events_of_s3(json.loads(rule.event_pattern)) for rule in list(rules) if rule.event_pattern)


def takes_events_of_s3(pattern):
    """Whether an event pattern names S3 as the source, or no source, or describes it, as by a prefix."""
    sources = pattern.get("source", ["aws.s3"])
    return "aws.s3" in sources or not all(isinstance(source, str) for source in sources)


@cache
def keep_client_tokens():
    """Let a repeated CreateVpcEndpoint with the same client token return the endpoint that exists, as on AWS.

    moto stores the endpoint before its routes; a client that repeats the call after an error got a second endpoint.
    """
    from moto.ec2.models.vpcs import VPCBackend

    create = VPCBackend.create_vpc_endpoint

    def create_once(self, *arguments, client_token=None, **named):
        for endpoint in list(self.vpc_end_points.values()):
            if client_token and endpoint.client_token == client_token:
                return endpoint
        return create(self, *arguments, client_token=client_token, **named)

    VPCBackend.create_vpc_endpoint = create_once


@cache
def filter_by_stream_prefix():
    """Let FilterLogEvents return the events of the streams whose names begin with `logStreamNamePrefix`, as on AWS."""
    from moto.logs.responses import LogsResponse

    filter_events = LogsResponse.filter_log_events

    def filter_of_streams(self):
        given, prefix = self._get_param, self._get_param("logStreamNamePrefix")
        group = self.logs_backend.groups.get(given("logGroupName"))
        if prefix and group:
            # A list without names would be every stream.
            names = [name for name in group.streams if name.startswith(prefix)] or [""]
            self._get_param = lambda name, default=None: names if name == "logStreamNames" else given(name, default)
        return filter_events(self)

    LogsResponse.filter_log_events = filter_of_streams


def require_again(services, name):
    """A service that runs; one whose load or start has failed is tried again."""
    if name == "ec2":
        keep_client_tokens()
    if name == "logs":
        filter_by_stream_prefix()
    container = services._services.get(name)
    if container is not None and container.state == ServiceState.ERROR:
        container.state = ServiceState.AVAILABLE
    plugin = services.plugin_manager._plugins.get(f"{name}:{services.get_active_provider(name)}")
    if plugin is not None and (plugin.init_error or plugin.load_error):
        plugin.init_error = plugin.load_error = None
        if name == "cloudwatch":  # a partial database would be taken for a complete one
            Path(config.dirs.data, "cloudwatch", "metrics.db").unlink(missing_ok=True)
    return require(services, name)


def remember_tags(chain, context, response):
    """Store the tags of a new alarm."""
    if _done(context, response, "PutMetricAlarm", "PutCompositeAlarm") and context.service_request.get("Tags"):
        from localstack.services.cloudwatch.models import cloudwatch_stores
        from localstack.utils.aws import arns

        store = cloudwatch_stores[context.account_id][context.region]
        name = context.service_request["AlarmName"]
        arn = arns.cloudwatch_alarm_arn(name, account_id=context.account_id, region_name=context.region)
        store.TAGS.tag_resource(arn, context.service_request["Tags"])


def show_description(chain, context, response):
    """Add a connection's description to what DescribeConnection answers."""
    if _done(context, response, "DescribeConnection"):
        from localstack.services.events.models import events_stores

        store = events_stores[context.account_id][context.region]
        description = store.connections[context.service_request["Name"]].description
        if description is not None:
            response.set_json({**json.loads(response.data), "Description": description})


def _done(context, response, *operations):
    return context.operation is not None and context.operation.name in operations and response.status_code < 300


endpoints.TCP4ServerEndpoint = LoopbackEndpoint
TwistedRequestAdapter.process = process_if_local
ServicePluginManager.require = require_again
aws_stack.CACHE_S3_HOSTNAME_DNS_STATUS = False
run_custom_response_handlers.append(remember_tags)
run_custom_response_handlers.append(show_description)
search_less_often()
index_folder = Path(sys.prefix, "service-index")
config.dirs.static_libs = str(index_folder)
threading.Thread(target=warm_up, args=(index_folder,), daemon=True).start()
main()
