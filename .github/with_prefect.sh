#!/usr/bin/env bash
# Run a command that needs $ENVIRONMENT's Prefect server. A server of one's own has no address outside its VPC: where
# $PREFECT_API_URL is on this machine, a session of Systems Manager forwards its port meanwhile.
# with_prefect.sh COMMAND...
set -euo pipefail

if [[ ${PREFECT_API_URL:-} =~ ^http://127\.0\.0\.1:([0-9]+)/api$ ]]; then
  terraform/prefect-tunnel.sh "$ENVIRONMENT" "${BASH_REMATCH[1]}" &
  tunnel=$!
  trap 'kill "$tunnel" 2>/dev/null || true' EXIT
  until curl --fail --silent --output /dev/null "$PREFECT_API_URL/health"; do
    kill -0 "$tunnel" 2>/dev/null || { echo "::error::The tunnel to $ENVIRONMENT's Prefect server has ended; see above."; exit 1; }
    sleep 1
  done
fi
test -n "${PREFECT_API_AUTH_STRING:-}" || unset PREFECT_API_AUTH_STRING
"$@"
