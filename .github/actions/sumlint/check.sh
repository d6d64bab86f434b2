#!/usr/bin/env bash
# Runs sumlint for the action: annotations to the log, a summary for the step, and
# a report of each kind in a folder. Always ends with 0 once sumlint has run: its
# exit code is an output, so that reports can be uploaded before the job fails.
#
# Reads SUMLINT_PATHS and SUMLINT_POLICY (one a line), SUMLINT_FAIL_ON,
# SUMLINT_REPORTS and SUMLINT_BINARY, and what GitHub sets for each step.
set -euo pipefail

lines() { # lines TEXT: its lines, without white space around them and without empty ones
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    line="${line#"${line%%[![:space:]]*}"}"
    line="${line%"${line##*[![:space:]]}"}"
    [ -z "$line" ] || printf '%s\n' "$line"
  done <<<"$1"
}

binary="${SUMLINT_BINARY:-}"
if [ -z "$binary" ]; then
  binary="$RUNNER_TEMP/sumlint-bin/sumlint"
  [ "${RUNNER_OS:-}" != Windows ] || binary="$binary.exe"
  (cd "$GITHUB_ACTION_PATH/../../.." && CGO_ENABLED=0 go build -trimpath -o "$binary" ./cmd/sumlint)
fi

reports="${SUMLINT_REPORTS:-}"
[ -n "$reports" ] || reports="$RUNNER_TEMP/sumlint-reports"
if [[ "$reports" == *$'\n'* ]]; then
  echo "::error title=sumlint::The input reports is one folder, not several lines."
  exit 2
fi
mkdir -p -- "$reports"
reports="$(cd -- "$reports" && pwd)"
rm -f -- "$reports"/report.{json,html,md,sarif,xml}

args=(check --format github --fail-on "${SUMLINT_FAIL_ON:-error}"
  --report "json=$reports/report.json" --report "html=$reports/report.html" --report "markdown=$reports/report.md"
  --report "sarif=$reports/report.sarif" --report "junit=$reports/report.xml")
while IFS= read -r dir; do args+=(--policy "$dir"); done < <(lines "${SUMLINT_POLICY:-}")
args+=(--)
while IFS= read -r path; do args+=("$path"); done < <(lines "${SUMLINT_PATHS:-.}")

code=0
"$binary" "${args[@]}" || code=$?

{
  echo "exit-code=$code"
  echo "reports=$reports"
  [ ! -s "$reports/report.sarif" ] || echo "sarif=$reports/report.sarif"
  [ ! -s "$reports/report.md" ] || echo "markdown=$reports/report.md"
} >>"$GITHUB_OUTPUT"
