#!/usr/bin/env bash
# Gradescope runs this once, when it builds the image. The Python of Ubuntu 22.04 (3.10) is too old: uv brings one where the
# system has none that is new enough.
set -euo pipefail
: "${GRADCLI_SOURCE:=git+https://github.com/OWNER/gradcli}" # or a version from an index: gradcli==…
: "${AUTOGRADER:=/autograder}"

apt-get update
apt-get install -y --no-install-recommends git python3-venv
python3 -m venv "$AUTOGRADER/uv"
"$AUTOGRADER/uv/bin/python" -m pip install uv
"$AUTOGRADER/uv/bin/uv" venv --python '>=3.11' "$AUTOGRADER/gradcli"
"$AUTOGRADER/uv/bin/uv" pip install --python "$AUTOGRADER/gradcli" --compile-bytecode "$GRADCLI_SOURCE"
