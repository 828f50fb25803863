"""Jobs on several instances: own folders, names that resolve, shares of the data, one common model."""

import io
import json
from typing import Any

import numpy as np
import pytest

from tests.sagemaker_local.support import BUCKET, Bench, channel, unique
from tests.sagemaker_local.test_processing_jobs import request as processing_request
from tests.sagemaker_local.test_processing_jobs import run as run_processing

GROUP = "/aws/sagemaker/TrainingJobs"
REPORT = """
import json, os, pathlib, socket, sys, time
host = os.environ["SM_CURRENT_HOST"]
config = json.loads(pathlib.Path("/opt/ml/input/config/resourceconfig.json").read_text())
files = {p.parent.name: [] for p in pathlib.Path("/opt/ml/input/data").rglob("*") if p.is_file()}
for path in sorted(pathlib.Path("/opt/ml/input/data").rglob("*")):
    if path.is_file():
        files[path.parent.name].append(path.name)
others = json.loads(os.environ["SM_HOSTS"])
server = socket.socket()
server.bind((host, 5000))
server.listen()
for other in others:
    if other != host:
        for _ in range(2000):
            try:
                socket.create_connection((other, 5000), timeout=5).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.05)
        else:
            sys.exit(f"{other} is not there")
        server.accept()
report = {"config": config, "files": files, "hosts": others, "hostname": socket.gethostname(),
          "interface": os.environ["SM_NETWORK_INTERFACE_NAME"], "type": os.environ["SM_CURRENT_INSTANCE_TYPE"]}
pathlib.Path("/opt/ml/model", f"{host}.json").write_text(json.dumps(report))
pathlib.Path("/opt/ml/output/data", f"{host}.txt").write_text(host)
print("this is", host)
"""


def on(count: int, kind: str = "ml.m5.large") -> dict[str, Any]:
    return {"InstanceCount": count, "InstanceType": kind, "VolumeSizeInGB": 1}


def reports(bench: Bench, job: dict[str, Any]) -> dict[str, Any]:
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    files = bench.unpacked(job["ModelArtifacts"]["S3ModelArtifacts"])
    return {name.removesuffix(".json"): json.loads(content) for name, content in files.items()}


def test_every_instance_has_its_own_folder_name_and_log_and_what_they_leave_is_one_model(bench: Bench) -> None:
    prefix = unique("data")
    for name in "abc":
        bench.put(f"{prefix}/{name}.csv", name)
    job = bench.train(
        REPORT,
        ResourceConfig=on(2, "ml.c5.xlarge"),
        InputDataConfig=[
            channel("sharded", f"s3://{BUCKET}/{prefix}/", S3DataDistributionType="ShardedByS3Key"),
            channel("whole", f"s3://{BUCKET}/{prefix}/", S3DataDistributionType="FullyReplicated"),
        ],
    )
    found = reports(bench, job)
    assert sorted(found) == ["algo-1", "algo-2"]
    for name, report in found.items():
        assert report["hostname"] == name
        assert report["hosts"] == ["algo-1", "algo-2"]
        assert (report["interface"], report["type"]) == ("lo", "ml.c5.xlarge")
        assert report["config"] == {
            "current_host": name,
            "current_instance_type": "ml.c5.xlarge",
            "current_group_name": "homogeneousCluster",
            "hosts": ["algo-1", "algo-2"],
            "instance_groups": [
                {
                    "instance_group_name": "homogeneousCluster",
                    "instance_type": "ml.c5.xlarge",
                    "hosts": ["algo-1", "algo-2"],
                }
            ],
            "network_interface_name": "lo",
        }
        assert report["files"]["whole"] == ["a.csv", "b.csv", "c.csv"]
    shares = [report["files"]["sharded"] for report in found.values()]
    assert sorted(name for share in shares for name in share) == ["a.csv", "b.csv", "c.csv"]
    assert sorted(map(len, shares)) == [1, 2]

    output = job["ModelArtifacts"]["S3ModelArtifacts"].replace("model.tar.gz", "output.tar.gz")
    assert bench.unpacked(output) == {"algo-1.txt": b"algo-1", "algo-2.txt": b"algo-2"}
    for host in ("algo-1", "algo-2"):
        assert bench.printed(GROUP, f"{job['TrainingJobName']}/{host}-")[-1] == f"this is {host}"


def test_instance_groups_get_the_channels_that_name_them(bench: Bench) -> None:
    data = bench.put(f"{unique('data')}/a.csv", "1")
    groups = [
        {"InstanceGroupName": "loaders", "InstanceType": "ml.c5.xlarge", "InstanceCount": 1},
        {"InstanceGroupName": "trainers", "InstanceType": "ml.m5.large", "InstanceCount": 1},
    ]
    both, one = channel("both", data), channel("one", data)
    one["DataSource"]["S3DataSource"]["InstanceGroupNames"] = ["trainers"]
    job = bench.train(
        REPORT, ResourceConfig={"InstanceGroups": groups, "VolumeSizeInGB": 1}, InputDataConfig=[both, one]
    )
    found = reports(bench, job)
    assert [found[host]["config"]["current_group_name"] for host in ("algo-1", "algo-2")] == ["loaders", "trainers"]
    assert found["algo-1"]["files"] == {"both": ["a.csv"]}
    assert found["algo-2"]["files"] == {"both": ["a.csv"], "one": ["a.csv"]}


def test_an_instance_that_fails_fails_the_job_and_ends_the_others(bench: Bench) -> None:
    script = (
        "import os, sys, time\n"
        "if os.environ['SM_CURRENT_HOST'] == 'algo-2':\n    raise ValueError('no data on algo-2')\n"
        "time.sleep(600)\n"
    )
    job = bench.train(script, ResourceConfig=on(2))
    assert job["TrainingJobStatus"] == "Failed"
    assert "ValueError: no data on algo-2" in bench.printed(GROUP, f"{job['TrainingJobName']}/algo-2-")
    assert (job["TrainingEndTime"] - job["TrainingStartTime"]).total_seconds() < 600


def test_network_isolation_over_several_instances_is_refused_by_name(bench: Bench) -> None:
    request = bench.request(REPORT, ResourceConfig=on(2), EnableNetworkIsolation=True)
    with pytest.raises(bench.sagemaker.exceptions.ClientError, match="not implemented by SageMaker local yet"):
        bench.sagemaker.create_training_job(**request)


DISTRIBUTED = """
import argparse, json, logging, os
from sagemaker_containers import entry_point
from sagemaker_xgboost_container import distributed
from sagemaker_xgboost_container.data_utils import get_dmatrix
import xgboost as xgb

def fit(params, dtrain, evals, num_boost_round, model_dir, is_master):
    booster = xgb.train(params=params, dtrain=dtrain, evals=evals, num_boost_round=num_boost_round)
    if is_master:
        booster.save_model(os.path.join(model_dir, "xgboost-model.ubj"))

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--num_round", type=int)
    parser.add_argument("--model_dir", default=os.environ["SM_MODEL_DIR"])
    parser.add_argument("--train", default=os.environ["SM_CHANNEL_TRAIN"])
    parser.add_argument("--sm_hosts", default=os.environ["SM_HOSTS"])
    parser.add_argument("--sm_current_host", default=os.environ["SM_CURRENT_HOST"])
    args, _ = parser.parse_known_args()
    dtrain = get_dmatrix(args.train, "csv")
    print("rows here:", dtrain.num_row() if dtrain else 0)
    arguments = dict(
        params={"max_depth": 4, "eta": 0.3, "objective": "reg:squarederror", "tree_method": "hist", "nthread": 1},
        dtrain=dtrain, evals=[(dtrain, "train")], num_boost_round=args.num_round, model_dir=args.model_dir)
    hosts = json.loads(args.sm_hosts)
    if len(hosts) > 1:
        distributed.rabit_run(exec_fun=fit, args=arguments, include_in_training=(dtrain is not None), hosts=hosts,
                              current_host=args.sm_current_host, update_rabit_args=True)
    else:
        fit(**arguments, is_master=True)
"""


def test_xgboost_over_two_instances_is_the_model_of_one_on_the_same_rows(bench: Bench) -> None:
    import xgboost

    prefix, rows = unique("rows"), np.random.default_rng(7).integers(0, 40, (600, 5)).astype(float)
    rows[:, 0] = rows[:, 1] * 3 + rows[:, 2] * rows[:, 3] + np.sin(rows[:, 4])
    rows[:, 0] /= 1600
    for part, some in enumerate(np.split(rows, 4)):
        file = io.StringIO()
        np.savetxt(file, some, delimiter=",", fmt="%.6f")
        bench.put(f"{prefix}/part-{part}.csv", file.getvalue())

    def booster(instances: int, data: str = prefix) -> tuple[Any, list[int]]:
        job = bench.train(
            DISTRIBUTED,
            hyperparameters={"num_round": "20"},
            ResourceConfig=on(instances),
            InputDataConfig=[channel("train", f"s3://{BUCKET}/{data}", S3DataDistributionType="ShardedByS3Key")],
        )
        assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
        lines = bench.printed(GROUP, job["TrainingJobName"])
        files = bench.unpacked(job["ModelArtifacts"]["S3ModelArtifacts"])
        model = xgboost.Booster()
        model.load_model(bytearray(files["xgboost-model.ubj"]))
        return model, [int(line.removeprefix("rows here: ")) for line in lines if line.startswith("rows here: ")]

    (one, alone), (two, shared) = booster(1), booster(2)
    assert (alone, shared) == ([600], [300, 300])
    matrix = xgboost.DMatrix(rows[:, 1:])
    assert np.abs(one.predict(matrix) - two.predict(matrix)).max() <= 1e-6
    assert np.abs(one.predict(matrix) - rows[:, 0]).mean() < 0.02
    half, _ = booster(1, f"{prefix}/part-0.csv")
    assert np.abs(one.predict(matrix) - half.predict(matrix)).max() > 1e-3


def test_a_host_without_data_leaves_the_training_to_the_others(bench: Bench) -> None:
    prefix = unique("rows")
    bench.put(f"{prefix}/only.csv", "".join(f"{x},{x}\n" for x in range(40)))
    script = DISTRIBUTED.replace(', "tree_method": "hist"', "").replace('evals=[(dtrain, "train")]', "evals=[]")
    job = bench.train(
        script,
        hyperparameters={"num_round": "3"},
        ResourceConfig=on(2),
        InputDataConfig=[channel("train", f"s3://{BUCKET}/{prefix}/", S3DataDistributionType="ShardedByS3Key")],
    )
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert list(bench.unpacked(job["ModelArtifacts"]["S3ModelArtifacts"])) == ["xgboost-model.ubj"]


PROCESS = """
import json, pathlib
config = json.loads(pathlib.Path("/opt/ml/config/resourceconfig.json").read_text())
host = config["current_host"]
rows = sorted(path.name for path in pathlib.Path("/opt/ml/processing/input/data").iterdir())
pathlib.Path(f"/opt/ml/processing/output/{host}.json").write_text(json.dumps({"hosts": config["hosts"], "rows": rows}))
"""


def test_processing_on_several_instances_shares_the_inputs_and_gathers_the_outputs(bench: Bench) -> None:
    asked = processing_request(bench, PROCESS)
    name = asked["ProcessingJobName"]
    for part in "ab":
        bench.put(f"{name}/parts/{part}.csv", part)
    asked["ProcessingResources"]["ClusterConfig"]["InstanceCount"] = 2
    asked["ProcessingInputs"][1]["S3Input"] |= {
        "S3Uri": f"s3://{BUCKET}/{name}/parts/",
        "S3DataDistributionType": "ShardedByS3Key",
    }
    job = run_processing(bench, asked)
    assert job["ProcessingJobStatus"] == "Completed", job.get("FailureReason")
    answers = [json.loads(bench.read(f"s3://{BUCKET}/{name}/out/algo-{number}.json")) for number in (1, 2)]
    assert [answer["hosts"] for answer in answers] == [["algo-1", "algo-2"]] * 2
    assert sorted(answer["rows"] for answer in answers) == [["a.csv"], ["b.csv"]]
