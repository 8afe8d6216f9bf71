"""The browsers, servers and tools that the tests use, from Debian's packages."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.problems import Problem
from scripts.tree import call

PROGRAMS = {
    "chromium": "chromium",
    "firefox-esr": "firefox-esr",
    "WebKitWebDriver": "webkit2gtk-driver",
    "Xvfb": "xvfb",
    "xauth": "xauth",
    "dbus-run-session": "dbus",
    "prlimit": "util-linux",
    "redis-server": "redis-server",
    "postgres": "postgresql",
}
# Browsers without these show boxes for emoji and for scripts such as Arabic.
FONTS = {
    "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf": "fonts-noto-core",
    "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf": "fonts-noto-color-emoji",
}
# Moves the clock of a server under test.
LIBRARIES = {"faketime/libfaketime.so.1": "libfaketime"}
PLACES = ("/usr/bin", "/usr/local/bin", "/usr/sbin")
NO_START = Path("/usr/sbin/policy-rc.d")


def ensure() -> None:
    """Installs the missing packages when this is root on Debian; otherwise names the command that does."""
    packages = missing()
    if not packages:
        return
    install = f"apt-get install --no-install-recommends {' '.join(packages)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Problem(f"The tests need programs that are missing here. Install them: sudo {install}")
    print(f"Installing {', '.join(packages)} ...", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with services_stay_off():
        call("apt-get update", ["apt-get", "update", "-qq"], quiet)
        call("apt-get install", ["apt-get", "-qq", "-y", *install.split()[1:]], quiet)
    if still := missing():
        raise Problem(f"After installing, these are still missing: {', '.join(still)}")


def missing() -> list[str]:
    """The packages whose program, library or font is not on this machine."""
    absent = [package for program, package in PROGRAMS.items() if not program_path(program)]
    absent += [package for name, package in LIBRARIES.items() if not any(Path("/usr/lib").glob(f"*/{name}"))]
    return absent + [package for font, package in FONTS.items() if not Path(font).exists()]


def program_path(program: str) -> str | None:
    """Where `program` is, also when PATH leaves out the system's folders; PostgreSQL's are in folders of their own."""
    path = os.pathsep.join([os.environ.get("PATH", ""), *PLACES, *map(str, Path("/usr/lib/postgresql").glob("*/bin"))])
    return shutil.which(program, path=path)


@contextmanager
def services_stay_off() -> Iterator[None]:
    """Keeps Debian from starting the installed servers: the tests start their own, on free ports."""
    if NO_START.exists():
        yield
        return
    NO_START.write_text("#!/bin/sh\nexit 101\n")
    NO_START.chmod(0o755)
    try:
        yield
    finally:
        NO_START.unlink()
