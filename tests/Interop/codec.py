"""Decodes MessagePack to JSON, or encodes the values of a test, with python3-msgpack: `codec.py decode HEX` or `codec.py encode NAME`."""
import datetime
import json
import sys

import msgpack


def plain(value):
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, msgpack.Timestamp):
        return value.to_datetime().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return str(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


VALUES = {
    "grown": [7, -8, 9, "note", 2],
    "grownLong": [9007199254740993, 2147483647, -1, "naïve 🙂", 1.5, {"later": ["member"]}],
    "everything": ["id", True, 1, -1, -300, 300, -70000, 70000, -5000000000, 18446744073709551615, 1.5, 2.25, "12.5", 65,
                   "0f8fad5b-d9cb-469f-a165-70867728950e", datetime.datetime(2025, 12, 10, 9, 11, 0, 123000, datetime.timezone.utc), 739594, 600000000, 200,
                   "text", b"\x01\x02", [1, 2, 3], ["a", "b"], [[1, 2]], [5], [3, 4], None, None, None, None, None],
}

if sys.argv[1] == "decode":
    print(json.dumps(plain(msgpack.unpackb(bytes.fromhex(sys.argv[2]), timestamp=0)), ensure_ascii=False, separators=(",", ":")))
else:
    print(msgpack.packb(VALUES[sys.argv[2]], datetime=True).hex())
