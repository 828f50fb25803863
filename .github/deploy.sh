#!/usr/bin/env bash
# Register the flows of $COMMIT with $ENVIRONMENT's Prefect server, and the image $REPOSITORY:$COMMIT with the work pool.
set -euo pipefail

if test -z "$PREFECT_API_URL"; then
  missing="The environment $ENVIRONMENT has no secret PREFECT_API_URL (terraform/README.md#github)."
  # A merge pushes the image before there is a server: the server starts from it.
  test "${GITHUB_EVENT_NAME:-}" != push || { echo "::notice::$missing Nothing was deployed."; exit 0; }
  echo "::error::$missing"
  exit 1
fi
test -n "$PREFECT_API_KEY" || unset PREFECT_API_KEY
aws ecr describe-images --repository-name "${REPOSITORY#*/}" --image-ids imageTag="$COMMIT" >/dev/null

parameter() {
  aws ssm get-parameter --name "/vishwaops/$ENVIRONMENT/$1" --query Parameter.Value --output text
}

secret=${PREFECT_API_KEY:+$(parameter prefect/api_key_secret)}
parameter prefect/work_pool | .venv/bin/python .github/work_pool.py "$REPOSITORY:$COMMIT" "$ENVIRONMENT" "$secret"

# Each deployment runs as its use case's role.
deployments=$(mktemp -d)/prefect.yaml
aws ssm get-parameters-by-path --path "/vishwaops/$ENVIRONMENT/role/flow" --query Parameters --output json |
  .venv/bin/python .github/flow_roles.py >"$deployments"
.venv/bin/vishwaops prefect --no-prompt deploy --all --prefect-file "$deployments"
