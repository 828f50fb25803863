"""Decodes the body of a text format."""

from serving.rejected import bad_request

REPLACED = "\N{REPLACEMENT CHARACTER}"
"""The replacement of bytes that are not UTF-8: AWS's image decodes a body with `replace`."""
MARK = "\ufeff"


def decoded(body: bytes | str) -> str:
    """Return the body as text, without a byte order mark. Raises Rejected when it is not UTF-8."""
    if isinstance(body, str):
        _require_intact(body)
        return body.removeprefix(MARK)
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"the byte 0x{error.object[error.start]:02x} at {error.start}"
        raise bad_request(f"Body: expected text in UTF-8, found {found}") from error


def encoded(body: bytes | str) -> bytes:
    """Return the body as bytes. Raises Rejected when it is text that was not UTF-8."""
    if isinstance(body, str):
        _require_intact(body)
        return body.encode(errors="surrogatepass")
    return body


def _require_intact(body: str) -> None:
    if REPLACED in body:
        raise bad_request(f"Body: expected text in UTF-8, found another byte at character {body.index(REPLACED)}")
