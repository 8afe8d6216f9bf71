"""`make links`: what becomes of the published text, and what is refused."""

import hashlib
import json
import re

import pytest

from chat import link_hashes
from scripts import links
from scripts.problems import Problem

HEAD = """! Title: Scam Blocklist by DurableNapkin
! Version: 1.2.3
! TimeUpdated: 2026-01-02T03:04:05+00:00
!
! Title: Scam Blocklist by DurableNapkin
! License: MIT (https://mit-license.org/)
!
"""
HOSTS = [f"scam{number}.example" for number in range(400)]


def text(hosts: list[str], head: str = HEAD) -> str:
    return head + "".join(f"!+ NOT_OPTIMIZED\r\n||{host}^$all\r\n" for host in hosts)


def test_the_shipped_list_is_the_published_one_without_what_is_left_out_and_with_the_examples() -> None:
    made, source = links.renewed(text([*HOSTS, "ivisa.com", "bit.ly/abc"]))
    examples = {"jobs-abroad.example", "lure.example", "scam.test", "phishing.invalid"}
    assert made == link_hashes.packed({*HOSTS, *examples})
    assert source["hosts"] == 400
    assert (source["left_out"], source["rules_passed_over"]) == (1, 1)
    assert (source["version"], source["updated"]) == ("1.2.3", "2026-01-02T03:04:05+00:00")
    assert source["shipped_sha256"] == hashlib.sha256(made).hexdigest()
    assert set(source["samples"]) < set(HOSTS)


@pytest.mark.parametrize(
    ("published", "says"),
    [
        (text(HOSTS, HEAD.replace("MIT", "CC-BY-NC-4.0")), "licence"),
        (text(HOSTS, HEAD.replace("! License: MIT (https://mit-license.org/)\n", "")), "licence"),
        (text(HOSTS, HEAD.replace("Scam Blocklist", "Another list")), "is not"),
        (text(HOSTS[:20]), "only 20 hosts"),
    ],
)
def test_another_list_another_licence_or_a_stump_is_refused(published: str, says: str) -> None:
    with pytest.raises(Problem, match=says):
        links.renewed(published)


def test_what_is_shipped_is_what_its_source_says() -> None:
    source = json.loads(links.SOURCE.read_text())
    shipped = links.LIST.read_bytes()
    assert hashlib.sha256(shipped).hexdigest() == source["shipped_sha256"]
    assert shipped[:4] == link_hashes.MAGIC
    assert int.from_bytes(shipped[4:8], "big") == source["hosts"] + 4
    assert re.fullmatch(r"@adguard/dnr-rulesets@[\d.]+", source["package"])
    assert source["licence"].startswith("MIT")
