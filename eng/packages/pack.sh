#!/bin/bash
# Builds librdkafka.redist 2.15.1.1, the package that stands in for the real one where a feed does not have it.
# NuGet takes the lowest version that satisfies Confluent.Kafka, 2.15.1, so the real package wins wherever it is to be had.
# Needs gcc, python3 and the system's librdkafka (Debian: apt install librdkafka1).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
gcc -O2 -s -shared -fPIC -Wall -Werror -Wl,--build-id=none -o "$work/librdkafka.so" "$here/librdkafka_shim.c" -Wl,--no-as-needed -l:librdkafka.so.1
python3 - "$work/librdkafka.so" "$here/librdkafka.redist.2.15.1.1.nupkg" <<'PYTHON'
import sys, zipfile

NUSPEC = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
  <metadata>
    <id>librdkafka.redist</id>
    <version>2.15.1.1</version>
    <authors>The Pipelines authors</authors>
    <description>Stands in for librdkafka.redist: a shim over the system's librdkafka.so.1 (Debian: librdkafka1), for linux-x64 only.</description>
    <license type="expression">Apache-2.0</license>
  </metadata>
</package>
"""
TYPES = """<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
  <Default Extension="nuspec" ContentType="application/octet" />
  <Default Extension="so" ContentType="application/octet" />
</Types>
"""
library, package = sys.argv[1:]
# The same bytes each time: no dates.
with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as out:
    for name, text in (
        ("[Content_Types].xml", TYPES),
        ("librdkafka.redist.nuspec", NUSPEC),
        ("runtimes/linux-x64/native/librdkafka.so", open(library, "rb").read()),
    ):
        entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
        entry.compress_type = zipfile.ZIP_DEFLATED
        out.writestr(entry, text)
PYTHON
