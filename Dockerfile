# The image of an environment's worker, server and flow runs, for linux/amd64 or linux/arm64 (`prefect.architecture`).
# terraform/modules/orchestration sets the command of each.
FROM python:3.12.14-slim-trixie@sha256:78387bc3881b8273120a12ebe6c1ab22b018ccc2c9adf565ae1ac9b536e184ea

WORKDIR /srv/vishwaops
COPY requirements.lock ./
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock

COPY pyproject.toml README.md prefect.yaml ./
COPY config config
COPY flows flows
COPY tasks tasks
COPY sagemaker_scripts sagemaker_scripts
COPY localstack/offline_cloud localstack/offline_cloud
COPY localstack/sagemaker_local localstack/sagemaker_local
COPY localstack/images localstack/images
# Editable, because the project reads its YAML files from the source folder.
RUN pip install --no-cache-dir --no-deps --no-build-isolation --editable . \
    && useradd --no-create-home --home-dir /tmp vishwaops

# The root file system is read-only. ECS mounts a volume with the permissions of the folder in the image.
VOLUME ["/tmp"]
USER vishwaops
ENV HOME=/tmp \
    PREFECT_HOME=/tmp/prefect \
    VISHWAOPS_STATE=/tmp/vishwaops \
    VISHWAOPS_PROFILE=aws \
    DO_NOT_TRACK=true \
    PREFECT_SERVER_ANALYTICS_ENABLED=false \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
CMD ["prefect", "worker", "start", "--pool", "vishwaops", "--type", "ecs"]
