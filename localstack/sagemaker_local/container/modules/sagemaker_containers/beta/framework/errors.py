"""Errors, by the names of sagemaker-containers."""


class ClientError(Exception):
    """The caller causes the error."""


class UnsupportedFormatError(Exception):
    """A content type that can't be read or written."""

    def __init__(self, content_type: str, **_: object) -> None:
        super().__init__(f"Content type {content_type} is not supported by this framework.")
