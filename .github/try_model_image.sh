#!/usr/bin/env bash
# Run the image $1 as SageMaker does, without a network: a training job of a small script, and an endpoint of a model that
# brings no server. The script must run as the image's user and find all packages.
set -euo pipefail

image="$1"
ml=$(mktemp -d)
trap 'rm -rf "$ml" 2>/dev/null || true' EXIT # files of the container's user stay behind on a machine that is thrown away
chmod 755 "$ml"
mkdir -p "$ml/input/config" "$ml/input/data/code" "$ml/model/code"
echo '{"sagemaker_program": "train.py", "depth": "3"}' > "$ml/input/config/hyperparameters.json"
echo '{"code": {}}' > "$ml/input/config/inputdataconfig.json"
echo '{"current_host": "algo-1", "hosts": ["algo-1"]}' > "$ml/input/config/resourceconfig.json"
cat > "$ml/input/data/code/train.py" <<PYTHON
import os, sys
import ${MODULES:-httptools, numpy, orjson, pandas, pyarrow, scipy, skops, sklearn, uvloop, xgboost}
with open(os.environ["SM_MODEL_DIR"] + "/trained", "w") as file:
    print(os.getuid(), *sys.argv[1:], file=file)
PYTHON

docker run --rm --network none -v "$ml:/opt/ml" "$image" train
trained=$(cat "$ml/model/trained")
test "$trained" = "${EXPECTED_USER:-1000} --depth 3" || { echo "::error::train.py ran with: $trained"; exit 1; }

output=$(docker run --rm --network none -v "$ml:/opt/ml" "$image" serve) && { echo "::error::serve started without a server"; exit 1; }
grep -q "expected the model server" <<< "$output" || { echo "::error::serve printed: $output"; exit 1; }
echo "$image trains as user ${EXPECTED_USER:-1000}, and refuses a model without a server"
