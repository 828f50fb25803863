import pytest

from flows.runtime import connect
from offline_cloud import Cloud


@pytest.fixture(scope="session")
def bucket(cloud: Cloud) -> str:
    """The offline profile's bucket, made in the run's cloud."""
    return connect().bucket
