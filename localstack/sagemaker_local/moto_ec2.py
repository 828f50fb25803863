"""EC2's endpoint services without the packages of moto's extra `server`. `install` changes moto's lists here.

At the first DescribeVpcEndpointServices moto imports the services that have endpoints of a kind of their own. Where an
import fails, moto keeps the incomplete list, and each later call answers InvalidServiceName.
"""

from __future__ import annotations

from moto import backends
from moto.ec2.models import vpcs


def install() -> None:
    """Import these services, and let those that can't be imported have the usual kind of endpoint."""
    for service in tuple(vpcs.IMPLEMENTED_ENDPOINT_SERVICES):
        try:
            backends.get_backend(service)  # type: ignore[call-overload]
        except ImportError:
            vpcs.IMPLEMENTED_ENDPOINT_SERVICES.remove(service)
            vpcs.COVERED_ENDPOINT_SERVICES.remove(service)
