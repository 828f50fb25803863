"""Publishes a page: in S3 next to the run's artefacts and, offline, in the state folder, where a browser opens it."""

from dataclasses import dataclass
from pathlib import Path

from config import settings
from tasks import locations, storage

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class PublishedPage:
    """Where a page is."""

    uri: str
    path: Path | None
    """On this machine; None on AWS."""


def publish(use_case: str, run: str, html: str, *, offline: bool) -> PublishedPage:
    """Write the page of a run; a page that is there already is replaced in one step."""
    uri = locations.page(use_case, run)
    storage.put(uri, html.encode(), content_type=HTML)
    if not offline:
        return PublishedPage(uri, None)
    path = settings.STATE / "reports" / use_case / f"{run}.html"
    replace_file(path, html)
    return PublishedPage(uri, path)


def replace_file(path: Path, text: str) -> None:
    """Write a file aside, then put it in its place in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
