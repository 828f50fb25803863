"""What the names of columns suggest, from config/name_words.yaml."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from config import settings
from config.documents import Document, read_document

PATH = settings.CONFIG / "name_words.yaml"
WHOLE = "="
"""The beginning of words that must be the whole name."""


class SensitiveKind(Document):
    """One kind of personal data."""

    kind: str
    identifies: bool = False
    """Whether only a column whose rows mostly differ is of this kind."""
    words: tuple[str, ...]


class NameWords(Document):
    """Words in the names of columns, by what they suggest."""

    sensitive: tuple[SensitiveKind, ...]
    codes: tuple[str, ...]
    identifiers: tuple[str, ...]
    groups: tuple[str, ...]
    times: tuple[str, ...]


@cache
def name_words() -> NameWords:
    """Return config/name_words.yaml. Raises ConfigError when it is invalid."""
    return read_document(PATH, NameWords)


def words_of(name: str) -> list[str]:
    """Return the words of a name, in lower case and without accents: `Date ofBirth2` is date, of, birth, 2."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.findall(r"[a-z]+|[0-9]+", plain(apart))


def plain(name: str) -> str:
    """Return a name in lower case and without accents."""
    letters = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    return "".join(char for char in letters if not unicodedata.combining(char)).lower()


def found_word(name: str, words: Iterable[str]) -> str | None:
    """Return the first of `words` (one word or more each) that the name has, or None."""
    parts = words_of(name)
    spaced = f" {' '.join(parts)} "
    for word in words:
        if word.startswith(WHOLE):
            if parts == words_of(word):
                return word.removeprefix(WHOLE)
        elif f" {word} " in spaced:
            return word
    return None


def sensitive_kind(name: str) -> tuple[SensitiveKind, str] | None:
    """Return the kind of personal data that a name suggests, with the word, or None."""
    for kind in name_words().sensitive:
        if word := found_word(name, kind.words):
            return kind, word
    return None
