"""Installing the Debian packages that a run needs, where the machine has apt and lets us."""

import asyncio
import os
import shutil
from collections.abc import Sequence

from launcher.errors import LaunchError
from launcher.progress import Progress

# The packages start system services of their own at once and at every boot. Nobody asked for those:
# policy-rc.d forbids the first, `systemctl disable` the second.
_SCRIPT = """
set -e
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  printf '#!/bin/sh\\nexit 101\\n' >$policy
  chmod 755 $policy
  trap 'rm -f $policy' EXIT
fi
apt-get update -q -o DPkg::Lock::Timeout=120
apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=120 "$@"
if [ -d /run/systemd/system ]; then
  systemctl disable $SERVICES >/dev/null 2>&1 || true
fi
"""

SERVICES = ("postgresql", "rabbitmq-server", "epmd.service", "epmd.socket", "prometheus")


def how() -> Sequence[str] | None:
    """The prefix that makes a command root's, or None when there is no way to install."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return ()
    if shutil.which("sudo") is not None:
        return ("sudo", "-n")
    return None


async def may_install() -> bool:
    """Whether apt is here and we are root, or sudo asks no password."""
    prefix = how()
    if prefix is None:
        return False
    if not prefix:
        return True
    probe = await asyncio.create_subprocess_exec(
        *prefix,
        "true",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await probe.wait() == 0


async def install(
    packages: Sequence[str], progress: Progress, services: Sequence[str] = SERVICES
) -> None:
    """Install `packages`, saying so; none of the system's `services` starts by them. Raises
    LaunchError with apt's reason."""
    names = " ".join(packages)
    progress.note(f"Installing {names} with apt-get (once, for the whole machine)")
    with progress.step(f"Installed {names}"):
        process = await asyncio.create_subprocess_exec(
            *(how() or ()),
            *("env", f"SERVICES={' '.join(services)}", "sh", "-c", _SCRIPT, "sh", *packages),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
    if process.returncode != 0:
        lines = [line for line in output.decode(errors="replace").splitlines() if line.strip()]
        causes = [line for line in lines if line.startswith("E:")] or lines or ["no output"]
        raise LaunchError(
            f"apt-get could not install {names}: {causes[-1]}. Install it by hand and start again."
        )
