"""The words at the end of a start: where it is, how to try it, where to look."""

from collections.abc import Mapping
from pathlib import Path

from launcher.paths import shown

_MESSAGE = """
Circles is up at {base} ({seconds:.0f} s). Ctrl-C stops it; its data stay in {state}.

Open {base} in two browsers{sign_in}.

Or try it from a terminal: paste this into another one, in this folder.

  ALICE=$(make -s token USER=alice NAME=Alice)
  BOB=$(make -s token USER=bob NAME=Bob)
  GROUP=$(curl -sS {base}/v1/groups -H "Authorization: Bearer $ALICE" \\
    -H 'Content-Type: application/json' -d '{{"name":"Team","memberIds":["bob"]}}' |
    python3 -c 'import json,sys; print(json.load(sys.stdin)["id"])')
  curl -sSN {base}/v1/sse/stream -H "Authorization: Bearer $BOB" &
  curl -sS {base}/v1/groups/$GROUP/messages -H "Authorization: Bearer $ALICE" \\
    -H 'Content-Type: application/json' -d '{{"content":"Hello, Bob"}}'

Bob's stream shows the message. `make help` names what else there is.
Logs: {logs}
"""


def closing_message(
    port: int, logs: Mapping[str, Path], seconds: float, *, signs_in_by_name: bool
) -> str:
    folder = next(iter(logs.values())).parent
    names = ", ".join(path.name for path in logs.values())
    return _MESSAGE.format(
        base=f"http://localhost:{port}",
        seconds=seconds,
        sign_in=", as two people: a name is enough to sign in" if signs_in_by_name else "",
        state=shown(folder.parent),
        logs=f"{shown(folder)}/ ({names})",
    )
