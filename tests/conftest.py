"""What every test shares: options, markers, no strangers on the network, nothing remembered between tests."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

# Playwright's synchronous interface keeps an event loop in the worker's main thread, and Django would refuse
# the database to every later test in that worker.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

settings.register_profile("usual", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("full", parent=settings.get_profile("usual"), max_examples=1000)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="also run the tests marked slow, and more examples")


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("full" if config.getoption("--full") else "usual")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--full"):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    if slow:
        items[:] = [item for item in items if not item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """Values that the site keeps in memory are built anew by each test."""
    from content import live

    live.forget_all()
    yield
    live.forget_all()


@pytest.fixture(autouse=True)
def no_strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network is this machine: a test that asks another one fails."""
    connect = socket.socket.connect

    def only_here(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if isinstance(host, str) and host not in ("", "localhost", "127.0.0.1", "::1"):
            raise AssertionError(f"a test tried to connect to {host}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", only_here)


@pytest.fixture(scope="session")
def bootstrapped_rows(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> list[tuple[str, list[tuple]]]:
    """Every row that `manage.py bootstrap` makes on an empty database, as insert statements with their values."""
    from django.core.management import call_command
    from django.db import connection, transaction

    from content import live

    filled = []
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("bootstrap", verbosity=0)
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                # Made by `migrate`, so they are in every test's database already.
                if table not in ("django_migrations", "django_content_type", "auth_permission"):
                    cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
                    rows = cursor.fetchall()
                    if rows:
                        slots = ", ".join(["%s"] * len(rows[0]))
                        filled.append((f'INSERT INTO "{table}" VALUES ({slots})', rows))  # noqa: S608
        transaction.set_rollback(True)
    live.forget_all()
    return filled


@pytest.fixture
def bootstrapped(db: None, bootstrapped_rows: list[tuple[str, list[tuple]]]) -> None:
    """The test's database holds what ships: all articles, the knowledge, release 1. Quick: rows are copied."""
    from django.db import connection

    with connection.cursor() as cursor:
        for statement, rows in bootstrapped_rows:
            cursor.executemany(statement, rows)
