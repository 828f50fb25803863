"""What is computed from removed rows and made again without them: profiles, pages of versions, results, shards."""

from collections.abc import Collection, Iterator, Sequence

from tasks import locations, run_records, storage
from tasks.forgetting.places import FoundObject
from tasks.references import DriftReport, Predictions

PROFILE_OBJECTS = ("profile.bin", "profile.json")
BY_REQUEST = "made again when it is needed"


def derived(use_case: str, folders: Collection[str], versions: Collection[str]) -> list[str]:
    """Return the objects that are computed from rows of these folders and of these dataset versions, by digest."""
    splits = {folder.rpartition("/")[2] for folder in folders if "/splits/" in folder}
    return sorted({
        *_cached_results(use_case),
        *_training_profiles(use_case, splits),
        *_scored_profiles(use_case, folders),
        *_data_pages(use_case, versions),
        *_scoring(use_case, folders),
    })  # fmt: skip


def _below(folder: str) -> list[str]:
    return [f"{folder}/{name}" for name in storage.names(folder)]


def _cached_results(use_case: str) -> list[str]:
    """Results of steps: they have the counts of rows. The next run computes them again."""
    return _below(f"{locations.root(use_case)}/results")


def _training_profiles(use_case: str, splits: Collection[str]) -> Iterator[str]:
    """Profiles of the training rows of these splits, and those that do not name a split."""
    root = f"{locations.root(use_case, 'monitoring')}/profiles"
    for name in storage.versions(root):
        manifest = storage.find_manifest(f"{root}/{name}") or {}
        if splits and manifest.get("split") in (None, *splits):
            yield from _below(f"{root}/{name}")


def _scored_profiles(use_case: str, folders: Collection[str]) -> Iterator[str]:
    """Profiles of predictions of these folders. The drift that was found, and its report, stay."""
    for run, stages in run_records.runs(use_case).items():
        for record in run_records.records_of(use_case, run, [each for each in ("monitor",) if each in stages]):
            report, before = record.reference, record.upstream.get("predict")
            if not isinstance(report, DriftReport) or before is None:
                continue
            predictions = run_records.read(before).reference
            if isinstance(predictions, Predictions) and predictions.uri.rpartition("/")[0] in folders:
                folder = report.scored_profile_uri.rpartition("/")[0]
                yield from (uri for uri in _below(folder) if uri.endswith(PROFILE_OBJECTS))


def _data_pages(use_case: str, versions: Collection[str]) -> Iterator[str]:
    for digest in versions:
        if storage.exists(uri := locations.data_page(use_case, digest)):
            yield uri


def _scoring(use_case: str, folders: Collection[str]) -> Iterator[str]:
    """Shards of rows to score with these rows, their answers, and all plans: `score` makes them again."""
    scores = locations.scores(use_case)
    shards = [folder for folder in folders if folder.startswith(f"{scores}/shards/")]
    plans = [folder for folder in folders if folder.startswith(f"{scores}/plans/")]
    if shards or plans:
        yield from shards
        yield from _below(f"{scores}/plans")
        named = {shard.rpartition("/")[2] for shard in shards}
        yield from (uri for uri in _below(f"{scores}/answers") if any(name in uri for name in named))


def rewritten(found: Sequence[FoundObject], deleted: Collection[str]) -> list[FoundObject]:
    """Return the objects that are written again: those that are not deleted."""
    return [each for each in found if each.uri not in deleted]
