"""Errors of AWS that the offline cloud does not return, because it checks no permissions."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

S3_DENIES = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
SSM_DENIES = b'{"__type": "AccessDeniedException", "Message": "no permission"}'


@contextmanager
def refused(client: Any, operation: str, status: int, body: bytes) -> Iterator[None]:
    """Answer each call of an operation, such as `s3.GetObject`, with this error instead of sending it."""

    def answer(request: Any, **_: Any) -> AWSResponse:
        return AWSResponse(request.url, status, HTTPHeaders(), _Raw(body))

    client.meta.events.register(f"before-send.{operation}", answer)
    try:
        yield
    finally:
        client.meta.events.unregister(f"before-send.{operation}", answer)


class _Raw(BytesIO):
    """A response's body, as botocore reads it."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.getvalue()
