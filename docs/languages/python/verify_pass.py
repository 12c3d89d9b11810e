"""Who holds this pass? Needs the keys of the service, and nothing else: no request, no library."""
import base64
import hashlib
import hmac
import json
import os
import re
import sys
import time

SHAPE = re.compile(
    r"([A-Za-z0-9_-]{1,32})\.(current|new)\.(preview|staff|invited|join|rules|share)"
    r"\.([A-Za-z0-9_-]{22})\.([0-9]{1,12})\.([A-Za-z0-9_-]{43})"
)


def verify_pass(cookie, service, keys, now=None):
    """The pass in the cookie "pg_<service>", or None for one that is forged, expired, cut short, or of another service."""
    fields = SHAPE.fullmatch(cookie)
    if fields is None:
        return None
    kid, arm, rung, unit, exp, mac = fields.groups()
    if kid not in keys or int(exp) <= (time.time() if now is None else now):
        return None
    signed = f"{service}.{kid}.{arm}.{rung}.{unit}.{exp}"
    digest = hmac.new(keys[kid].encode(), signed.encode(), hashlib.sha256).digest()
    expected = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return {"arm": arm, "rung": rung, "unit": unit} if hmac.compare_digest(expected, mac) else None


# PHASEGATE_PASS_KEYS holds the answer of /api/v1/gateway/pass-keys.
if __name__ == "__main__":
    held = {key["kid"]: key["secret"] for key in json.loads(os.environ["PHASEGATE_PASS_KEYS"])["keys"]}
    for each in sys.argv[2:]:
        found = verify_pass(each, sys.argv[1], held)
        print(f"{found['arm']} {found['rung']} {found['unit']}" if found else "no pass")
