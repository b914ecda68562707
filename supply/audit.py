"""`make audit`: is a weakness known of any package of the lock?

Exit codes: 0 none is known, 1 some are, 2 nobody could be asked.
"""

import os
import subprocess
import sys
from collections.abc import Sequence

from supply.materials import ROOT

# What pip-audit's words hold when its database did not answer.
_UNREACHABLE = (
    "ConnectionError",
    "Connection refused",
    "Max retries exceeded",
    "Name or service not known",
    "Temporary failure in name resolution",
    "timed out",
    "Could not connect",
    "HTTPError",
    "ServiceError",
    "Client Error",
    "Server Error",
    "ProxyError",
    "SSLError",
)
_FOUND, _NOBODY = 1, 2


def audit(program: str) -> int:
    """Run pip-audit over the lock, and say in our words what it could not do."""
    service = os.environ.get("AUDIT_SERVICE", "pypi")
    command = [program, "--requirement", str(ROOT / "requirements.lock"), *_options(service)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    said = done.stdout + done.stderr
    sys.stdout.write(said)
    if done.returncode == 0:
        return 0
    if is_unreachable(said):
        other = "osv" if service == "pypi" else "pypi"
        print(  # noqa: T201
            f"✗ The database of known weaknesses ({service}) could not be asked: nothing was "
            "audited, and nothing is said against any package. A mirror that serves packages does "
            "not answer for it. Run this where the internet is, or ask the other one: "
            f"make audit AUDIT_SERVICE={other}",
            file=sys.stderr,
        )
        return _NOBODY
    return _FOUND


def _options(service: str) -> Sequence[str]:
    # The lock has every version already: pip would only find them again, and build what it can't.
    return (
        *("--disable-pip", "--require-hashes", "--vulnerability-service", service),
        *("--progress-spinner", "off"),
    )


def is_unreachable(said: str) -> bool:
    """Whether pip-audit failed because nobody answered."""
    return any(words in said for words in _UNREACHABLE)


if __name__ == "__main__":
    sys.exit(audit(sys.argv[1]))
