"""`make audit`: is a weakness known of any package of the lock?

Exit codes: 0 none is known of any, 1 some are, 2 not every package could be asked about.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from supply.materials import ROOT

NONE_KNOWN, KNOWN, NOT_ASKED = 0, 1, 2
OTHER = {"pypi": "osv", "osv": "pypi"}


def audit(program: str) -> int:
    """Have pip-audit look at the lock, and print what it found. Its own exit code is 0 also when
    its database knew no package at all."""
    service = os.environ.get("AUDIT_SERVICE", "pypi")
    done = subprocess.run(  # noqa: S603
        [program, *_options(service)], capture_output=True, text=True, check=False
    )
    try:
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        why = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        return _not_asked(service, f"pip-audit gave up: {why[0][:300]}")
    weak = [(each, found) for each in packages for found in each.get("vulns", [])]
    for each, found in weak:
        mended = ", ".join(found["fix_versions"]) or "no version yet"
        _say(f"✗ {each['name']} {each['version']}: {found['id']}; mended in {mended}")
    if skipped := [each["name"] for each in packages if "skip_reason" in each]:
        some = ", ".join(skipped[:5]) + (", …" if len(skipped) > 5 else "")
        unasked = _not_asked(service, f"{len(skipped)} of {len(packages)} packages ({some})")
        return KNOWN if weak else unasked
    if weak:
        return KNOWN
    _say(f"✓ No weakness is known of any of {len(packages)} packages ({service})")
    return NONE_KNOWN


def _options(service: str) -> Sequence[str]:
    # The lock has every version already: pip would only find them again, and build what it can't.
    return (
        *("--requirement", str(ROOT / "requirements.lock"), "--disable-pip", "--require-hashes"),
        *("--vulnerability-service", service, "--format", "json", "--progress-spinner", "off"),
    )


def _not_asked(service: str, what: str) -> int:
    _say(
        f"✗ The database of known weaknesses ({service}) did not answer: {what}. Of these nothing "
        "is known, neither good nor bad. A mirror that serves packages does not serve it: run this "
        f"where the internet is, or ask the other one: make audit AUDIT_SERVICE={OTHER[service]}"
    )
    return NOT_ASKED


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(audit(sys.argv[1]))
