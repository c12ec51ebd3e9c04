#!/usr/bin/env bash
# serverFilesCourse/gradcli/run.sh: PrairieLearn runs it for each submission. tests/key.grad of the question is the key.
set -uo pipefail
: "${GRADE:=/grade}"
results=$GRADE/results/results.json

mkdir -p "$GRADE/results"
timeout 25 gradcli grade "$GRADE/tests/key.grad" "$GRADE/student" --reveal hint --report prairielearn="$results"
[ -s "$results" ] || cat >"$results" <<'JSON'
{"gradable": false, "format_errors": ["This could not be graded. Tell your teacher."]}
JSON
