"""What follows a decision about a version: its model card, and what MLflow shows."""

from config.errors import VishwaOpsError
from config.use_case import UseCase
from tasks.experiments.registered_models import mirror
from tasks.model_card.publish import refresh_card
from tasks.progress import log


def show_decision(use_case: UseCase, model_package_arn: str) -> None:
    """Write the card of a version again, and bring MLflow's aliases up to date.

    The decision is in the registry, in S3 and in the audit log already. So an error is logged and not raised.
    """
    try:
        card = refresh_card(use_case, model_package_arn)
    except (VishwaOpsError, FileNotFoundError) as error:
        log.warning("card      not written again: %s. To try again: vishwaops run register", error)
        return
    if card:
        log.info("card      %s", card.path or card.uri)
    mirror(use_case, *([model_package_arn] if card else []))
