#!/usr/bin/env bash
# Build the image of this commit and push it to $REPOSITORY. A repeated run does not push it again.
set -euo pipefail

image="$REPOSITORY:$GITHUB_SHA"
if aws ecr describe-images --repository-name "${REPOSITORY#*/}" --image-ids imageTag="$GITHUB_SHA" >/dev/null 2>&1; then
  echo "$image is already pushed"
  exit 0
fi
docker build --tag "$image" --label "org.opencontainers.image.revision=$GITHUB_SHA" .
aws ecr get-login-password | docker login --username AWS --password-stdin "${REPOSITORY%%/*}"
docker push "$image"
docker logout "${REPOSITORY%%/*}"
