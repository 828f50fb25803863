from tasks.platform import platform
from tasks.sagemaker.network import vpc_config


def test_jobs_and_endpoints_run_in_the_platforms_subnets(bucket: str) -> None:
    network, found = platform().network, vpc_config()
    assert network
    assert (found.subnets, found.security_group_ids) == (list(network.subnets), list(network.security_groups))
