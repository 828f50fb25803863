"""One server over the scripted model for the tests that leave it as it is."""

from collections.abc import Iterator

import pytest

from tests.serving.server.running_server import RunningServer, running_server


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with two workers, small limits, and the scripted model."""
    with running_server(tmp_path_factory.mktemp("server"), SAGEMAKER_MAX_PAYLOAD_IN_MB="1") as running:
        yield running
