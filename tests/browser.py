"""The browser of the journeys: found on the machine, or installed through apt when we are root.

`make test` runs this file before the tests; the journeys ask `find_browser`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-noto-cjk")
FONT = Path("/usr/share/fonts/opentype/noto")
REQUIRED = "HAIHE_REQUIRE_BROWSER"
OPTIONS_AS_ROOT = ("--no-sandbox", "--disable-dev-shm-usage")


def find_browser() -> Path | None:
    """Give the browser's program: HAIHE_BROWSER, else Chromium or Chrome from PATH, else None."""
    named = os.environ.get("HAIHE_BROWSER")
    found = next((path for name in (named, *NAMES) if name and (path := shutil.which(name))), None)
    return Path(found) if found else None


def browser_options() -> tuple[str, ...]:
    """Give the options that Chromium needs here: root has no sandbox."""
    return OPTIONS_AS_ROOT if os.geteuid() == 0 else ()


def is_required() -> bool:
    """Tell whether a missing browser is a failure instead of a skipped journey."""
    return os.environ.get(REQUIRED) == "1"


def main() -> None:
    """Install browser and Chinese fonts when they are missing and we may; say loudly what will be skipped otherwise."""
    if find_browser() and FONT.exists():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        install()
    if not find_browser():
        say_loudly(
            "no Chromium here: the browser journeys are SKIPPED (install chromium, or run make test as root on Debian)"
        )
        sys.exit(1 if is_required() else 0)
    if not FONT.exists():
        say_loudly("no Noto CJK fonts here: pictures of Chinese pages may show empty boxes")


def install() -> None:
    """Install through apt; its own words stand above when it fails."""
    sys.stderr.write("haihe: installing " + " and ".join(PACKAGES) + "\n")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    fetch = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES]
    done = subprocess.run(fetch, env=environment, stdout=subprocess.DEVNULL, check=False)
    if done.returncode:  # the lists of packages may be missing or old
        subprocess.run(["apt-get", "update", "-qq"], env=environment, stdout=subprocess.DEVNULL, check=False)
        subprocess.run(fetch, env=environment, stdout=subprocess.DEVNULL, check=False)


def say_loudly(text: str) -> None:
    """Make sure that nobody overlooks it."""
    frame = "!" * 100
    sys.stderr.write(f"{frame}\n!!  {text}\n{frame}\n")


if __name__ == "__main__":
    main()
