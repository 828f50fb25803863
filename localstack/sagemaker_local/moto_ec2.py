"""EC2's endpoint services, where moto loses them. `install` changes moto's class in this process.

moto collects the services of a region at the first DescribeVpcEndpointServices, from the modules of other services.
Where one of these fails to load, it keeps the incomplete list: each later call answers InvalidServiceName.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto import backends
from moto.ec2.models import vpcs

Collect = Callable[[str, str], list[dict[str, Any]]]


def install() -> None:
    """Load what the collection needs while no other request runs, and keep complete lists only."""
    for service in vpcs.IMPLEMENTED_ENDPOINT_SERVICES:
        backends.get_backend(service)  # type: ignore[call-overload]
    collect = complete_only(vpcs.VPCBackend._collect_default_endpoint_services)
    vpcs.VPCBackend._collect_default_endpoint_services = staticmethod(collect)  # type: ignore[method-assign, assignment]


def complete_only(collect: Collect) -> Collect:
    """`collect`, which forgets the list of a region that it could not complete."""

    def collected(account: str, region: str) -> list[dict[str, Any]]:
        try:
            return collect(account, region)
        except BaseException:
            vpcs.DEFAULT_VPC_ENDPOINT_SERVICES.pop(region, None)
            raise

    return collected
