#!/usr/bin/env bash
# Start the deployment that retrains $USE_CASE because of $REASON, or because version $TAG of its data set was tagged. $REF is
# the tag of this repository, data/<use case>/<name>, that says both.
set -euo pipefail

fail() {
  echo "::error::$1"
  exit 1
}

test -n "${PREFECT_API_URL:-}" || fail "The environment $ENVIRONMENT has no secret PREFECT_API_URL (terraform/README.md#github)."
test -n "${PREFECT_API_KEY:-}" || unset PREFECT_API_KEY
if test -n "${REF:-}"; then
  [[ $REF =~ ^data/([^/]+)/([^/]+)$ ]] || fail "Expected a tag such as data/student_grades/2026-03, found $REF."
  USE_CASE=${BASH_REMATCH[1]} TAG=${BASH_REMATCH[2]}
fi
[[ $USE_CASE =~ ^[a-z][a-z0-9_]*$ ]] || fail "Expected a name in config/use_cases/, found ${USE_CASE@Q}."
test -f "config/use_cases/$USE_CASE.yaml" || fail "Expected a name in config/use_cases/, found $USE_CASE."

REASON=${REASON:-version $TAG of the data set was tagged}
export REASON="$REASON (${GITHUB_ACTOR:-unknown}, on GitHub)"
parameters=$(.venv/bin/python -c 'import json, os; print(json.dumps({"reason": os.environ["REASON"]}))')
.venv/bin/vishwaops prefect deployment run "retrain/${USE_CASE//_/-}-retrain" --params "$parameters"
