#!/usr/bin/env bash
# gates.sh holds the OpenAPI document to its rules: Redocly, Spectral, and a strict
# TypeScript client. It needs "npm ci" in this folder first.
#
#   openapi/gates.sh [document]      default: openapi.json beside this file
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
document=$(realpath "${1:-$here/openapi.json}")
bin=$here/node_modules/.bin

if ! command -v node >/dev/null 2>&1; then
  [[ -z ${CI:-} ]] || { echo "FAIL: node is not installed" >&2; exit 1; }
  echo "SKIPPED: node is not installed: the OpenAPI gates did not run"
  exit 0
fi
[[ -f $document ]] || { echo "FAIL: there is no $document" >&2; exit 1; }
[[ -x $bin/redocly ]] || { echo "FAIL: run 'npm ci' in $here first" >&2; exit 1; }

# The gates ask nobody: they work without a network.
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true NO_UPDATE_NOTIFIER=1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# gate runs one gate, and keeps what it says until the others are done too: each of
# them takes one processor.
gate() {
  local name=$1
  shift
  echo "-- $name"
  "$@" 2>&1 || { echo "FAIL: $name"; return 1; }
}

typescript() {
  gate "openapi-typescript" "$bin/openapi-typescript" "$document" --output "$work/consumer/schema.d.ts" || return 1
  # The consumer is compiled in a folder of its own: nothing generated stays behind.
  cp "$here/tsconfig.json" "$work/tsconfig.json"
  cp "$here"/consumer/*.ts "$work/consumer/"
  gate "tsc --strict" "$bin/tsc" --noEmit --strict --project "$work/tsconfig.json"
}

mkdir -p "$work/consumer"
{ gate "redocly lint" "$bin/redocly" lint --config "$here/redocly.yaml" "$document" && typescript; } >"$work/said" &
other=$!
failed=0
gate "spectral lint" "$bin/spectral" lint --ruleset "$here/.spectral.yaml" --fail-severity error "$document" || failed=1
wait "$other" || failed=1
cat "$work/said"

exit "$failed"
