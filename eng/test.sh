#!/usr/bin/env bash
# Builds everything and runs every test project; ends with the line "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.."

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1

log="$(mktemp)"
trap 'rm -f "$log"' EXIT

if ! dotnet build Pipelines.sln -c Release -nodeReuse:false; then
    echo "The build failed; no test was run."
    echo "0 passed, 1 failed"
    exit 1
fi

dotnet test Pipelines.sln -c Release --no-build --logger "console;verbosity=normal" -m:1 2>&1 | tee "$log"
status=${PIPESTATUS[0]}

# The runner prints, per project, lines "Passed: N", "Failed: N", "Skipped: N" under "Total tests".
passed=$(grep -E '^ +Passed: +[0-9]+' "$log" | awk '{s+=$2} END {print s+0}')
failed=$(grep -E '^ +Failed: +[0-9]+' "$log" | awk '{s+=$2} END {print s+0}')
skipped=$(grep -E '^ +Skipped: +[0-9]+' "$log" | awk '{s+=$2} END {print s+0}')

if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
if [ "$passed" -eq 0 ] && [ "$failed" -eq 0 ]; then echo "No test was run."; failed=1; fi

if [ "$skipped" -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ] || exit 1
