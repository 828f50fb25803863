"""Members of requests to EC2 and RDS that moto ignores: stored in moto's own models, which moto then shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

_RULE = re.compile(rb"<securityGroupRuleId>([^<]+)<")


def remember(service: str, account: str, region: str, body: bytes, answered: bytes) -> None:
    """Stores the members of an answered request that moto ignored; `body` is its form, of the query protocol."""
    if service not in ("ec2", "rds"):
        return
    form = dict(parse_qsl(body.decode(errors="replace")))
    match form.get("Action"):
        case "AuthorizeSecurityGroupIngress" | "AuthorizeSecurityGroupEgress":
            _describe_rules(form, account, region, {name.decode() for name in _RULE.findall(answered)})
        case "CreateDBInstance" | "ModifyDBInstance":
            _watch_database(form, account, region)
        case "ModifyDBParameterGroup":
            _mark_parameters(form["DBParameterGroupName"], account, region)


def _describe_rules(form: Mapping[str, str], account: str, region: str, new: set[str]) -> None:
    """Sets the descriptions of groups and prefix lists in `ip_range`, which moto does only for ranges."""
    from moto.ec2.models import ec2_backends

    of_lists = {
        value: form.get(name.removesuffix("PrefixListId") + "Description")
        for name, value in form.items()
        if name.endswith(".PrefixListId")
    }
    for groups in ec2_backends[account][region].groups.values():
        for group in groups.values():
            for rule in (*group.ingress_rules, *group.egress_rules):
                description = rule.source_group.get("Description") or of_lists.get(rule.prefix_list_id or "")
                if rule.id in new and description:
                    rule.ip_range = {**rule.ip_range, "Description": description}


def _watch_database(form: Mapping[str, str], account: str, region: str) -> None:
    database: Any = _rds(account, region).databases[form["DBInstanceIdentifier"].lower()]
    if "EnablePerformanceInsights" in form:
        database.performance_insights_enabled = form["EnablePerformanceInsights"] == "true"
    if "PerformanceInsightsKMSKeyId" in form:
        database.performance_insights_kms_key_id = form["PerformanceInsightsKMSKeyId"]
    if "PerformanceInsightsRetentionPeriod" in form:
        database.performance_insights_retention_period = int(form["PerformanceInsightsRetentionPeriod"])


def _mark_parameters(name: str, account: str, region: str) -> None:
    """RDS marks parameters of a user and of the engine by their source. moto has only those of a user."""
    for parameter in _rds(account, region).db_parameter_groups[name].parameters.values():
        parameter["Source"] = "user"


def _rds(account: str, region: str) -> Any:
    from moto.rds.models import rds_backends

    return rds_backends[account][region]
