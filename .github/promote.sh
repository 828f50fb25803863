#!/usr/bin/env bash
# Promote the version $SOURCE of another environment to $VISHWAOPS_ENVIRONMENT, approved if $APPROVE is true.
set -euo pipefail

approve=()
test "$APPROVE" != true || approve=(--approve)
.venv/bin/vishwaops promote --profile aws --use-case "$USE_CASE" --from "$SOURCE" "${approve[@]}" | tee -a "${GITHUB_STEP_SUMMARY:-/dev/null}"
