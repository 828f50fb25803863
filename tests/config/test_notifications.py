from pathlib import Path

import pytest
import yaml

from config import settings
from config.documents import read_document
from config.errors import ConfigError
from config.notifications import Notifications
from config.profile import EXPANDED, REFERRING, Profile, load_profile


def profile_with(folder: Path, notifications: object) -> Profile:
    """The profile `offline` with these notifications."""
    content = yaml.safe_load((settings.PROFILES / "offline.yaml").read_text())
    path = folder / "offline.yaml"
    path.write_text(yaml.safe_dump({**content, "image": "a:1", "notifications": notifications}))
    return read_document(path, Profile, expanded=EXPANDED, referring=REFERRING)


def test_the_shipped_profiles_notify_nobody() -> None:
    assert {load_profile(name).notifications for name in ("aws", "offline")} == {Notifications()}


def test_an_address_keeps_its_variable_until_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_URL", "https://hooks.example/secret-part")
    found = profile_with(tmp_path, {"webhooks": [{"url": "${HOOK_URL}", "format": "slack"}], "mail": True})
    assert "secret-part" not in repr(found)
    assert found.notifications.webhooks[0].address == "https://hooks.example/secret-part"
    assert found.notifications.mail


@pytest.mark.parametrize(
    ("notifications", "message"),
    [
        ({"webhooks": [{"url": "http://hooks.example/x"}]}, "expected an address that begins with https://"),
        ({"webhooks": [{"url": "https://hooks.example/x", "format": "teams"}]}, "notifications.webhooks.0.format"),
        ({"mails": True}, "did you mean 'mail'"),
        ({"webhooks": [{"url": "${HOOK"}]}, "notifications.webhooks.0.url"),
    ],
)
def test_a_mistake_names_its_key(tmp_path: Path, notifications: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message.replace("$", r"\$")):
        profile_with(tmp_path, notifications)
