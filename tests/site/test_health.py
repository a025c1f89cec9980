"""/healthz says that the process lives, /readyz that it can take new runners."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import OperationalError
from django.test import Client

from legpain_site import health


def test_healthz_asks_no_database_and_no_host(client: Client) -> None:
    response = client.get("/healthz", headers={"host": "10.0.0.7:8000"})
    assert response.status_code == 200
    assert response.content == b"ok\n"
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_only_reading_is_allowed(client: Client, path: str) -> None:
    response = client.post(path)
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD"


def test_healthz_is_not_redirected_to_https(client: Client, settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get("/healthz").status_code == 200
    assert Client().get("/").status_code == 301


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Callable[[int | None], None]:
    """Says which release is published."""
    return lambda number: monkeypatch.setattr(health, "_release_number", lambda: number)


@pytest.mark.django_db
def test_ready_with_a_release(client: Client, published: Callable[[int | None], None]) -> None:
    published(7)
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"ready": True, "database": True, "migrations": True, "release": 7}


@pytest.mark.django_db
def test_not_ready_without_a_release(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"ready": False, "database": True, "migrations": True, "release": None}


@pytest.mark.django_db
def test_not_ready_with_old_tables(
    client: Client, published: Callable[[int | None], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    published(7)
    monkeypatch.setattr(health, "unapplied_migrations", lambda: ["content.0002_more"])
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"ready": False, "database": True, "migrations": False, "release": None}


def test_not_ready_without_a_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> bool:
        raise OperationalError("could not connect to db.example as legs")

    monkeypatch.setattr(health, "_database_answers", gone)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"ready": False, "database": False, "migrations": False, "release": None}
    assert b"db.example" not in response.content


@pytest.mark.django_db
def test_the_tables_of_a_test_are_up_to_date() -> None:
    assert health.unapplied_migrations() == []
