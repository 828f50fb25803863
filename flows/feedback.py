"""The flow that takes ground truth: the new files of a folder or a prefix."""

from prefect import flow
from prefect.artifacts import create_table_artifact

from flows.run import open_run
from flows.session.hooks import ENDINGS
from flows.session.runtime import begin
from tasks.ground_truth.arrivals import take
from tasks.references import GroundTruthBatch
from tasks.step_results import FLOW


@flow(name="feedback", flow_run_name="feedback-{use_case}", **ENDINGS, **FLOW)
def feedback(use_case: str, source: str | None = None) -> list[GroundTruthBatch]:
    """Take the ground truth of a file, or of the new files of a folder or an `s3://` prefix that ends with a slash.

    Without a source it is the use case's inbox, `s3://<data bucket>/<use case>/ground_truth/inbox/`. A file is taken
    once; it may be killed at any time. Raises SourceError or InvalidRows, after taking the others, for a file that
    can't be taken, and the errors of config/errors.py.
    """
    case = begin(use_case)
    with open_run(case, "feedback", source, fresh=False):
        taken = take(case, source)
    create_table_artifact(
        key=f"feedback-{case.slug}",
        table=[
            {
                "source": each.source, "rows": each.rows, "new": each.new, "given before": each.duplicates,
                "corrected": each.corrected, "quarantined": each.quarantined,
            }
            for each in taken
        ],
        description=f"The ground truth that was taken for {case.name}.",
    )  # fmt: skip
    return taken
