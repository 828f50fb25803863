"""The second step of scoring: the champion answers every shard that has no answers yet."""

from functools import partial

from config.errors import JobFailed, MissingInput
from config.use_case import UseCase
from tasks import champion as champions
from tasks import digests, heartbeats, locations, names, storage
from tasks.batch import plan as plans
from tasks.batch.answers import ACCEPT
from tasks.batch.plan import Plan
from tasks.batch.shards import CONTENT_TYPE
from tasks.progress import log
from tasks.references import Champion
from tasks.sagemaker import hosted_models
from tasks.sagemaker.transform_jobs import SUFFIX, Transform, run_transform_job
from tasks.signing.models import require_signed
from tasks.steps import is_fresh, step

STAGE = "score"


@step()
def scoring_model(use_case: UseCase) -> Champion:
    """Return the champion. Raises MissingInput when there is none."""
    if found := champions.read(use_case):
        log.info("score     by the champion, version %d", found.version)
        return found
    raise MissingInput(
        f"{use_case.name}: expected a champion to score with, found none. Train one: vishwaops run lifecycle "
        f"--use-case {use_case.name}; or choose a version: vishwaops champion --use-case {use_case.name} --set VERSION"
    )


@step()
def transform(use_case: UseCase, plan: Plan, model: Champion, instances: int | None = None) -> None:
    """Have a transform job answer the shards without answers, on `instances` or the profile's number of instances.

    Raises GateError for a model that is not signed or was changed, and JobFailed when the job fails: the answers that
    it has stored are kept, and the next run asks for the others.
    """
    target, left = answers_folder(use_case, model), partial(_left, use_case, plan, model)
    if not (missing := left()):
        log.info("score     every shard has its answers")
        return
    log.info("score     %s of %s shards have no answers yet", f"{len(missing):,}", f"{len(plan.shards):,}")
    tags = {"use-case": use_case.name, "stage": STAGE}
    require_signed(model)
    name, request = hosted_models.for_jobs(use_case, model)
    hosted_models.ensure_model(name, request, tags)
    job = Transform(
        model=name,
        source=plans.shards(use_case.name),
        content_type=CONTENT_TYPE,
        accept=ACCEPT,
        target=target,
        manifests=f"{locations.scores(use_case.name)}/jobs",
        left=left,
    )
    run_transform_job(names.transform_jobs(use_case), job, {"shards": plan.digest, "target": target}, tags, instances)
    if missing := left():
        raise JobFailed(
            f"{use_case.name}: expected answers to all shards in {target}, found none to {len(missing):,} of them, "
            f"such as {missing[0]}. Run again"
        )


def answers_folder(use_case: UseCase, model: Champion) -> str:
    """The folder of a model's answers to shards of any source. A fresh run has its own."""
    return f"{locations.scores(use_case.name)}/answers/{answers_digest(model)}"


def answers_digest(model: Champion) -> str:
    """What answers depend on, besides the shard."""
    own = [heartbeats.current_run()] if is_fresh() else []
    return digests.of_json([model.model_package_arn, model.model_uri, CONTENT_TYPE, ACCEPT, *own])


def answers_of(use_case: UseCase, model: Champion) -> dict[str, str]:
    """Return the addresses of a model's answers, by the name of the shard. SageMaker may add folders before it."""
    folder = answers_folder(use_case, model)
    found = (name for name in storage.names(folder) if name.endswith(SUFFIX))
    return {name.rpartition("/")[2].removesuffix(SUFFIX): f"{folder}/{name}" for name in found}


def _left(use_case: UseCase, plan: Plan, model: Champion) -> list[str]:
    there = answers_of(use_case, model)
    return [name for name in dict.fromkeys(shard.name for shard in plan.shards) if name not in there]
