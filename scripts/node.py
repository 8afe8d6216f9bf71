"""Node, the packages of client and tests, and the built client."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from scripts import python, stamps
from scripts.tree import ROOT, VENV, call, files_below

MODULES = ROOT / "node_modules"
BUILT = ROOT / "client" / "dist" / "index.html"


def environment() -> dict[str, str]:
    """The environment for Node's programs: a recent enough Node and npm come first on its PATH."""
    found = shutil.which("node")
    if found and shutil.which("npm") and recent(version(found)):
        return dict(os.environ)
    python.ensure("node", python.NODE)
    return {**os.environ, "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


def recent(release: tuple[int, ...]) -> bool:
    """Whether this release of Node (major, minor, patch) runs the build: 20.19 and later 20.x, or 22.12 and later."""
    return (20, 19) <= release < (21,) or release >= (22, 12)


def version(node: str) -> tuple[int, ...]:
    """The release of the Node at this path; () when it does not say."""
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return tuple(int(part) for part in re.findall(r"\d+", said)[:3])


def ensure_packages() -> dict[str, str]:
    """Installs what package-lock.json names unless it is there, and returns the environment to run it in."""
    made_from = stamps.digest(
        files_below("package.json", "package-lock.json", "client/package.json", "tests/package.json")
    )
    env = environment()
    if stamps.fresh("packages", made_from, MODULES):
        return env
    if not as_locked(MODULES / ".package-lock.json", ROOT / "package-lock.json"):
        print("Installing the client's packages ...", flush=True)
        call("Installing the client's packages", ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], env)
    stamps.done("packages", made_from)
    return env


def as_locked(installed: Path, lock: Path) -> bool:
    """Whether npm's own note of what it installed holds every package of the lock file that this machine can use."""
    if not installed.is_file():
        return False
    have = json.loads(installed.read_text())["packages"]
    want = json.loads(lock.read_text())["packages"]
    return all(
        have.get(place, {}).get("version") == package["version"]
        for place, package in want.items()
        if place.startswith("node_modules/")
        and "version" in package
        and not (package.get("optional") and place not in have)
    )


def ensure_client(*, quick: bool = False) -> None:
    """Builds the client into client/dist unless it was built from the same files.

    A `quick` build may lack the WebAssembly's best compression, which takes longer than everything else; nobody but tests
    should be served from it.
    """
    sources = files_below("package-lock.json", "client", without=frozenset({"dist", "node_modules"}))
    made_from = stamps.digest(sources)
    if stamps.fresh("client", made_from, BUILT) and (quick or any(BUILT.parent.glob("assets/*.wasm.br"))):
        return
    env = ensure_packages() | {"KINDRED_QUICK_BUILD": str(int(quick))}
    print(f"Building the client, which can take {'a minute' if quick else 'some minutes'} ...", flush=True)
    # Whoever starts a server has no use for a list of what was built.
    build = ["npm", "run", "--silent", "--workspace", "client", "build", "--", "--logLevel=error"]
    call("Building the client", build, env)
    stamps.done("client", made_from)


def tool(name: str) -> Path:
    """A program of node_modules."""
    return MODULES / ".bin" / name
