"""Makes all AWS clients. They use the ordinary environment variables, endpoint URLs included."""

import os
import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Any

_making = threading.Lock()


@lru_cache
def client(service: str, region: str) -> Any:
    """A boto3 client, made once for each service; safe to share between threads."""
    import boto3
    from botocore.config import Config

    local = "AWS_ENDPOINT_URL" in os.environ or "AWS_ENDPOINT_URL_S3" in os.environ
    style: Any = {"addressing_style": "path"} if local else {}
    settings = Config(retries={"max_attempts": 3}, connect_timeout=5, max_pool_connections=50, s3=style)
    with _making:  # boto3's default session must not be used from two threads while it makes clients
        make: Callable[..., Any] = boto3.client
        return make(service, region_name=region, config=settings)
