#!/usr/bin/env bash
# A plan as an artifact. Everybody who can read the repository can download an artifact, and a plan has the whole state, so
# it is encrypted to $PLAN_CERTIFICATE. Only an approved environment's job has the certificate's private key, $PLAN_KEY.
# plan_file.sh encrypt|decrypt SOURCE TARGET
set -euo pipefail

need() {
  test -n "${!1:-}" || { echo "::error::$2 $1 is not set: terraform/README.md#github has the command that creates it."; exit 1; }
}

case "$1" in
  encrypt)
    need PLAN_CERTIFICATE "The repository's variable"
    openssl cms -encrypt -binary -aes-256-gcm -outform DER -in "$2" -out "$3" <(echo "$PLAN_CERTIFICATE")
    ;;
  decrypt)
    need PLAN_KEY "The environment's secret"
    openssl cms -decrypt -binary -inform DER -in "$2" -out "$3" -inkey <(echo "$PLAN_KEY")
    ;;
esac
