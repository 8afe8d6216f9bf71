"""The client's files: compressed once, cached by their names, under a policy that runs our code alone."""

import gzip
import hashlib
import io
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import httpx
import pytest
from asgiref.sync import async_to_sync
from django.core.asgi import get_asgi_application
from django.core.management import CommandError, call_command
from pytest_django import Settings

from backend.static import ClientFiles
from chat import link_hashes

POLICY = "script-src 'self' 'wasm-unsafe-eval'"
PAGE = b"<!doctype html><title>Chats</title>" * 40
SCRIPT = b"export const one = 1;\n" * 400


class Client:
    """Asks the application as an ASGI server hands it a request."""

    def __init__(self) -> None:
        self._application: Any = ClientFiles(get_asgi_application())

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return self._ask("GET", path, headers or {})

    def post(self, path: str, content: bytes) -> httpx.Response:
        return self._ask("POST", path, {}, content)

    @async_to_sync
    async def _ask(self, method: str, path: str, headers: dict[str, str], content: bytes = b"") -> httpx.Response:
        transport = httpx.ASGITransport(self._application)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            # httpx asks for compressed forms by itself.
            return await client.request(method, path, headers={"accept-encoding": "", **headers}, content=content)


@pytest.fixture
def built(tmp_path: Path, settings: Settings) -> Client:
    files = {"index.html": PAGE, "sw.js": SCRIPT, "assets/index-Bx3k_9Qz.js": SCRIPT, "icon.svg": b"<svg/>"}
    files |= {"manifest.webmanifest": b"{}", "assets/index_bg-D2u_WqbR.wasm": b"\0asm"}
    for name, content in files.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)
        if len(content) > 10:
            file.with_name(f"{file.name}.br").write_bytes(brotli.compress(content))
            file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(content))
    settings.CLIENT_DIST = tmp_path
    return Client()


def get(client: Client, path: str, accept: str = "") -> httpx.Response:
    return client.get(path, headers={"accept-encoding": accept})


@pytest.mark.parametrize("path", ["/", "/sw.js"])
def test_the_page_and_the_service_worker_are_asked_for_anew(built: Client, path: str) -> None:
    response = get(built, path)
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-cache"
    again = built.get(path, headers={"if-none-match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_hashed_files_are_kept_for_good(built: Client) -> None:
    response = get(built, "/assets/index-Bx3k_9Qz.js")
    assert "immutable" in response.headers["cache-control"]
    assert response.headers["content-type"].startswith("text/javascript")
    assert get(built, "/icon.svg").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/assets/index_bg-D2u_WqbR.wasm", "application/wasm"),
        ("/manifest.webmanifest", "application/manifest+json"),
        ("/icon.svg", "image/svg+xml"),
    ],
)
def test_browsers_are_told_what_each_file_is(built: Client, path: str, kind: str) -> None:
    assert get(built, path).headers["content-type"] == kind


@pytest.mark.parametrize(("accept", "encoding"), [("br, gzip", "br"), ("gzip", "gzip"), ("", None)])
def test_each_browser_gets_the_smallest_form_it_takes(built: Client, accept: str, encoding: str | None) -> None:
    response = get(built, "/assets/index-Bx3k_9Qz.js", accept)
    assert response.headers.get("content-encoding") == encoding
    assert response.headers["vary"] == "Accept-Encoding"
    # httpx has unpacked it by what its header says.
    assert response.content == SCRIPT
    pack = {"br": brotli.compress, "gzip": gzip.compress, None: bytes}[encoding]
    assert int(response.headers["content-length"]) == len(pack(SCRIPT))


@pytest.mark.parametrize(
    "path", ["/", "/assets/index-Bx3k_9Qz.js", "/healthz", "/api/v1/server", "/api/v1/none", "/none"]
)
def test_every_answer_carries_the_policy(built: Client, path: str) -> None:
    headers = get(built, path).headers
    policy = headers["content-security-policy"]
    assert POLICY in policy
    assert "require-trusted-types-for 'script'; trusted-types svelte-trusted-html kindred-worker" in policy
    assert "unsafe-inline" not in policy
    assert "'unsafe-eval'" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "connect-src 'self' ws://testserver wss://testserver" in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "geolocation=()" in headers["permissions-policy"]
    assert "set-cookie" not in headers
    assert "server" not in headers
    assert "access-control-allow-origin" not in headers


def test_the_app_alone_may_ask_for_the_camera(built: Client) -> None:
    assert "camera=(self)," in get(built, "/").headers["permissions-policy"]
    for path in ("/verify.html", "/index.html", "/assets/index-Bx3k_9Qz.js", "/api/v1/server", "/none"):
        assert "camera=()," in get(built, path).headers["permissions-policy"], path


def test_answers_of_the_api_are_never_kept(built: Client) -> None:
    assert get(built, "/api/v1/server").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/../manage.py", "/assets/../../manage.py", "/%2e%2e/manage.py", "/index.html.br/x", "//etc/passwd"]
)
def test_nothing_beside_the_built_files_is_served(built: Client, path: str) -> None:
    assert get(built, path).status_code in (302, 404)


def test_writing_to_a_file_is_refused(built: Client) -> None:
    assert built.post("/sw.js", b"x").status_code == 405


def test_a_client_that_is_not_built_is_said_so(tmp_path: Path, settings: Settings) -> None:
    settings.CLIENT_DIST = tmp_path / "none"
    response = get(Client(), "/")
    assert response.status_code == 503
    assert b"make run" in response.content


def test_a_foreign_host_gets_nothing(built: Client) -> None:
    response = built.get("/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert b"Chats" not in response.content
    assert "connect-src 'none'" in response.headers["content-security-policy"]


def test_the_operators_list_of_addresses_takes_the_place_of_the_clients_own(
    built: Client, tmp_path: Path, settings: Settings
) -> None:
    settings.DATA_DIR = tmp_path / "data"
    asked = "/hints/links"
    assert get(built, asked).status_code == 404
    hosts = tmp_path / "hosts.txt"
    hosts.write_text("# reserved for tests\nwww.Lure.example\nscam.test. # the same twice\nscam.test\n\n")
    call_command("hash_links", str(hosts), stdout=io.StringIO())
    first = get(built, asked)
    assert (first.headers["cache-control"], first.headers["content-type"]) == ("no-cache", "application/octet-stream")
    expected = sorted(hashlib.sha256(host).digest()[:8] for host in (b"lure.example", b"scam.test"))
    assert first.content == b"KHL1" + bytes([0, 0, 0, 2]) + b"".join(expected)
    assert built.get(asked, headers={"if-none-match": first.headers["etag"]}).status_code == 304
    hosts.write_text("lure.example")
    call_command("hash_links", str(hosts), stdout=io.StringIO())
    changed = built.get(asked, headers={"if-none-match": first.headers["etag"]})
    assert (changed.status_code, len(changed.content)) == (200, 4 + 4 + 8)
    assert "content-security-policy" in changed.headers


def test_lists_are_read_in_the_ways_in_which_they_are_published() -> None:
    published = """! Title: scams
[Adblock Plus]
# hosts
127.0.0.1 localhost
::1 ip6-localhost
0.0.0.0 0.0.0.0
0.0.0.0 www.one.example  # a remark
||two.example^
||three.example^$third-party
||six.example^$all
||bit.example/abc^$all
||six.six.$all
.com-id*.info^$all
@@||good.example^
||192.0.2.7^
/^.*[.]top/
page.example##.ad
page.example#@#.ad
*.four.example
five.example
"""
    names = ("one", "two", "three", "four", "five", "six")
    assert link_hashes.hosts_in(published.splitlines()) == ({f"{name}.example" for name in names}, 8)


@pytest.mark.parametrize(
    "line",
    [
        "||",
        "||a b.test^",
        "localhost",
        "https://scam.test/",
        "scam",
        "sc am.test",
        "bücher.test",
        "-a.test",
        "192.0.2.1",
        "a" * 300 + ".test",
    ],
)
def test_a_line_that_is_no_host_is_named(line: str, tmp_path: Path) -> None:
    hosts = tmp_path / "hosts.txt"
    hosts.write_text(f"scam.test\n{line}\n")
    with pytest.raises(CommandError, match="Line 2"):
        call_command("hash_links", str(hosts), "--to", str(tmp_path / "links"))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("hash_links", str(tmp_path / "nothing"), "--to", str(tmp_path / "links"))
    assert not (tmp_path / "links").exists()
