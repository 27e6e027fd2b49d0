"""librdkafka by way of confluent_kafka, asked one check at a time.

checks.py BOOTSTRAP CHECK [ID] prints what was seen as one line of JSON; checks.py BOOTSTRAP reads lines "CHECK ID" and answers each with one.
"""
import json
import sys
import traceback
import uuid

import admin  # noqa: F401, each adds its checks
import groups  # noqa: F401
import producing  # noqa: F401
import transactions  # noqa: F401
from at import CHECKS, At


def answer(bootstrap, name, ident):
    result = {"check": name}
    try:
        result["facts"] = CHECKS[name](At(bootstrap, ident))
    except BaseException:  # pylint: disable=broad-except
        result["error"] = traceback.format_exc()
    print(json.dumps(result, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        answer(sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else f"by-hand-{uuid.uuid4().hex[:8]}")
    else:
        for line in sys.stdin:
            answer(sys.argv[1], *line.split())
