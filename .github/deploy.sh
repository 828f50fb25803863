#!/usr/bin/env bash
# Register the flows of $COMMIT with $ENVIRONMENT's Prefect server, and the image $REPOSITORY:$COMMIT with the work pool.
set -euo pipefail

test -n "$PREFECT_API_URL" || { echo "::error::The environment $ENVIRONMENT has no secret PREFECT_API_URL (terraform/README.md)."; exit 1; }
test -n "$PREFECT_API_KEY" || unset PREFECT_API_KEY
aws ecr describe-images --repository-name "${REPOSITORY#*/}" --image-ids imageTag="$COMMIT" >/dev/null

parameter() {
  aws ssm get-parameter --name "/vishwaops/$ENVIRONMENT/$1" --query Parameter.Value --output text
}

secret=${PREFECT_API_KEY:+$(parameter prefect/api_key_secret)}
parameter prefect/work_pool | .venv/bin/python .github/work_pool.py "$REPOSITORY:$COMMIT" "$ENVIRONMENT" "$secret"
.venv/bin/vishwaops prefect --no-prompt deploy --all
