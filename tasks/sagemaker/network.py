"""The network of jobs and endpoints: the platform's VPC, if it has one."""

from typing import Any

from tasks.platform import platform


def vpc_config() -> Any:
    """The VpcConfig of a job or a model; None outside a VPC."""
    from sagemaker.core import shapes

    network = platform().network
    if network is None:
        return None
    return shapes.VpcConfig(subnets=list(network.subnets), security_group_ids=list(network.security_groups))
