import os, signal, subprocess, sys, time, re
from tests.tasks.sagemaker.conftest import ENDLESS
import pytest, boto3
from tests.tasks.sagemaker.conftest import code, sagemaker
from tests.flows.conftest import PROJECT
from tests.patience import until
from uuid import uuid4
USE_CASE="cake_popularity"

def in_progress(sm, prefix):
    t=[j["TrainingJobName"] for j in sm.list_training_jobs(NameContains=prefix,StatusEquals="InProgress")["TrainingJobSummaries"]]
    p=[j["ProcessingJobName"] for j in sm.list_processing_jobs(NameContains=prefix,StatusEquals="InProgress")["ProcessingJobSummaries"]]
    return t+p

@pytest.mark.parametrize("stage", ["train","evaluate"])
@pytest.mark.parametrize("how", ["cancel","worker-TERM","worker-INT","engine-KILL"])
def test_worker(prefect, code, sagemaker, stage, how, tmp_path):
    from prefect.client.orchestration import get_client
    src=code(ENDLESS); prefix=f"try-{uuid4().hex[:6]}"
    env={**os.environ,"PREFECT_LOGGING_LEVEL":"INFO","PREFECT_LOGGING_TO_API_ENABLED":"false"}
    pool="p"+uuid4().hex[:6]
    run=lambda *a: subprocess.run([sys.executable,"-m","flows.commands.main","prefect",*a],cwd=PROJECT,env=env,check=True)
    run("work-pool","create",pool,"--type","process")
    from prefect.flows import load_flow_from_entrypoint
    with get_client(sync_client=True) as c:
        fid=c.create_flow_from_name("endless")
        dep=c.create_deployment(flow_id=fid,name=pool,entrypoint="tests.flows.endless_flow.endless",work_pool_name=pool,pull_steps=[],path=None)
        fr=c.create_flow_run_from_deployment(dep,parameters=dict(use_case=USE_CASE,stage=stage,source_dir=src,prefix=prefix))
        out=open(tmp_path/"worker.log","w")
        w=subprocess.Popen([sys.executable,"-m","flows.commands.main","prefect","worker","start","--pool",pool,"--type","process"],cwd=PROJECT,env=env,stdout=out,stderr=subprocess.STDOUT)
        n=2 if stage=="train" else 1
        try:
            names=until(lambda: in_progress(sagemaker,prefix), lambda x: len(x)==n, 90)
            pid=[int(p) for p in subprocess.check_output(["ps","-eo","pid,args"],text=True).splitlines()[1:] and [l.split()[0] for l in subprocess.check_output(["ps","-eo","pid,args"],text=True).splitlines() if "prefect.engine" in l or "_workspace_runtime_bootstrap" in l]]
            print("engine pids",pid)
            t=time.time()
            if how=="cancel":
                from prefect.states import Cancelling
                c.set_flow_run_state(fr.id, Cancelling())
            elif how=="engine-KILL":
                for p in pid: os.kill(p,9)
            else: w.send_signal(getattr(signal,"SIG"+how.split("-")[1]))
            while time.time()-t<25 and in_progress(sagemaker,prefix): time.sleep(.1)
            print(how,stage,"jobs stopped after",round(time.time()-t,1), in_progress(sagemaker,prefix))
            while time.time()-t<25 and any(os.path.exists(f"/proc/{p}") and open(f"/proc/{p}/stat").read().split(")")[1].split()[0]!="Z" for p in pid): time.sleep(.1)
            print("engine gone after",round(time.time()-t,1))
            while time.time()-t<30 and not c.read_flow_run(fr.id).state.is_final(): time.sleep(.2)
            s=c.read_flow_run(fr.id).state; print("state",round(time.time()-t,1),s.name,s.message)
            if how.startswith("worker"): print("worker rc",w.wait(30),round(time.time()-t,1))
        finally:
            time.sleep(3)
            w.terminate(); 
            try: w.wait(20)
            except Exception: w.kill(); w.wait()
            for j in in_progress(sagemaker,prefix):
                try: sagemaker.stop_training_job(TrainingJobName=j)
                except Exception: sagemaker.stop_processing_job(ProcessingJobName=j)
            print("LOG"); print(open(tmp_path/"worker.log").read()[-6000:])
