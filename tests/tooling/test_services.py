"""The services that other tests stand on."""

import socket

import psycopg
import pytest
import redis

from tests.support.services import PostgreSQL, Redis


def test_redis_answers_and_comes_back_after_a_crash() -> None:
    with Redis() as server:
        client = redis.Redis.from_url(server.url)
        assert client.set("word", "kept") is True
        server.kill()
        with pytest.raises(redis.ConnectionError):
            redis.Redis.from_url(server.url).ping()
        server.start()
        assert redis.Redis.from_url(server.url).get("word") is None


def test_postgresql_keeps_what_it_committed_through_a_crash() -> None:
    with PostgreSQL() as server:
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE word AS SELECT 'kept' AS said")
        server.kill()
        server.start()
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT said FROM word").fetchall() == [("kept",)]


def test_a_service_leaves_nothing_behind() -> None:
    with Redis() as server:
        folder, port = server.folder, server.port
    assert not folder.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_a_test_cannot_reach_the_internet() -> None:
    # 192.0.2.0/24 is kept for documents (RFC 5737); the refusal comes before anything is sent.
    with pytest.raises(AssertionError, match="tests stay on this machine"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
