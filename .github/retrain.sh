#!/usr/bin/env bash
# Start the deployment that retrains $USE_CASE in $ENVIRONMENT: for $REASON, or because a version of its data set was tagged $TAG.
set -euo pipefail

fail() {
  echo "::error::$1"
  exit 1
}

test -n "${PREFECT_API_URL:-}" || fail "The environment $ENVIRONMENT has no secret PREFECT_API_URL (terraform/README.md#github)."
test -n "${PREFECT_API_KEY:-}" || unset PREFECT_API_KEY
[[ $USE_CASE =~ ^[a-z][a-z0-9_]*$ ]] || fail "Expected a name in config/use_cases/, found ${USE_CASE@Q}."
test -f "config/use_cases/$USE_CASE.yaml" || fail "Expected a name in config/use_cases/, found $USE_CASE."

REASON=${REASON:-a version of the data set was tagged $TAG}
export REASON="$REASON (${GITHUB_ACTOR:-unknown}, on GitHub)"
parameters=$(.venv/bin/python -c 'import json, os; print(json.dumps({"reason": os.environ["REASON"]}))')
.venv/bin/vishwaops prefect deployment run "retrain/${USE_CASE//_/-}-retrain" --params "$parameters"
