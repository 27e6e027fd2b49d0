#!/usr/bin/env bash
# Installs what tests use beside the .NET SDK, where it can: Debian's packages as root or with sudo, npm's packages beside the tests that use them.
# Quiet and quick when all is there, and never an error: a test that lacks its tool says so itself.
set -uo pipefail
cd "$(dirname "$0")/.."

packages=()
need() { eval "$2" > /dev/null 2>&1 || packages+=("$1"); }   # need PACKAGE TEST
need python3-msgpack '[ -d /usr/lib/python3/dist-packages/msgpack ]'
need kcat 'command -v kcat'
need python3-kafka '[ -d /usr/lib/python3/dist-packages/kafka ]'
need python3-confluent-kafka '[ -d /usr/lib/python3/dist-packages/confluent_kafka ]'
need python3-snappy '[ -e /usr/lib/python3/dist-packages/snappy.py ] || [ -d /usr/lib/python3/dist-packages/snappy ]'
need python3-lz4 '[ -d /usr/lib/python3/dist-packages/lz4 ]'
need python3-zstandard '[ -d /usr/lib/python3/dist-packages/zstandard ]'
need rsyslog '[ -x /usr/sbin/rsyslogd ]'
need rsyslog-kafka 'ls /usr/lib/*/rsyslog/omkafka.so'
if [ "${#packages[@]}" -gt 0 ]; then
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
    install() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" > /dev/null 2>&1; }
    if ! command -v apt-get > /dev/null || ! { install || { "${as_root[@]}" apt-get update -qq > /dev/null 2>&1 && install; }; }; then
        echo "Not installed, and the tests that need them fail or wait: ${packages[*]}. Install them by hand (apt-get install ...)."
    fi
fi

for folder in tests/Interop tests/Pipelines.Conformance/Clients/kafkajs tests/Pipelines.Conformance/Clients/platformatic; do
    if [ -f "$folder/package.json" ] && [ ! -d "$folder/node_modules" ]; then
        if ! command -v npm > /dev/null || ! (cd "$folder" && npm ci --no-audit --no-fund --silent > /dev/null 2>&1); then
            echo "The npm packages of $folder are not installed, and the tests that need them fail or wait: run 'npm ci' there."
        fi
    fi
done
exit 0
