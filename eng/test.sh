#!/usr/bin/env bash
# Builds everything, runs every test project, the simulation on new seeds and a small soak; ends with the line "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.."

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1

log="$(mktemp)"
trap 'rm -f "$log"' EXIT

bash eng/install-test-tools.sh

# Apache Kafka, to hold the conformance checks against, when it lies beside the repository.
if [ -z "${KAFKA_HOME:-}" ] && [ -x ../shared/kafka/start.sh ]; then KAFKA_HOME="$(cd ../shared/kafka && pwd)"; export KAFKA_HOME; fi

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

failures=$(grep -E -A 12 '^ +Failed [A-Za-z]' "$log" | cut -c 1-400)

# expect NAME WANTED COMMAND...: one more test, which passes when the command's exit code is as wanted (zero, or nonzero).
expect() {
    local name="$1" wanted="$2"
    shift 2
    echo "== $name"
    timeout 600 "$@"
    local code=$?
    if { [ "$wanted" = zero ] && [ $code -eq 0 ]; } || { [ "$wanted" = nonzero ] && [ $code -eq 1 ]; }; then
        passed=$((passed + 1))
        echo "  Passed $name"
    else
        failed=$((failed + 1))
        echo "  Failed $name (exit code $code)"
        failures+=$'\n'"  Failed $name (exit code $code)"
    fi
}

simulation=(dotnet tests/Pipelines.Simulation/bin/Release/net10.0/Pipelines.Simulation.dll)
soak=(dotnet tests/Pipelines.Soak/bin/Release/net10.0/Pipelines.Soak.dll crash)
# New seeds every time, and those that ever failed.
expect "Simulation: new seeds" zero "${simulation[@]}" --seeds 800 --start "$((RANDOM * 32768 + RANDOM))"
while read -r seed; do
    expect "Simulation: seed $seed, which failed once" zero "${simulation[@]}" --seeds 1 --start "$seed"
done < <(grep -Eo '^[0-9]+' tests/Pipelines.Simulation/failed-seeds.txt)
expect "Soak: killed 5 times" zero "${soak[@]}" --records 150000 --kills 5 --seed "$RANDOM"
expect "Fuzz: 400,000 changed frames" zero "${soak[@]/crash/fuzz}" --frames 400000 --seed "$RANDOM"
expect "Scale: one process, two, and one again" zero "${soak[@]/crash/scale}" --records 60000
expect "Scale: the second is killed" zero "${soak[@]/crash/scale}" --records 60000 --kill
if [ -n "${KAFKA_HOME:-}" ]; then expect "Scale on Apache Kafka: the second is killed" zero "${soak[@]/crash/scale}" --records 60000 --kill --broker kafka; fi
expect "Exactly once: workers and broker killed, requests cut" zero "${soak[@]/crash/eos}" --faults kill,term,broker-kill,cut-request --minutes 0.2 --seed "$RANDOM"
expect "Broker soak: all faults" zero "${soak[@]/crash/broker}" --faults all --minutes 0.3 --seed "$RANDOM"
expect "Broker soak: idempotent producers, broker killed" zero "${soak[@]/crash/broker}" --faults F2 --case idempotent --minutes 0.05 --seed "$RANDOM"
if [ -n "${KAFKA_HOME:-}" ]; then expect "Stock Java clients: broker killed" zero "${soak[@]/crash/stock}" --minutes 0.1 --seed "$RANDOM"; fi
# The checkers are tested too: with a protection switched off they must find something.
for off in Offsets Undo Visibility Flush; do
    expect "Simulation notices: $off off" nonzero "${simulation[@]}" --seeds 40 --start 1 --break "$off" 2>/dev/null
done
for off in Offsets Undo Visibility; do
    expect "Soak notices: $off off" nonzero "${soak[@]}" --records 60000 --kills 8 --seed 3 --break "$off" 2>/dev/null
done
for off in Sequences:F22 Fencing:F5 Flush:F12 LeftConnections:F23 Generations:F7 Stability:F7 AbortedKeys:F20 Checksums:F11; do
    expect "Broker soak notices: ${off%:*} off" nonzero "${soak[@]/crash/broker}" --faults "${off#*:}" --minutes 0.1 --seed 3 --break "${off%:*}" 2>/dev/null
done
for off in Outcomes Rewinds Undo; do
    expect "Exactly-once soak notices: $off off" nonzero "${soak[@]/crash/eos}" --minutes 0 --seed 3 --break "$off" 2>/dev/null
done

# Conformance checks that wait for something that is not installed, by name.
cat tests/Pipelines.Conformance/bin/Release/net10.0/waiting.txt 2> /dev/null
# What failed and why, once more at the end, where it is seen.
if [ -n "$failures" ]; then echo "$failures"; fi
if [ "$skipped" -gt 0 ]; then echo "$skipped more wait for something that is not installed here (see above)."; fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] || exit 1
