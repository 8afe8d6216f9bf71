"""`make links`: renews the list of known scam addresses that the client ships (docs/hints.md)."""

import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from chat import link_hashes
from scripts import node
from scripts.problems import Problem
from scripts.tree import ROOT

#: The list's own home, and the package in which its text is published whole, with others, by AdGuard.
HOME = "https://github.com/durablenapkin/scamblocklist"
PACKAGE = "@adguard/dnr-rulesets"
MEMBER = "package/dist/filters/declarative/ruleset_256/ruleset_256.json"
TITLE = "Scam Blocklist by DurableNapkin"
LICENCE = "MIT"
#: Far fewer would be another list, or none.
FEWEST = 300

LIST = ROOT / "client" / "public" / "hints" / "links"
SOURCE = ROOT / "docs" / "hints-links-source.json"
LEFT_OUT = ROOT / "docs" / "hints-links-left-out.txt"
EXAMPLES = ROOT / "docs" / "hints-links-example.txt"


def main() -> int:
    text, version = fetched()
    made, source = renewed(text)
    LIST.write_bytes(made)
    SOURCE.write_text(json.dumps({"package": f"{PACKAGE}@{version}", **source}, indent=2) + "\n")
    print(
        f"{source['hosts']} hosts as of {source['updated']}, {len(made)} bytes. Look at the change, then run the tests."
    )
    return 0


def fetched() -> tuple[str, str]:
    """The list's text, and the version of the package that it is from."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", PACKAGE, "--json", "--loglevel=error", "--pack-destination", folder]
        said = subprocess.run(command, cwd=folder, env=node.environment(), capture_output=True, text=True, check=False)
        if said.returncode:
            raise Problem(f"{PACKAGE} could not be fetched: {said.stderr.strip()}")
        [package] = json.loads(said.stdout)
        [archive] = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as opened:
            try:
                member = opened.extractfile(MEMBER)
            except KeyError:
                member = None
            if member is None:
                raise Problem(f"{PACKAGE} {package['version']} has no {MEMBER} any more.")
            rules = json.load(member)
    return str(rules[0]["metadata"]["rawFilterList"]), str(package["version"])


def renewed(text: str) -> tuple[bytes, dict[str, Any]]:
    """The packed list and what is to be known of it. A Problem where the text is not that list under that licence."""
    said = dict(re.findall(r"^! *(Title|Version|TimeUpdated|License): *(.+?)\s*$", text, re.MULTILINE))
    if said.get("Title") != TITLE or not said.get("License", "").startswith(LICENCE):
        raise Problem(f"This is not {TITLE} under {LICENCE}: {said}. Read its licence before it is shipped.")
    read = link_hashes.hosts_in(text.splitlines())
    left_out = link_hashes.hosts_in(LEFT_OUT.read_text().splitlines()).hosts
    hosts = read.hosts - left_out
    if len(hosts) < FEWEST:
        raise Problem(f"The list has only {len(hosts)} hosts; at least {FEWEST} were expected.")
    made = link_hashes.packed(hosts | link_hashes.hosts_in(EXAMPLES.read_text().splitlines()).hosts)
    return made, {
        "list": TITLE,
        "home": HOME,
        "licence": f"{LICENCE}, docs/hints-links-licence.txt",
        "version": said.get("Version"),
        "updated": said.get("TimeUpdated"),
        "text_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "hosts": len(hosts),
        "left_out": len(read.hosts & left_out),
        "rules_passed_over": read.passed_over,
        "shipped_sha256": hashlib.sha256(made).hexdigest(),
        "samples": sorted(hosts, key=lambda host: hashlib.sha256(host.encode()).digest())[:5],
    }
