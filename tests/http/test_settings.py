"""Settings: typed, with the remedy in every refusal; keys outside the database."""

import json
import stat
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from backend import checks, database, env, folder, keys
from chat.api.fields import b64encode


@pytest.mark.parametrize(
    ("read", "value", "said"),
    [
        (lambda: env.flag("X"), "maybe", "X is 'maybe': set it to 1 or 0"),
        (lambda: env.number("X", 1, 0, 9), "10", "X is '10': set it to a whole number from 0 to 9"),
        (lambda: env.number("X", 1, 0, 9), "-1", "whole number"),
        (lambda: env.number("X", 1, 0, 9), "٣", "whole number"),
    ],
)
def test_a_wrong_value_is_named_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, read: Callable[[], Any], value: str, said: str
) -> None:
    monkeypatch.setenv("X", value)
    with pytest.raises(ImproperlyConfigured, match=said):
        read()


def test_values_are_read_by_type(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("X", " yes ")
    assert env.flag("X") is True
    monkeypatch.setenv("X", "7")
    assert env.number("X", 1, 0, 9) == 7
    monkeypatch.setenv("X", "a, b ,,c")
    assert env.words("X") == ["a", "b", "c"]
    monkeypatch.setenv("X", "")
    assert (env.flag("X", True), env.number("X", 1, 0, 9), env.path("X", tmp_path)) == (True, 1, tmp_path)


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("hush\n")
    monkeypatch.setenv("X_FILE", str(file))
    assert env.secret("X") == "hush"
    monkeypatch.setenv("X_FILE", str(tmp_path / "none"))
    with pytest.raises(ImproperlyConfigured, match="X_FILE names a file that cannot be read"):
        env.secret("X")


def values(loaded: keys.Keys) -> dict[str, Any]:
    """What was loaded, with the signing keys as they are now."""
    found = {field.name: getattr(loaded, field.name) for field in fields(loaded)}
    return found | {"attestation": loaded.attestation.now()}


def test_keys_are_made_once_and_readable_by_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    first = keys.load(folder)
    assert values(keys.load(folder)) == values(first)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    names = "attestation.json audit.secret django.secret external-sender.ed25519 hub.json push.aes256 vapid.p256"
    assert files == dict.fromkeys(names.split(), 0o600)
    other = keys.load(tmp_path / "other")
    assert other.external_sender_seed != first.external_sender_seed
    assert other.hub_keys != first.hub_keys
    assert "hush" not in repr(first)
    assert first.django_secret not in repr(first)


def test_keys_that_are_handed_over_as_credentials_come_before_files_and_are_not_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept = keys.load(tmp_path / "kept")
    credentials = tmp_path / "kept"
    (credentials / "audit.secret").unlink()
    credentials.chmod(0o500)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    loaded = keys.load(tmp_path / "keys")
    assert loaded.hub_keys == kept.hub_keys
    assert loaded.attestation.now() == kept.attestation.now()
    assert loaded.audit_key != kept.audit_key
    assert [file.name for file in (tmp_path / "keys").iterdir()] == ["audit.secret"]
    credentials.chmod(0o700)


@pytest.mark.parametrize("where", ["data/keys", "keys", "credentials", "postgresql"])
def test_keys_beside_the_database_are_told_where_others_can_reach_the_server(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, where: str
) -> None:
    settings.DATA_DIR = tmp_path / "data"
    settings.KEYS_DIR = tmp_path / ("keys" if where == "keys" else "data/keys")
    engine = "postgresql" if where == "postgresql" else "sqlite3"
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", f"django.db.backends.{engine}")
    if where != "credentials":
        keys.load(settings.KEYS_DIR)
    settings.ORIGIN = "http://127.0.0.1:8000"
    assert checks.check_keys() == []
    settings.ORIGIN = "https://chat.example.org"
    messages = checks.check_keys()
    assert [message.id for message in messages] == (["kindred.W020"] if where == "data/keys" else [])
    assert all("KEYS_DIR" in (message.hint or "") for message in messages)


def test_processes_that_start_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: keys.load(tmp_path / "keys"), range(16)))
    assert all(values(each) == values(made[0]) for each in made)


def test_hub_keys_are_rotated_by_id(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    old, new = b64encode(bytes(32)), b64encode(b"\x01" * 32)
    monkeypatch.setenv("HUB_KEYS", json.dumps({"current": 2, "keys": {"1": old, "2": new}}))
    loaded = keys.load(tmp_path)
    assert loaded.hub_keys.newest() == (2, b"\x01" * 32)
    assert loaded.hub_keys == {1: bytes(32), 2: b"\x01" * 32}


def test_a_running_process_hears_of_a_new_hub_key(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    file = tmp_path / "hub.json"
    kept = keys.load(tmp_path).hub_keys
    (first,) = kept.values()
    number, text = keys.rotated_hub(file.read_text())
    keys.replace(file, text)
    assert (number, stat.S_IMODE(file.stat().st_mode)) == (2, 0o600)
    assert kept.newest() == (1, first), "it looks once a second"
    # Somebody else stamped with it already.
    assert 2 in kept
    assert kept.newest() == (2, kept[2])
    assert kept[1] == first != kept[2]
    assert 3 not in kept
    keys.replace(file, keys.rotated_hub(text)[1])
    now = time.monotonic()
    monkeypatch.setattr("chat.hub_keys.time.monotonic", lambda: now + 2)
    assert kept.newest()[0] == 3
    # A file that somebody spoils takes nothing away.
    keys.replace(file, "{")
    monkeypatch.setattr("chat.hub_keys.time.monotonic", lambda: now + 4)
    assert kept.newest()[0] == 3
    assert "hub.json can no longer be read" in caplog.text
    assert set(keys.load(tmp_path / "other").hub_keys) == {1}


@pytest.mark.parametrize(
    "value",
    [
        "{",
        "[]",
        "{}",
        '{"current": 1, "keys": {}}',
        '{"current": 1, "keys": {"1": "AAAA"}}',
        '{"current":0,"keys":{"0":"x"}}',
    ],
)
def test_broken_hub_keys_stop_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str) -> None:
    monkeypatch.setenv("HUB_KEYS", value)
    with pytest.raises(ImproperlyConfigured, match="HUB_KEYS"):
        keys.load(tmp_path)


def test_a_damaged_key_file_is_never_replaced(tmp_path: Path) -> None:
    keys.load(tmp_path)
    (tmp_path / "external-sender.ed25519").write_text("damaged")
    with pytest.raises(ImproperlyConfigured, match="restore the key from its backup"):
        keys.load(tmp_path)
    assert (tmp_path / "external-sender.ed25519").read_text() == "damaged"


def test_a_database_url_is_taken_apart(tmp_path: Path) -> None:
    found = database.from_url("postgresql://me:p%40ss@db.example:5433/kindred?sslmode=require", tmp_path)
    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"]) == ("me", "p@ss", "db.example", "5433")
    assert (found["NAME"], found["OPTIONS"]["sslmode"]) == ("kindred", "require")
    assert (found["OPTIONS"]["connect_timeout"], found["OPTIONS"]["keepalives_idle"]) == ("3", "5")
    own = database.from_url("postgresql:///kindred?connect_timeout=9", tmp_path)
    assert (own["OPTIONS"]["connect_timeout"], own["OPTIONS"]["tcp_user_timeout"]) == ("9", "8000")
    bounded = database.from_url("postgresql:///kindred?options=-c%20statement_timeout%3D9", tmp_path)["OPTIONS"][
        "options"
    ]
    assert "-c idle_in_transaction_session_timeout=8000 " in bounded
    assert bounded.endswith(" -c statement_timeout=9")
    assert database.from_url("postgres:///kindred?host=/run/postgresql", tmp_path)["HOST"] == "/run/postgresql"
    assert database.from_url("", tmp_path)["NAME"] == tmp_path / "kindred.sqlite3"


@pytest.mark.parametrize(
    "url", ["mysql://hush@host/name", "postgresql://host", "postgresql://hush:x@host:port/name", "name"]
)
def test_a_wrong_database_url_is_refused_without_repeating_it(tmp_path: Path, url: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        database.from_url(url, tmp_path)
    assert "DATABASE_URL must be postgresql://" in str(caught.value)
    assert "hush" not in str(caught.value)


PUBLIC = {"ORIGIN": "https://c.example", "DOMAIN": "c.example", "ALLOWED_HOSTS": ["c.example"]}


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, set()),
        ({"ORIGIN": "http://127.0.0.1:8000"}, set()),
        ({"ORIGIN": "chat.example.org", "TRUSTED_PROXY": "none"}, {"kindred.E001"}),
        ({"ORIGIN": "https://chat.example.org/app", "TRUSTED_PROXY": "none"}, {"kindred.E001"}),
        (
            {"ORIGIN": "http://chat.example.org", "TRUSTED_PROXY": "none"},
            {"kindred.E002", "kindred.E003", "kindred.E004"},
        ),
        (
            {"ORIGIN": "https://chat.example.org", "DOMAIN": "chat.example.org", "TRUSTED_PROXY": "none"},
            {"kindred.E004"},
        ),
        (PUBLIC, {"kindred.E009"}),
        (PUBLIC | {"TRUSTED_PROXY": "none"}, set()),
        (PUBLIC | {"TRUSTED_PROXY": "127.0.0.1, 172.18.0.0/16"}, set()),
        ({"HOST": "::", "ALLOWED_HOSTS": ["localhost"]}, {"kindred.W001"}),
        ({"DEBUG": True}, {"kindred.W002"}),
        ({"RATE_SCALE": 9, "DEMO": False}, {"kindred.W003"}),
        ({"TRUSTED_PROXY": "proxy"}, {"kindred.E005"}),
        ({"TRUSTED_PROXY": "10.0.0.1"}, set()),
        ({"TRUSTED_PROXY": "10.0.0.1/8"}, {"kindred.E005"}),
    ],
)
def test_checks_name_what_is_wrong_and_the_remedy(settings: Settings, changed: dict[str, Any], found: set[str]) -> None:
    safe = {"ORIGIN": "", "DOMAIN": "localhost", "ALLOWED_HOSTS": ["localhost"], "HOST": "127.0.0.1", "DEBUG": False}
    for name, value in (safe | {"RATE_SCALE": 1, "DEMO": True, "TRUSTED_PROXY": ""} | changed).items():
        setattr(settings, name, value)
    messages = [*checks.check_origin(), *checks.check_reach(), *checks.check_proxy()]
    assert {message.id for message in messages} == found
    assert all(message.hint for message in messages)


def test_a_server_that_runs_no_checks_refuses_to_start_all_the_same(settings: Settings) -> None:
    for name, value in PUBLIC.items():
        setattr(settings, name, value)
    settings.TRUSTED_PROXY = ""
    with pytest.raises(ImproperlyConfigured, match="TRUSTED_PROXY to the proxy's IP address"):
        checks.refuse_errors()
    settings.TRUSTED_PROXY = "none"
    checks.refuse_errors()


@pytest.mark.parametrize("there", ["", "kindred.sqlite3", "keys/hub.json"], ids=["nothing", "a database", "keys"])
def test_a_folder_of_the_servers_own_is_kept_from_others(tmp_path: Path, there: str) -> None:
    data = tmp_path / "data"
    data.mkdir()
    if there:
        (data / there).parent.mkdir(exist_ok=True)
        (data / there).touch()
    data.chmod(0o755)
    folder.make_private(data)
    assert stat.S_IMODE(data.stat().st_mode) == 0o700


def test_a_new_folder_is_kept_from_others(tmp_path: Path) -> None:
    folder.make_private(tmp_path / "new" / "data")
    assert stat.S_IMODE((tmp_path / "new" / "data").stat().st_mode) == 0o700


def test_a_folder_of_others_things_is_refused_with_the_setting_and_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "of somebody else").touch()
    tmp_path.chmod(0o755)
    with pytest.raises(ImproperlyConfigured, match="set DATA_DIR to a folder for the server alone, or run chmod 700"):
        folder.make_private(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    tmp_path.chmod(0o700)
    folder.make_private(tmp_path)
