#!/usr/bin/env bash
# Wait for ECR's scan of the image $TAG in $REPOSITORY, and fail on a critical finding. The tag can't be replaced: the next
# version gets the fixes.
set -euo pipefail

of_image=(--repository-name "${REPOSITORY#*/}" --image-id "imageTag=$TAG")
aws ecr wait image-scan-complete "${of_image[@]}"
read -r critical high < <(aws ecr describe-image-scan-findings "${of_image[@]}" --output text \
  --query 'imageScanFindings.findingSeverityCounts.[CRITICAL, HIGH]')
echo "$REPOSITORY:$TAG: critical findings: ${critical/None/0}, high: ${high/None/0}"
if [ "${critical/None/0}" != 0 ]; then
  echo "::error::ECR finds ${critical} critical vulnerabilities in $TAG. Do not name it in a profile: update the base or the lock, and push the next version."
  exit 1
fi
