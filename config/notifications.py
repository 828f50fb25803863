"""Who is notified when a flow fails: webhooks, and mail by the environment's alerts topic."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from config.documents import Document
from config.errors import ConfigError
from config.variables import expand

URL = re.compile(r"(https://|http://(127\.0\.0\.1|localhost)[:/])[^\s]+")
"""Plain HTTP is for this machine only: the address of a webhook is often its secret."""


def _require_web_address(url: str) -> str:
    if "${" not in url and not URL.fullmatch(url):
        raise ValueError(
            "expected an address that begins with https://, or an environment variable such as ${HOOK_URL}"
        )
    return url


class Webhook(Document):
    """A server that gets an HTTP POST."""

    url: Annotated[str, AfterValidator(_require_web_address)]
    """It may have an environment variable `${NAME}`, which is expanded only when the notification is sent."""
    format: Literal["json", "slack"] = "json"
    """`json` has a key for each fact. `slack` is a text, as Slack, Mattermost and Rocket.Chat read it."""

    @property
    def address(self) -> str:
        """The address with its variables expanded. Raises ConfigError, without any value, for an unsuitable one."""
        found = expand(self.url, "notifications.webhooks.url")
        if not URL.fullmatch(found):
            raise ConfigError(f"notifications.webhooks.url: {self.url}: expected an address that begins with https://")
        return found


class Notifications(Document):
    """Who is notified when a flow run fails or crashes. By default nobody."""

    webhooks: tuple[Webhook, ...] = Field(default=(), max_length=10)
    mail: bool = False
    """Whether the environment's alerts topic gets a message: its subscribers get a mail."""
