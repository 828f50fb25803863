"""Writes the model card of a version: the page, and the ModelCard in SageMaker. Safe to repeat."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.profile import active_profile
from config.use_case import UseCase
from tasks import plots, storage
from tasks.model_card import facts as stored
from tasks.model_card.content import content
from tasks.model_card.decisions import decisions
from tasks.model_card.facts import CardFacts
from tasks.model_card.limits import limits_of_use
from tasks.model_card.resource import ensure_card
from tasks.pages.model_card import model_card_page
from tasks.pages.publishing import publish_at, report_path
from tasks.progress import log
from tasks.references import DataSplit, ModelEvaluation, Release, TrainedModels, ValidatedDataset
from tasks.sagemaker import registry
from tasks.steps import step


@dataclass(frozen=True)
class Card:
    """A published card."""

    uri: str
    """The page in S3."""
    path: str | None
    """The page on this machine; None on AWS."""
    html: str


@step()
def write_card(
    use_case: UseCase,
    validated: ValidatedDataset,
    split: DataSplit,
    models: TrainedModels,
    evaluation: ModelEvaluation,
    release: Release,
) -> Release:
    """Write the card of a registered version, and return the release with the card's addresses."""
    known = CardFacts(
        use_case=use_case,
        validated=validated,
        split=split,
        models=models,
        evaluation=evaluation,
        missing=stored.missing_shares(use_case, split),
    )
    package = registry.describe_package(release.model_package_arn)
    stored.save(registry.facts_of(package)[registry.EVALUATION], known)
    card = publish_card(use_case, package, known)
    log.info("register  model card: %s", card.path or card.uri)
    return release.model_copy(update={"card": card.path, "card_uri": card.uri})


def refresh_card(use_case: UseCase, model_package_arn: str) -> Card | None:
    """Write the card of a version again, after a decision about it; None for one that was registered without a card."""
    package = registry.describe_package(model_package_arn)
    known = stored.find(use_case, package)
    return publish_card(use_case, package, known) if known else None


def publish_card(use_case: UseCase, package: Mapping[str, Any], known: CardFacts) -> Card:
    """Write the page and the ModelCard of a package from its facts, the registry and the audit log."""
    version, evidence = package["ModelPackageVersion"], storage.get_json(known.evaluation.uri)
    decided, limits = decisions(use_case, package), limits_of_use(known, evidence)
    html = model_card_page(known, package, decided, limits, plots.stored(known.evaluation), evidence)
    uri = f"{stored.folder_of(use_case, package)}/{stored.PAGE}"
    path = report_path(use_case.name, f"card-{version}") if active_profile().offline else None
    page = publish_at(uri, path, html)
    described = content(known, package, decided, limits, uri)
    ensure_card(use_case.name, version, decided.status, described)
    return Card(page.uri, str(page.path) if page.path else None, html)
