"""Builds all S3 addresses.

s3://<data bucket>/<use case>/
  table/                  the Iceberg table of the dataset versions: data/<ingest>/part-*.parquet, metadata/
  corrections/fixes/<time>.json        what a person corrected at one time
  corrections/released/<digest>.json   all corrections in effect; the table has the name
  validated/<digest>/     rows.parquet, quarantine.parquet, without_target.parquet, report.json, manifest.json
  splits/<digest>/        train/ validation/ test/ with part-<number>.parquet each, contract/, manifest.json
  predictions/<id>/       predictions.parquet, manifest.json: the version that answered; quarantine.parquet
  scores/                 of `vishwaops run score`:
    plans/<digest>/       manifest.json: the shards of a source; quarantine/part-<number>.parquet: its unreadable rows
    shards/<digest>.parquet              rows to score, as batch transform sends them
    answers/<model>/<shard>.out          the model's answers, written by SageMaker
    jobs/<job>.json       the manifest of a transform job's shards
    results/<digest>/     predictions/ and quarantine/ with part-<number>.parquet each, manifest.json
  ground_truth/           of `vishwaops feedback`:
    batches.json          the batches in the order of their arrival; what it does not name is not part of them
    batches/<digest>.parquet             the taken rows of a batch
    quarantine/<digest>.parquet          its other rows, each with its reasons
    inbox/                files of ground truth that the flow `feedback` takes by default
  written/<group>/        part-<number>-<time>.parquet: what was written to a feature group
  runs/<run>/             run.json, and <stage>.json for each completed stage
  runs/<run>/heartbeat.json   written at intervals while the run's process is alive
  latest.json             the address of the latest record of each stage
  champion.json           the model package that the endpoint should serve
  release.json            the last release: which version, and how it ended
  retraining/<number>.json    a retraining: why it ran, and how it ended
  audit/                  the audit log: checkpoint, tile/entries/ and tile/<level>/ (c2sp.org/tlog-tiles)
  forgotten/              secret.bin: the key of the digests of removed keys; <time>.json: what a `forget` removed
  results/<step>-<key>    the result of a step, reused by runs with equal inputs and code
s3://<artefacts bucket>/<use case>/
  code/<digest>/          sourcedir.tar.gz
  settings/<digest>/      settings.json: what the use case says about training and evaluation
  jobs/<job>/output/      model.tar.gz, written by SageMaker
  spark/<digest>/         job.json, output/<job>/result.json of a Spark job
  evaluations/<job>/      evaluation.json, plots.json
  cards/<evaluation>/     card.json, card.html: the model card of a registered version
  features/               the offline store of the feature groups, written by SageMaker
  promoted/<digest>/      model.tar.gz, evaluation.json, manifest.json: a model of another environment
  runs/<run>/             page.html
  data/<digest>.html      the page of a dataset version
  runs/validation-<digest>/  page.html of a validated dataset
s3://<artefacts bucket>/mlflow/<use case>/   artefacts of MLflow's runs, on AWS
s3://<monitoring bucket>/<use case>/
  profiles/training-<digest>/  profile.bin, profile.json, manifest.json of a split's training rows
  profiles/<id>/          profile.bin, profile.json of scored rows, drift.json
  profiles/models/<digest>/    profile.json, manifest.json: what a model version's live traffic is compared with
  profiles/imported/<digest>/  the same, from a baseline of SageMaker Model Monitor
  reports/<time>/         report.json, page.html of a run of the flow `monitor`
  reports/history.json    the drift of each day, and the quality of each week
  reports/running.json    which run of the flow `monitor` is in progress
  quality/<version>/<week>.json        the live quality of a version in an ISO week, with the digests of its inputs
  capture/<hosted>/<endpoint>/<variant>/yyyy/mm/dd/hh/   captured requests, written by SageMaker as JSON lines
  traffic/<hosted>/<variant>/yyyy/mm/dd/hh/   an hour of live traffic: hour.json names the other objects
  traffic/watermark.json  the hour from which the next run looks for new capture files

A folder with a digest is a *version*. Its manifest.json is written last: a folder without it is not a version.
"""

from tasks.platform import Purpose, platform

MANIFEST = "manifest.json"
HELD_OUT = "held_out"
"""The key of a manifest of predictions: whether they are of held-out rows, which are no live traffic."""


def root(use_case: str, purpose: Purpose = "data") -> str:
    """A use case's prefix in the data, artefacts or monitoring bucket. Its roles have access to no other prefix."""
    return f"s3://{platform().bucket(purpose)}/{use_case}"


def version(use_case: str, kind: str, digest: str) -> str:
    """The folder of a version, such as one of `validated` or of what a further stage publishes."""
    return f"{root(use_case)}/{kind}/{digest}"


def table(use_case: str) -> str:
    """The folder of the table whose snapshots are the dataset versions."""
    return f"{root(use_case)}/table"


def fixes(use_case: str) -> str:
    """The folder of what people corrected, released or not."""
    return f"{root(use_case)}/corrections/fixes"


def released(use_case: str, name: str) -> str:
    """The corrections in effect, where the table has their name."""
    return f"{root(use_case)}/corrections/released/{name}.json"


def validated(use_case: str, digest: str) -> str:
    """A validated dataset's folder."""
    return version(use_case, "validated", digest)


def validated_versions(use_case: str) -> str:
    """The folder of all validated datasets."""
    return f"{root(use_case)}/validated"


def split(use_case: str, digest: str) -> str:
    """A split's folder."""
    return version(use_case, "splits", digest)


def code(use_case: str, digest: str) -> str:
    """The folder of the scripts that jobs run."""
    return f"{root(use_case, 'artefacts')}/code/{digest}"


def settings(use_case: str, digest: str) -> str:
    """The folder of the settings of jobs."""
    return f"{root(use_case, 'artefacts')}/settings/{digest}"


def spark_job(use_case: str, digest: str) -> str:
    """The folder of what a Spark job gets and of its result."""
    return f"{root(use_case, 'artefacts')}/spark/{digest}"


def jobs(use_case: str) -> str:
    """The output path of training jobs."""
    return f"{root(use_case, 'artefacts')}/jobs"


def evaluations(use_case: str) -> str:
    """The output path of evaluation jobs, with a folder for each job."""
    return f"{root(use_case, 'artefacts')}/evaluations"


def card(use_case: str, evaluation: str) -> str:
    """The folder of the model card of the version of an evaluation, by its id."""
    return f"{root(use_case, 'artefacts')}/cards/{evaluation}"


def promoted(use_case: str, digest: str) -> str:
    """The folder of a model that was promoted from another environment."""
    return f"{root(use_case, 'artefacts')}/promoted/{digest}"


def features(use_case: str) -> str:
    """The offline store of a use case's feature groups. Only SageMaker writes there."""
    return f"{root(use_case, 'artefacts')}/features"


def written_features(use_case: str, group: str) -> str:
    """The folder of what was written to a feature group. `group` is its name and when it was created."""
    return f"{root(use_case)}/written/{group}"


def experiments(use_case: str) -> str:
    """The artefacts of a use case's MLflow experiment on AWS. The MLflow server has access to `mlflow/` only."""
    return f"s3://{platform().bucket('artefacts')}/mlflow/{use_case}"


def predictions(use_case: str, batch: str) -> str:
    """The folder of a batch of predictions."""
    return f"{root(use_case)}/predictions/{batch}"


def scores(use_case: str) -> str:
    """The folder of the rows that are scored by batch transform."""
    return f"{root(use_case)}/scores"


def ground_truth(use_case: str) -> str:
    """The folder of a use case's ground truth."""
    return f"{root(use_case)}/ground_truth"


def ground_truth_list(use_case: str) -> str:
    """The list of the batches of ground truth."""
    return f"{ground_truth(use_case)}/batches.json"


def ground_truth_batch(use_case: str, name: str) -> str:
    """The rows of a batch of ground truth."""
    return f"{ground_truth(use_case)}/batches/{name}"


def ground_truth_quarantine(use_case: str, name: str) -> str:
    """The rows of a batch of ground truth that were not taken."""
    return f"{ground_truth(use_case)}/quarantine/{name}"


def ground_truth_inbox(use_case: str) -> str:
    """The folder of the files of ground truth that are taken by default."""
    return f"{ground_truth(use_case)}/inbox"


def live_quality(use_case: str) -> str:
    """The folder of the live quality of each version and week."""
    return f"{root(use_case, 'monitoring')}/quality"


def live_quality_week(use_case: str, version: int, week: str) -> str:
    """The live quality of a version in an ISO week, such as `2026-W48`."""
    return f"{live_quality(use_case)}/{version}/{week}.json"


def profiles(use_case: str, batch: str) -> str:
    """The folder of the profile of a batch of scored rows."""
    return f"{root(use_case, 'monitoring')}/profiles/{batch}"


def training_profile(use_case: str, digest: str) -> str:
    """The folder of the profile of a split's training rows."""
    return profiles(use_case, f"training-{digest}")


def model_profile(use_case: str, digest: str) -> str:
    """The folder of the profile that the live traffic of a model version is compared with."""
    return profiles(use_case, f"models/{digest}")


def imported_profile(use_case: str, digest: str) -> str:
    """The folder of the profile from a baseline of SageMaker Model Monitor, for a model version."""
    return profiles(use_case, f"imported/{digest}")


def monitoring_reports(use_case: str) -> str:
    """The folder of the reports of the flow `monitor`."""
    return f"{root(use_case, 'monitoring')}/reports"


def monitoring_report(use_case: str, run: str) -> str:
    """The folder of the report of a run of the flow `monitor`."""
    return f"{monitoring_reports(use_case)}/{run}"


def capture(use_case: str) -> str:
    """The folder that SageMaker writes captured requests to, with a folder for each hosted version."""
    return f"{root(use_case, 'monitoring')}/capture"


def traffic(use_case: str) -> str:
    """The folder of the live traffic by hour."""
    return f"{root(use_case, 'monitoring')}/traffic"


def page(use_case: str, run: str) -> str:
    """The page of a run."""
    return f"{root(use_case, 'artefacts')}/runs/{run}/page.html"


def data_page(use_case: str, digest: str) -> str:
    """The page of a dataset version."""
    return f"{root(use_case, 'artefacts')}/data/{digest}.html"


def runs(use_case: str) -> str:
    """The folder of a use case's runs."""
    return f"{root(use_case)}/runs"


def run(use_case: str, run: str) -> str:
    """The folder of a run's records."""
    return f"{runs(use_case)}/{run}"


def heartbeat(use_case: str, run: str) -> str:
    """The heartbeat of a run."""
    return f"{runs(use_case)}/{run}/heartbeat.json"


def latest(use_case: str) -> str:
    """The pointer to the latest record of each stage."""
    return f"{root(use_case)}/latest.json"


def champion(use_case: str) -> str:
    """The pointer to the model package that the endpoint should serve."""
    return f"{root(use_case)}/champion.json"


def release(use_case: str) -> str:
    """The outcome of the last release."""
    return f"{root(use_case)}/release.json"


def retraining(use_case: str) -> str:
    """The folder of the records of a use case's retrainings."""
    return f"{root(use_case)}/retraining"


def audit(use_case: str) -> str:
    """The folder of the use case's audit log. Nothing in it is ever deleted; only its checkpoint changes."""
    return f"{root(use_case)}/audit"


def forgotten(use_case: str) -> str:
    """The folder of what `vishwaops forget` has removed: counts and digests, no value of a row."""
    return f"{root(use_case)}/forgotten"


def result(key: str) -> str:
    """The result of a step. `key` begins with the use case's name."""
    return f"s3://{platform().bucket('data')}/{key}"
