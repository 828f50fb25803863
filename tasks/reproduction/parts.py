"""Checks that everything that a version was made from is there and unchanged, before a job starts."""

from collections.abc import Iterator

from config.errors import MissingInput
from config.profile import active_profile
from tasks import digests, locations, storage
from tasks.platform import platform
from tasks.reproduction.record import Record, code_of, image_of, inputs_of, settings_of
from tasks.signing.models import find_signature
from tasks.split_content import stored_digest


def require_parts(record: Record) -> None:
    """Raise MissingInput, naming each part, when one is missing or has another content. Nothing has started then."""
    if found := list(problems(record)):
        listed = "".join(f"\n  {each}" for each in found)
        raise MissingInput(
            f"{record.arn}: expected every part that it was made from; found:{listed}\nNothing was started. Restore "
            "the parts (the bucket keeps earlier versions of objects), or train a new version"
        )


def problems(record: Record) -> Iterator[str]:
    """Yield a line for each part that is missing or differs: images, code, settings, split, evaluation, models."""
    yield from _images(record)
    yield from _named_by_digest(record)
    yield from _split(record)
    yield from _objects(record)


def _images(record: Record) -> Iterator[str]:
    own = platform().image(active_profile().image)
    found = {image_of(job) for job in (*record.training, record.evaluation)} - {own}
    for image in sorted(found):
        yield f"image: expected {own}, which this environment has; the record has {image}"


def _named_by_digest(record: Record) -> Iterator[str]:
    """The code and the settings, which are in folders that are named by the digest of their content."""
    jobs = (*record.training, record.evaluation)
    for what, address_of in (("code", code_of), ("settings", settings_of)):
        for uri in sorted({uri for job in jobs if (uri := address_of(job))}):
            if problem := digest_problem(uri):
                yield f"{what}: {problem}"


def digest_problem(uri: str) -> str | None:
    """Return what is wrong with an object whose folder is named by its digest; None for one with this digest."""
    try:
        found = digests.of_bytes(storage.get(uri))
    except FileNotFoundError:
        return f"{uri} is missing"
    named = uri.split("/")[-2]
    return None if found == named else f"{uri} has the digest {found} instead of {named}"


def _split(record: Record) -> Iterator[str]:
    folder, expected = record.split_uri, record.facts["split_digest"]
    if (manifest := storage.find_manifest(folder)) is None:
        yield f"split: {folder} has no {locations.MANIFEST}: the split {expected} was deleted"
        return
    try:
        found = stored_digest(folder, manifest)
    except FileNotFoundError as error:
        yield f"split: {error}"
        return
    if found != expected and found == manifest.get("left_digest"):
        yield (
            f"split: {manifest['forgotten']:,} rows of {expected} were removed by request (vishwaops forget), so the "
            "version can't be trained again as it was. Train a new one: vishwaops run lifecycle"
        )
    elif found != expected:
        yield f"split: the rows and the contract in {folder} have the digest {found} instead of {expected}"


def _objects(record: Record) -> Iterator[str]:
    """The recorded figures; the champion that the version was compared with; the model, unless its signature lists its
    files."""
    wanted = {"evaluation": record.evaluation_uri}
    if champion := inputs_of(record.evaluation).get("champion"):
        wanted["champion of the evaluation"] = champion
    if not find_signature(record.model_uri):
        wanted["model"] = record.model_uri
    for what, uri in wanted.items():
        if not storage.exists(uri):
            yield f"{what}: {uri} is missing"
