"""The address of a database, with the password of its secret."""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from config.errors import SourceError
from config.variables import hide, without_secrets
from tasks.sources import secrets

WHERE = "source.secret"
SCHEMES = {"postgres": "postgresql", "aurora-postgresql": "postgresql", "mariadb": "mysql"}
"""Other names of a scheme, as in the field `engine` of a secret of RDS."""


@dataclass(frozen=True)
class Connection:
    """A configured connection."""

    written: str = field(repr=False)
    """The URL with its variables expanded; empty if the secret names the host. It may hold a password."""
    secret: str | None = None

    @property
    def shown(self) -> str:
        """The URL without user, password and query."""
        return without_secrets(self.written) or f"secret {self.secret}"

    @property
    def scheme(self) -> str:
        """The kind of database, such as `postgresql`. Raises SourceError when neither URL nor secret names one."""
        found = urlsplit(self.written).scheme or self._fields().get("engine", "")
        if not found:
            raise SourceError(
                "source.connection: expected a URL such as postgresql://reader@db.example.com/school, or a secret "
                f"with the field `engine`; found {self.shown}"
            )
        return SCHEMES.get(found, found)

    def address(self) -> str:
        """Return the URL with user and password. What the URL itself names takes precedence over the secret's fields.

        Raises SourceError when the secret can't be read or has no password.
        """
        if not self.secret:
            return self.written
        parts, fields = urlsplit(self.written), self._fields()
        user, _, host = parts.netloc.rpartition("@")
        name, _, password = user.partition(":")
        port = f":{fields['port']}" if fields.get("port") else ""
        name = unquote(name) or fields.get("username", "")
        password = unquote(password) or secrets.secret_value(self.secret, ["password"], WHERE)
        host = host or f"{fields.get('host', '')}{port}"
        path = parts.path.strip("/") or fields.get("dbname", "")
        query = f"?{parts.query}" if parts.query else ""
        return f"{self.scheme}://{quote(name, safe='')}:{quote(password, safe='')}@{host}/{path}{query}"

    def hidden(self, message: str) -> str:
        """Return `message` without the URL's user, password and query, and without secrets."""
        shown = hide(secrets.hidden(message), self.written) if self.written else secrets.hidden(message)
        for password in self._passwords():
            shown = shown.replace(password, secrets.HIDDEN)
        return shown

    def forget_secret(self) -> bool:
        """Read the secret again for the next connection. Returns whether there is one."""
        if self.secret:
            secrets.forget(self.secret)
        return self.secret is not None

    def _fields(self) -> dict[str, str]:
        return dict(secrets.secret_fields(self.secret, WHERE)) if self.secret else {}

    def _passwords(self) -> list[str]:
        """Return the passwords of the URL, as written and as decoded."""
        parts = urlsplit(self.written)
        _, _, password = parts.netloc.rpartition("@")[0].partition(":")
        further = [value for name, value in parse_qsl(parts.query) if "password" in name]
        return [text for text in (password, unquote(password), *further) if text]
