"""Reads secrets from AWS Secrets Manager. A secret is read once per process, and is in no message, record or log."""

import json
from collections.abc import Mapping, Sequence
from threading import Lock

from botocore.exceptions import BotoCoreError, ClientError

from config.errors import AccessDenied, SourceError
from tasks import clients

GRANT = "On AWS, name it in Terraform's variable source_secrets. A key of your own must allow the role kms:Decrypt"
HIDDEN = "..."
MISSING = "ResourceNotFoundException"
_SHORTEST_HIDDEN = 4
"""A shorter field may be part of any message. A password is always hidden."""
_PUBLIC = ("username", "engine", "host", "port", "dbname", "dbInstanceIdentifier", "dbClusterIdentifier", "masterarn")
"""The fields of a secret of RDS that are not secret (Secrets Manager User Guide, "JSON structure of secrets")."""
_read: dict[str, str] = {}
_hidden: set[str] = set()
_reading = Lock()


def secret_text(name: str, where: str) -> str:
    """Return the text of the secret with this name or ARN. `where` is the key that names it, for errors.

    Raises SourceError, without any part of the secret, when it is missing, empty or binary, or can't be read.
    """
    with _reading:
        if name not in _read:
            _read[name] = _stripped(_value(name, where), name, where)
            _hidden.update(_parts(_read[name]))
        return _read[name]


def secret_fields(name: str, where: str) -> Mapping[str, str]:
    """Return the fields of a secret that is a JSON object, as texts; none for a plain text. See `secret_text`."""
    return _fields(secret_text(name, where))


def secret_value(name: str, keys: Sequence[str], where: str) -> str:
    """Return a plain secret, or the first field of a JSON object that `keys` names.

    Raises SourceError, with the names of the fields, when there is none. See `secret_text`.
    """
    text = secret_text(name, where)
    if not (fields := _fields(text)):
        return text
    if found := next((fields[key] for key in keys if fields.get(key)), None):
        return found
    raise SourceError(
        f"{where}: expected the secret {name} to be a plain text or to have a field {' or '.join(keys)}, found the "
        f"fields {', '.join(sorted(fields))}. Add one of them"
    )


def forget(name: str) -> None:
    """Read the secret again when it is used next: it may have been rotated."""
    with _reading:
        _read.pop(name, None)


def hidden(message: str) -> str:
    """Return `message` with every secret value that this process has read replaced by dots."""
    with _reading:
        known = sorted(_hidden, key=len, reverse=True)
    for value in known:
        message = message.replace(value, HIDDEN)
    return message


def _value(name: str, where: str) -> str | None:
    try:
        return clients.client("secretsmanager").get_secret_value(SecretId=name).get("SecretString")  # type: ignore[no-any-return]
    except AccessDenied as error:
        raise SourceError(f"{where}: the secret {name} can't be read: {error}. {GRANT}") from error
    except ClientError as error:
        found = error.response["Error"]
        if found.get("Code") == MISSING:
            raise SourceError(
                f"{where}: expected a secret of AWS Secrets Manager, found none called {name} in this account and "
                "region. Create it, or correct the name"
            ) from error
        raise SourceError(
            f"{where}: the secret {name} can't be read: Secrets Manager answered {found.get('Code', '')}: "
            f"{found.get('Message', '')}"
        ) from error
    except BotoCoreError as error:
        raise SourceError(f"{where}: the secret {name} can't be read: {str(error).splitlines()[0]}") from error


def _stripped(value: str | None, name: str, where: str) -> str:
    if value is None or not value.strip():
        kind = "a binary one" if value is None else "an empty one"
        raise SourceError(f"{where}: expected the secret {name} to be a text or JSON, found {kind}. Store it as text")
    return value.strip()


def _fields(text: str) -> dict[str, str]:
    try:
        content = json.loads(text)
    except ValueError:
        return {}
    return {key: str(value) for key, value in content.items()} if isinstance(content, dict) else {}


def _parts(text: str) -> set[str]:
    """Return what must be in no message: the whole text, and each field that is secret."""
    fields = {value for key, value in _fields(text).items() if key not in _PUBLIC and len(value) >= _SHORTEST_HIDDEN}
    password = _fields(text).get("password", "")
    return {text, *fields, *filter(None, [password])}
