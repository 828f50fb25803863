"""The output of the command line: progress lines while it runs, and tables at the end."""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from config.profile import Profile
from flows.commands.output import console, line, table
from tasks.references import GroundTruthBatch, LifecycleRun, Predictions, StageRecord
from tasks.rows.answer_columns import PREDICTION, PROBABILITY
from tasks.rows.input_rows import INPUT_ROW
from tasks.spreadsheets import people_csv

SHOWN_ROWS = 20
AWS_CALL = " && aws sagemaker list-training-jobs"


def show_run(run: LifecycleRun) -> None:
    """Print a run's figures: rows, candidates, champion, the endpoint's answer, drift, times and the page."""
    primary = run.evaluation.primary
    console.print(f"\n{run.use_case}", style="bold")
    without = f", {run.validated.without_target:,} without a target" if run.validated.without_target else ""
    line("rows", f"{run.dataset.rows:,} ingested, {run.validated.quarantined:,} quarantined{without}")
    for model in run.candidates:
        best = "  ← best" if model.candidate == run.evaluation.model.candidate else ""
        value = model.metrics[f"validation:{primary}"]
        line("candidate", f"{model.candidate:<10} validation {primary} {value:.4f}{best}")
    line("held out", _held_out(run, primary))
    line("champion", _champion(run))
    if run.release.pending:
        _show_waiting(run)
    else:
        _show_serving(run)


def _show_serving(run: LifecycleRun) -> None:
    """Print the answers, the drift, the times and the page of a run that has deployed."""
    answer = run.predictions.sample[0]["answer"]
    line("endpoint", f"{run.deployment.endpoint_name} answers for row 0: {answer}")
    most = "".join(f"; {worst.feature} drifted most, {worst.shown}" for worst in run.drift.features[:1])
    line("drift", f"{run.drift.verdict}{most}")
    line("seconds", f"{sum(record.seconds for record in run.records):.1f} together")
    for records in (run.records[:5], run.records[5:]):
        line("", ", ".join(f"{record.stage} {record.seconds:.1f}" for record in records))
    if reused := [record.stage for record in run.records if record.reused]:
        line("reused", f"{', '.join(reused)}: results of earlier runs with equal inputs and code")
    line("page", from_here(Path(run.page)) if run.page else str(run.page_uri))


def _show_waiting(run: LifecycleRun) -> None:
    """Print what a person who decides has to know."""
    line("page", from_here(Path(run.page)) if run.page else str(run.page_uri))
    line("evaluation", run.evaluation.uri)
    decide = f"--use-case {run.use_case} --version {run.release.version} --reason TEXT"
    line("waits", f"read the page, then: vishwaops approve {decide}")
    line("", f"or: vishwaops reject {decide}")


def from_here(path: Path) -> str:
    """Return a path relative to the working folder, if it is within it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _held_out(run: LifecycleRun, primary: str) -> str:
    parts = [f"{primary} {run.evaluation.metrics[primary]:.4f}", f"naive {run.evaluation.baseline[primary]:.4f}"]
    if run.evaluation.champion:
        parts.append(f"champion before {run.evaluation.champion[primary]:.4f}")
    return ", ".join(parts)


def _champion(run: LifecycleRun) -> str:
    if run.release.champion_arn == run.release.model_package_arn:
        return f"{run.evaluation.model.candidate}, version {run.release.version}: approved"
    version = (run.release.champion_arn or "none").rsplit("/", 1)[-1]
    release = run.release
    return f"stays version {version}; version {release.version} is {release.verdict}: {'; '.join(release.reasons)}"


def show_next_steps(use_cases: list[str], profile: Profile) -> None:
    """Print the next commands: predict, open MLflow, use an AWS client, stop the offline cloud."""
    console.print("\nNext" + (" (the offline cloud is still up):" if profile.offline else ":"), style="bold")
    lines = [
        "source .venv/bin/activate",
        *(f"vishwaops predict --use-case {name} --input rows.csv" for name in use_cases),
        "vishwaops mlflow ui",
    ]
    if profile.offline:
        lines += [f'eval "$(vishwaops env)"{AWS_CALL if _has_aws_cli() else ""}', "vishwaops down"]
    for each in lines:
        console.print(f"  {each}", markup=False, soft_wrap=True)


def _has_aws_cli() -> bool:
    return bool(shutil.which("aws") or shutil.which("aws", path=str(Path(sys.executable).parent)))


def show_record(record: StageRecord) -> None:
    """Print a stage's output as JSON."""
    console.print(record.reference.model_dump_json(indent=2), markup=False, soft_wrap=True)


def show_predictions(predictions: Predictions, scored: pd.DataFrame, output: Path | None) -> None:
    """Print the predictions for n rows as a table, or write rows and predictions to `output` as CSV.

    For quarantined rows, print their number, the first reasons and the address of all.
    """
    if output:
        output.write_text(people_csv(scored), encoding="utf-8", newline="")
        console.print(f"{len(scored):,} predictions in {output}", markup=False)
    else:
        _show_answers(scored)
    if predictions.rows:
        line("lineage", f"vishwaops lineage --prediction {_id_of_first(predictions, scored)}")
    if predictions.quarantined:
        console.print(f"{predictions.quarantined:,} row(s) in quarantine:", style="bold")
        for reason in predictions.reasons:
            console.print(f"  {reason}", markup=False, soft_wrap=True)
        console.print(f"  all of them: {predictions.quarantine_uri}", markup=False, soft_wrap=True)


def show_ground_truth(taken: Sequence[GroundTruthBatch]) -> None:
    """Print what batches of ground truth brought, with the first reasons of the rows that were not taken."""
    if not taken:
        console.print("no new ground truth")
    for batch in taken:
        console.print(f"{batch.source}: {batch.headline}", markup=False, soft_wrap=True)
        for reason in batch.reasons:
            console.print(f"  {reason}", markup=False, soft_wrap=True)
        if batch.quarantine_uri:
            console.print(f"  all of them: {batch.quarantine_uri}", markup=False, soft_wrap=True)


def _id_of_first(predictions: Predictions, scored: pd.DataFrame) -> str:
    """The id of the first prediction: the use case, the folder of the predictions, the row."""
    return f"{predictions.use_case}/{predictions.uri.split('/')[-2]}/{scored[INPUT_ROW].iloc[0]}"


def _show_answers(scored: pd.DataFrame) -> None:
    answers = [name for name in scored if name == PREDICTION or str(name).startswith(PROBABILITY)]
    answered = table("row", *answers)
    shown = scored[[INPUT_ROW, *answers]].head(SHOWN_ROWS)
    for row, *values in shown.itertuples(index=False):
        answered.add_row(str(row), *(f"{value:.4f}" if isinstance(value, float) else str(value) for value in values))
    console.print(answered)
    if len(scored) > SHOWN_ROWS:
        console.print(f"... and {len(scored) - SHOWN_ROWS:,} more; --output FILE writes them all", style="dim")
