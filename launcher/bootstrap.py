"""Makes `.venv` with the locked packages, then becomes a program from it.

    python3 -m launcher.bootstrap python -m launcher run

Needs nothing but the standard library, and Python 3.7 or later to say which Python it wants.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "circles.stamp"
OLDEST = (3, 11)
NEWER_NAMES = ("python3.14", "python3.13", "python3.12", "python3.11")


def main() -> None:
    if sys.version_info < OLDEST:
        _use_newer_python()
    folder = ROOT / ".circles"
    try:
        folder.mkdir(exist_ok=True)
        # Two commands at once in a fresh checkout must not both fill the same folder.
        with (folder / "bootstrap.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            prepare()
    except PermissionError as error:
        _give_up(f"{error.filename} belongs to another user. Run as that user, or remove it.")
    program = VENV / "bin" / sys.argv[1]
    os.environ.pop("PYTHONHOME", None)
    # Packages are compiled as they are imported; without a cache that would be at every start.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.chdir(ROOT)
    os.execv(program, [str(program), *sys.argv[2:]])  # noqa: S606


def prepare() -> None:
    """Bring `.venv` up to date with the lock file; nothing to do is the usual case."""
    # What this file links belongs to it as much as the packages do.
    contents = hashlib.sha256(LOCK.read_bytes() + Path(__file__).read_bytes()).hexdigest()
    wanted = f"{contents} {sys.version_info[:2]} {ROOT}\n"
    if STAMP.exists() and STAMP.read_text() == wanted and _works():
        return
    if not _works():
        _make_venv()
    _say("Installing the packages of requirements.lock into .venv (once, about 150 MB)")
    _run(
        [
            *(str(VENV / "bin/python"), "-m", "pip", "--disable-pip-version-check", "install"),
            *("--quiet", "--require-hashes", "--only-binary", ":all:", "-r", str(LOCK)),
            # Compiling everything takes longer than the download, and most is never imported.
            "--no-compile",
        ],
        "The packages could not be installed",
        "See that the package index can be reached, and start again.",
    )
    _link_project()
    STAMP.write_text(wanted)


def _works() -> bool:
    """Whether `.venv` holds an interpreter of this version that still starts."""
    version = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]!r})"
    try:
        code = subprocess.call([str(VENV / "bin/python"), "-c", version], stderr=subprocess.DEVNULL)
    except OSError:
        return False
    return code == 0


def _make_venv() -> None:
    if VENV.exists():
        _say("Making .venv anew: its interpreter is gone or of another version")
        shutil.rmtree(VENV)
    if subprocess.call([sys.executable, "-c", "import ensurepip, venv"], stderr=-3) != 0:
        _install_venv_module()
    _run([sys.executable, "-m", "venv", str(VENV)], ".venv could not be made", "See the reason.")


def _install_venv_module() -> None:
    """Debian packages `venv` apart from Python."""
    package = f"python3.{sys.version_info[1]}-venv"
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    may = shutil.which("apt-get") and (not root or shutil.which("sudo"))
    if not may or (root and subprocess.call([*root, "true"], stderr=-3) != 0):
        _give_up(f"Python's venv module is missing. As root: apt-get install {package}")
    _say(f"Installing {package} with apt-get (once, for the whole machine)")
    apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"]
    wait = ["-o", "DPkg::Lock::Timeout=120"]
    advice = f"Install {package} by hand and start again."
    _run([*apt, *wait, "update"], "apt-get update failed", advice)
    _run(
        [*apt, *wait, "install", "--no-install-recommends", package],
        f"{package} could not be installed",
        advice,
    )


def _link_project() -> None:
    """Make the checkout importable, and `circles` a command, without building a package."""
    site = next((VENV / "lib").glob("python3*/site-packages"))
    (site / "circles.pth").write_text(f"{ROOT}\n{ROOT / 'clients' / 'python'}\n")
    command = VENV / "bin" / "circles"
    command.write_text('#!/bin/sh\nexec "$(dirname "$0")/python" -m command_line "$@"\n')
    command.chmod(0o755)


def _use_newer_python() -> None:
    for name in NEWER_NAMES:
        found = shutil.which(name)
        if found:
            os.chdir(str(ROOT))
            os.execv(found, [found, "-m", "launcher.bootstrap", *sys.argv[1:]])  # noqa: S606
    have = ".".join(str(part) for part in sys.version_info[:3])
    _give_up(f"Python 3.11 or later is needed, and this is {have}. Install python3.11 or later.")


def _run(command: "list[str]", failure: str, advice: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        lines = [line for line in done.stdout.decode(errors="replace").splitlines() if line.strip()]
        errors = [line for line in lines if "ERROR" in line or line.startswith("E:")]
        reason = (errors or lines or ["no output"])[-1].strip()
        _give_up(f"{failure}: {reason} {advice}")


def _say(text: str) -> None:
    print(f"  · {text}", file=sys.stderr, flush=True)


def _give_up(text: str) -> None:
    print(f"✗ {text}", file=sys.stderr, flush=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
