#!/usr/bin/env bash
# The long conformance suites, by hand: Kafka's own test programs against a broker.
#   eng/conformance.sh BOOTSTRAP|ours|kafka [SUITE[:CASE,...] ...]
# BOOTSTRAP: a broker that is already there; it is emptied. ours, kafka: one is started here on a free port and an empty folder, and killed with -9
# and started again in the cases that do so (for a given BOOTSTRAP: when BROKER_DOWN and BROKER_UP say how).
# SUITE: checks (tests/Pipelines.Conformance, 2 min), copier (7 min), programs (14 min), integration (15 min); without: the last three. After a colon:
# only these cases, classes or, of the checks, classes of ours.
# At the end: N passed, N failed, N need a newer group protocol. The latter are those that fail of the list in eng/conformance.newer-groups; only others make the exit code 1.
# KAFKA_HOME: Apache Kafka's jars (default ../shared/kafka); its folder suites/ holds the programs. PIPELINES_BROKER: the command that starts ours, a line
# of shell that finds DATA, PORT and SETTINGS (a file of NAME=VALUE lines) in its environment. OUT: a folder that keeps logs and results.
set -uo pipefail
(( $# >= 1 )) || { sed -n '2,12s/^# //p' "$0" >&2; exit 2; }
root="$(cd "$(dirname "$0")/.." && pwd)"
export KAFKA_HOME="${KAFKA_HOME:-$root/../shared/kafka}"
suites="$KAFKA_HOME/suites"
[ -x "$suites/copier.sh" ] || { echo "conformance.sh: no suites in $suites; set KAFKA_HOME" >&2; exit 2; }
target=$1; shift
(( $# )) || set -- copier programs integration
work=$(mktemp -d)
out=${OUT:-$work/out}; mkdir -p "$out"
export SETTINGS="$suites/broker.settings"

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
stop() {
    [ -e "$work/pid" ] && kill -9 "$(cat "$work/pid")" 2> /dev/null
    rm -rf "$work"
}
trap stop EXIT

# start COMMAND: a line of shell that starts the broker and writes its process id to $work/pid; the same line brings it back after a kill.
start() {
    printf '#!/usr/bin/env bash\nexport DATA=%q PORT=%q SETTINGS=%q KAFKA_HOME=%q CONTROLLER_PORT=%q\n%s\n' \
        "$work/data" "$port" "$SETTINGS" "$KAFKA_HOME" "${controller:-}" "$1" > "$work/up.sh"
    export BROKER_UP="bash $work/up.sh" BROKER_DOWN="kill -9 \$(cat $work/pid)"
    eval "$BROKER_UP" || { echo "conformance.sh: the broker did not start; see $out/broker.log" >&2; exit 2; }
    bootstrap=127.0.0.1:$port
}

case "$target" in
    ours)
        command=${PIPELINES_BROKER:-}
        if [ -z "$command" ]; then
            cli="$root/src/Pipelines.Cli/bin/Release/net10.0/Pipelines.Cli.dll"
            [ -e "$cli" ] || { echo "conformance.sh: build src/Pipelines.Cli first (Release), or set PIPELINES_BROKER" >&2; exit 2; }
            command="dotnet $cli broker --data \"\$DATA\" --listen 127.0.0.1:\$PORT --config \"\$SETTINGS\""
        fi
        port=$(free_port)
        start "mkdir -p \"\$DATA\"
setsid nohup bash -c $(printf '%q' "exec $command") >> $out/broker.log 2>&1 < /dev/null &
echo \$! > $work/pid
for ((i = 0; i < 600; i++)); do
    (exec 3<> /dev/tcp/127.0.0.1/\$PORT) 2> /dev/null && exit 0
    kill -0 \$(cat $work/pid) 2> /dev/null || break
    sleep 0.1
done
tail -20 $out/broker.log >&2; exit 1" ;;
    kafka)
        port=$(free_port); controller=$(free_port)
        start "\"\$KAFKA_HOME/start.sh\" \"\$DATA\" \$PORT \$(cat \"\$SETTINGS\") > $work/pid" ;;
    *) bootstrap=$target ;;
esac

newer="$root/eng/conformance.newer-groups"
passed=0 failed=0 waiting=0

# count SUITE STATUS: counts the lines PASS and FAIL of what a suite has printed, or of its report when there is one.
count() {
    local name=$1 status=$2 lines="$work/said.$1" verdict what before=$failed
    [ -e "$out/$name/report.txt" ] && lines="$out/$name/report.txt"
    while read -r verdict what _; do
        what=${what%:}
        if [ "$verdict" = PASS ]; then
            passed=$((passed + 1))
            [ "$target" = ours ] && grep -qxF "$name $what" "$newer" && echo "$name $what passes: it can leave eng/conformance.newer-groups"
        elif grep -qxF "$name $what" "$newer"; then
            waiting=$((waiting + 1))
        else
            failed=$((failed + 1))
            echo "failed: $name $what"
        fi
    done < <(grep -E '^(PASS|FAIL)  ' "$lines")
    # A suite that came to no verdict has failed as a whole.
    if (( status != 0 )) && ! grep -qE '^FAIL  ' "$lines"; then
        failed=$((failed + 1))
        echo "failed: $name (exit code $status)"
    fi
    (( failed > before )) || echo "$name: nothing failed that should not"
}

for suite in "$@"; do
    name=${suite%%:*} cases=()
    [ "$suite" = "$name" ] || IFS=, read -ra cases <<< "${suite#*:}"
    echo "== $name"
    case "$name" in
        checks)
            filter=()
            (( ${#cases[@]} == 0 )) || filter=(--filter "$(printf '|FullyQualifiedName~%s' "${cases[@]}" | cut -c2-)")
            PIPELINES_CONFORMANCE_BOOTSTRAP=$bootstrap dotnet test "$root/tests/Pipelines.Conformance" -c Release "${filter[@]}" --logger "console;verbosity=normal" ;;
        copier) OUT="$out/copier" "$suites/copier.sh" "$bootstrap" "${cases[@]}" ;;
        programs) OUT="$out/programs" "$suites/streams-programs.sh" "$bootstrap" "${cases[@]}" ;;
        integration) OUT="$out/integration" "$suites/streams-integration.sh" "$bootstrap" "${cases[@]}" ;;
        *) echo "conformance.sh: no suite '$name'; there are checks, copier, programs and integration" >&2; false ;;
    esac | tee "$work/said.$name"
    status=${PIPESTATUS[0]}
    # The runner of the checks prints its verdicts in its own words.
    [ "$name" = checks ] && sed -i -nE 's/^ +Passed ([^ ]+).*/PASS  \1/p; s/^ +Failed ([^ ]+).*/FAIL  \1/p' "$work/said.checks"
    count "$name" "$status"
done
echo "$passed passed, $failed failed, $waiting need a newer group protocol"
(( failed == 0 ))
