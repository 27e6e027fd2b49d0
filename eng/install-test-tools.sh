#!/usr/bin/env bash
# Installs what tests use beside the .NET SDK, where it can: Debian's python3-msgpack, npm's @msgpack/msgpack. Quiet, and never an error:
# a test that lacks its tool says so itself.
set -uo pipefail
cd "$(dirname "$0")/.."

if command -v python3 > /dev/null && ! /usr/bin/python3 -c 'import msgpack' 2> /dev/null && command -v apt-get > /dev/null && [ "$(id -u)" -eq 0 ]; then
    apt-get install -y -qq python3-msgpack > /dev/null 2>&1 || { apt-get update -qq > /dev/null 2>&1 && apt-get install -y -qq python3-msgpack > /dev/null 2>&1; } \
        || echo "python3-msgpack could not be installed; the interop tests that need it will fail: install it by hand."
fi

if command -v npm > /dev/null && [ ! -d tests/Interop/node_modules ] && [ -f tests/Interop/package.json ]; then
    (cd tests/Interop && npm ci --no-audit --no-fund --silent > /dev/null 2>&1) \
        || echo "@msgpack/msgpack could not be installed; the interop tests that need it will fail: run 'npm ci' in tests/Interop."
fi
exit 0
