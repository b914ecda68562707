"""The words at the end of a start: where it is, how to try it, where to look."""

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from launcher.paths import shown

_MESSAGE = """
Circles is up at {base} ({seconds:.0f} s). Ctrl-C stops it; its data stay in {state}.

Open {base} in two browsers{sign_in}.

Or try it from a terminal: paste this into another one, in this folder.

  {settings}{tokens}
  GROUP=$(curl -sS {base}/v1/groups -H "Authorization: Bearer $ALICE" \\
    -H 'Content-Type: application/json' -d '{{"name":"Team","memberIds":["bob"]}}' |
    python3 -c 'import json,sys; print(json.load(sys.stdin)["id"])')
  curl -sSN {base}/v1/sse/stream -H "Authorization: Bearer $BOB" &
  curl -sS {base}/v1/groups/$GROUP/messages -H "Authorization: Bearer $ALICE" \\
    -H 'Content-Type: application/json' -d '{{"content":"Hello, Bob"}}'

Bob's stream shows the message. `make help` names what else there is.
Logs: {logs}
"""


_KNOWN = ("CIRCLES_PORT", "CIRCLES_STATE")
_OURS = """\
ALICE=$(make -s token USER=alice NAME=Alice)
  BOB=$(make -s token USER=bob NAME=Bob)"""
# `make token` signs with a secret of this checkout, which services don't take then.
_OF_AN_ISSUER = """\
# Tokens come from the issuer whose keys are at {keys},
  # not from `make token`. Put in two of its: one of anybody's, and one whose `sub` is bob.
  ALICE='…'
  BOB='…'"""


def _settings() -> str:
    """What another terminal must be told, or its tokens would be signed with another secret."""
    given = [f"{name}={shlex.quote(os.environ[name])}" for name in _KNOWN if name in os.environ]
    return f"export {' '.join(given)}\n  " if given else ""


def closing_message(
    port: int,
    logs: Mapping[str, Path],
    seconds: float,
    *,
    signs_in_by_name: bool,
    issuer_keys: str | None,
) -> str:
    """`issuer_keys` is where the issuer of tokens publishes its keys; None where we sign them."""
    folder = next(iter(logs.values())).parent
    names = ", ".join(path.name for path in logs.values())
    return _MESSAGE.format(
        base=f"http://localhost:{port}",
        seconds=seconds,
        sign_in=", as two people: a name is enough to sign in" if signs_in_by_name else "",
        state=shown(folder.parent),
        settings=_settings(),
        tokens=_OF_AN_ISSUER.format(keys=issuer_keys) if issuer_keys else _OURS,
        logs=f"{shown(folder)}/ ({names})",
    )
