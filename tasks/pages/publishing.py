"""Publishes a page in S3 and, offline, also in the state folder, so that a browser can open it."""

from dataclasses import dataclass
from pathlib import Path

from config import settings
from tasks import locations, storage

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class PublishedPage:
    """The address and the path of a page."""

    uri: str
    path: Path | None
    """The path on this machine; None on AWS."""


def publish(use_case: str, run: str, html: str, *, offline: bool) -> PublishedPage:
    """Write the page of a run. An existing page is replaced atomically."""
    return publish_at(locations.page(use_case, run), report_path(use_case, run) if offline else None, html)


def report_path(use_case: str, name: str) -> Path:
    """The path of a page in the state folder."""
    return settings.STATE / "reports" / use_case / f"{name}.html"


def publish_at(uri: str, path: Path | None, html: str) -> PublishedPage:
    """Write a page at an address in S3 and, if given, a path of this machine."""
    storage.put(uri, html.encode(), content_type=HTML)
    if path:
        replace_file(path, html)
    return PublishedPage(uri, path)


def replace_file(path: Path, text: str) -> None:
    """Write a temporary file, then rename it: the file is replaced atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
