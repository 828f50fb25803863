#!/usr/bin/env bash
# Show the plan $1 on the run's page, and tell the next job whether it changes anything.
set -euo pipefail

terraform -chdir=terraform/platform show -no-color "$1" > "$1.txt"
{ echo '````'; head -c 900000 "$1.txt"; echo '````'; } >> "$GITHUB_STEP_SUMMARY"
if grep -q '^No changes\.' "$1.txt"; then changes=false; else changes=true; fi
echo "changes=$changes" >> "$GITHUB_OUTPUT"
