"""Asks Phasegate who gets in. Nothing but the standard library.

PHASEGATE_URL=https://beta.example.org python3 flag.py parking-permit UNIT
"""
import json
import os
import sys
import urllib.parse
import urllib.request


def flag(key, targeting_key, default, attributes=None):
    """The answer for a flag, or the default where none came in time: asking never raises, nor holds a page up for long."""
    try:
        headers = {"Content-Type": "application/json"}
        if os.environ.get("PHASEGATE_KEY"):
            headers["Authorization"] = "Bearer " + os.environ["PHASEGATE_KEY"]
        url = f"{os.environ['PHASEGATE_URL']}/ofrep/v1/evaluate/flags/{urllib.parse.quote(key, safe='')}"
        body = json.dumps({"context": {**(attributes or {}), "targetingKey": targeting_key}}).encode()
        question = urllib.request.Request(url, body, headers)
        with urllib.request.urlopen(question, timeout=float(os.environ.get("PHASEGATE_TIMEOUT", "1"))) as answer:
            said = json.load(answer)
        # An answer without a value means: the default of the code.
        return said if said.get("value") is not None else {"value": default, "reason": "ERROR"}
    except Exception:  # An answer that is cut off, or is no object, is none of OSError and ValueError.
        return {"value": default, "reason": "ERROR"}


if __name__ == "__main__":
    said = flag(sys.argv[1], sys.argv[2], False)
    print(*(str(said[name]).lower() if name == "value" else said[name] for name in ("value", "variant", "reason") if name in said))
