#!/usr/bin/env bash
# Build the image of this commit and push it to $REPOSITORY. A repeated run does not push it again. Without TAG, its tag is
# the commit; without CONTEXT, the folder that it is built from is the project.
set -euo pipefail

tag="${TAG:-$GITHUB_SHA}"
image="$REPOSITORY:$tag"
if aws ecr describe-images --repository-name "${REPOSITORY#*/}" --image-ids imageTag="$tag" >/dev/null 2>&1; then
  echo "$image is already pushed"
  exit 0
fi
docker build --tag "$image" --label "org.opencontainers.image.revision=$GITHUB_SHA" "${CONTEXT:-.}"
aws ecr get-login-password | docker login --username AWS --password-stdin "${REPOSITORY%%/*}"
docker push "$image"
docker logout "${REPOSITORY%%/*}"
