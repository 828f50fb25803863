"""The last step of scoring: predictions, quarantine and figures of all shards."""

from contextlib import ExitStack
from datetime import UTC, datetime

from config.use_case import UseCase
from tasks import digests, locations, storage
from tasks.batch.columns import ScoringColumns, named
from tasks.batch.joining import answered_rows, prediction_schema, predictions
from tasks.batch.parts import PartWriter
from tasks.batch.plan import QUARANTINE, Plan, no_rows
from tasks.batch.quality import Quality
from tasks.batch.seen_reasons import SeenReasons
from tasks.batch.transform import answers_digest, answers_of
from tasks.progress import RowProgress, log
from tasks.references import BatchScores, Champion
from tasks.rows import shards as parts
from tasks.steps import step

PREDICTIONS = "predictions"


def results_folder(use_case: UseCase, plan: Plan, model: Champion) -> str:
    """The folder of the results of a model for a source."""
    return f"{locations.scores(use_case.name)}/results/{digests.of_json([plan.content, answers_digest(model)])}"


@step()
def find_scores(use_case: UseCase, plan: Plan, model: Champion) -> BatchScores | None:
    """Return the results of an earlier run for equal rows and the same model; None if they are not complete."""
    found = storage.find_manifest(results_folder(use_case, plan, model))
    if found is None:
        return None
    scores = BatchScores.model_validate(found)
    log.info("score     nothing to do: %s, at %s UTC", scores.headline, f"{scores.scored_at:%Y-%m-%d %H:%M}")
    return scores


@step()
def collect(use_case: UseCase, plan: Plan, model: Champion) -> BatchScores:
    """Join the rows of all shards with their answers. Raises InvalidRows, after storing why, when none was scored."""
    folder = results_folder(use_case, plan, model)
    scores = _Collection(use_case, plan, folder).run(answers_of(use_case, model), model)
    if not scores.rows:
        raise no_rows("rows that fit", scores)
    storage.put_json(f"{folder}/{locations.MANIFEST}", scores.model_dump(mode="json"))
    log.info("score     %s", scores.headline)
    return scores


class _Collection:
    """The results of one source."""

    def __init__(self, use_case: UseCase, plan: Plan, folder: str) -> None:
        self._use_case, self._plan, self._folder = use_case, plan, folder
        self._columns: ScoringColumns = named(use_case, plan.columns)
        self._reasons = SeenReasons(plan.reasons, plan.by_column)

    def run(self, answers: dict[str, str], model: Champion) -> BatchScores:
        schema = prediction_schema(self._use_case, self._columns)
        with ExitStack() as files:
            scored = files.enter_context(PartWriter(f"{self._folder}/{PREDICTIONS}", schema))
            aside = files.enter_context(PartWriter(f"{self._folder}/{QUARANTINE}", self._columns.quarantine))
            quality = files.enter_context(Quality(self._use_case)) if self._plan.has_target else None
            if self._plan.quarantine_uri:
                for batch in parts.batches(self._plan.quarantine_uri):
                    aside.write(batch)
            progress = RowProgress("score")
            for rows in answered_rows(self._use_case, self._columns, self._plan, answers):
                scored.write(predictions(rows, schema))
                aside.write(rows.refused)
                self._reasons.add(rows.refused)
                if quality:
                    quality.add(rows.scored, rows.answers)
                progress.report(scored.rows)
            scored.finish()
            aside.finish()
            return self._scores(scored, aside, quality, model)

    def _scores(self, scored: PartWriter, aside: PartWriter, quality: Quality | None, model: Champion) -> BatchScores:
        return BatchScores(
            use_case=self._use_case.name,
            model_package_arn=model.model_package_arn,
            version=model.version,
            source=self._plan.source,
            uri=scored.folder,
            rows=scored.rows,
            quarantine_uri=aside.folder if aside.rows else None,
            quarantined=aside.rows,
            reasons=self._reasons.first,
            by_column=dict(self._reasons.by_column),
            shards=len(self._plan.shards),
            primary=self._use_case.evaluation.primary,
            metrics=quality.found() if quality else {},
            known_targets=quality.rows if quality else 0,
            scored_at=datetime.now(UTC),
        )
