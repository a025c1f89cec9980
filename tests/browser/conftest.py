"""A real browser on a real server.

The server is gunicorn with the site as it ships: real static files, real headers, content loaded, release 1
published, a superuser. It is set up once per test run; each test process then serves its own copy, so what
one changes in the admin is not seen by the others. It has the same SECRET_KEY as the tests, so a token that a
test makes is valid there.

Every page fixture watches its page: an error in the console, a blocked file, a script error or a request to
another machine fails the test at its end.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from tests.settings import ENVIRONMENT

ROOT = Path(__file__).resolve().parent.parent.parent
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
STAFF = ("editor", "a password for tests only")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@dataclass(frozen=True)
class Server:
    """A running site."""

    url: str
    """Its address, without a slash at the end."""
    log: Path
    """What it has written to standard error."""


@pytest.fixture(scope="session")
def site_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database that is ready to serve and the collected static files; made once per run."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "site"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the other test processes wait here for the first
        if not (folder / "ready").exists():
            manage(folder, "migrate", "--noinput", "--verbosity", "0")
            manage(folder, "bootstrap")
            name, password = STAFF
            manage(
                folder,
                *("createsuperuser", "--noinput", "--username", name, "--email", "editor@legs.example"),
                DJANGO_SUPERUSER_PASSWORD=password,
            )
            manage(folder, "collectstatic", "--noinput", "--verbosity", "0")
            (folder / "ready").touch()
    return folder


def serving_environment(folder: Path) -> dict[str, str]:
    """The environment of the site whose files lie in the folder."""
    return {
        **os.environ,
        **ENVIRONMENT,
        "DJANGO_SETTINGS_MODULE": "legpain_site.settings",
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "VAR_DIR": str(folder),
        "STATIC_ROOT": str(folder / "static"),
        "LIVE_REFRESH_SECONDS": "0.2",
    }


def manage(folder: Path, *words: str, **more: str) -> None:
    """Run a command of manage.py for that site; fail the test with its output when it fails."""
    result = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env={**serving_environment(folder), **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert result.returncode == 0, f"manage.py {words[0]} failed:\n{result.stdout}"


@pytest.fixture(scope="session")
def server(site_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """This test process's own running site."""
    folder = tmp_path_factory.mktemp("server")
    with (
        closing(sqlite3.connect(site_files / "db.sqlite3")) as ready,
        closing(sqlite3.connect(folder / "db.sqlite3")) as own,
    ):
        ready.backup(own)
    (folder / "static").symlink_to(site_files / "static")
    log = folder / "log"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "--bind", "127.0.0.1:0"],
            cwd=ROOT,
            env={**serving_environment(folder), "WEB_CONCURRENCY": "1"},
            stdout=stderr,
            stderr=stderr,
        )
    try:
        yield Server(_address(process, log), log)
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """The address that the server says it listens on."""
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        found = re.search(r"The site is at (http://[0-9.]+:\d+)/", log.read_text(encoding="utf-8"))
        if found:
            return found[1]
        time.sleep(0.05)
    raise AssertionError(f"the server did not start:\n{log.read_text(encoding='utf-8')}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium: the one that CHROMIUM names, or the first on the path. Missing, it fails the tests."""
    named = os.environ.get("CHROMIUM")
    found = (shutil.which(name) for name in ([named] if named else BROWSERS))
    path = next((path for path in found if path), None)
    assert path, "no Chromium found: install it (python3 run.py test does) or set CHROMIUM to its path"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield running
        running.close()


class Watch:
    """Collects what goes wrong in a page. A test that provokes something says so with `expect`."""

    def __init__(self, home: str) -> None:
        self._home = home
        self._expected: list[str] = []
        self.faults: list[str] = []

    def expect(self, part: str) -> None:
        """Faults whose text holds this part are meant."""
        self._expected.append(part)

    def attach(self, context: BrowserContext) -> None:
        """Watch every page of the context."""
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self.faults.append(f"script error: {error.error}"))
        context.on("request", self._on_request)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        where = str(message.location.get("url", ""))
        # The browser notes each page that answers 4xx as an error; those are the test's own business.
        answered = message.text.startswith("Failed to load resource: the server responded with a status of 4")
        if not (answered and where.startswith(self._home) and "/static/" not in where):
            self.faults.append(f"console: {message.text} ({where})")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self._home, "data:", "about:", "blob:")):
            self.faults.append(f"a request to a stranger: {request.url}")

    def unexpected(self) -> list[str]:
        """The faults that no test asked for."""
        return [fault for fault in self.faults if not any(part in fault for part in self._expected)]


@pytest.fixture
def watch(server: Server) -> Watch:
    """The watch over this test's pages: `watch.expect("part of a message")` allows a fault."""
    return Watch(server.url)


@pytest.fixture
def new_page(browser: Browser, server: Server, watch: Watch) -> Iterator[Callable[..., Page]]:
    """Makes a page in a fresh context, on a phone's screen unless told; takes Playwright's context options."""
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> Page:
        settings = {"base_url": server.url, "viewport": PHONE, "locale": "en-GB", "reduced_motion": "reduce"}
        context = browser.new_context(**{**settings, **options})
        context.set_default_timeout(10_000)
        watch.attach(context)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()
    faults = watch.unexpected()
    assert not faults, "the page reported faults:\n" + "\n".join(faults)


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A page on a phone. `page.goto("/causes/")` goes to the test's server."""
    return new_page()


@pytest.fixture
def desktop_page(new_page: Callable[..., Page]) -> Page:
    """A page on a wide screen."""
    return new_page(viewport=DESKTOP)


@pytest.fixture
def no_js_page(new_page: Callable[..., Page]) -> Page:
    """A page on a phone without JavaScript."""
    return new_page(java_script_enabled=False)


@pytest.fixture
def staff_page(desktop_page: Page) -> Page:
    """A wide page that is logged in to the admin as a superuser."""
    name, password = STAFF
    desktop_page.goto("/admin/")
    desktop_page.get_by_label("Username").fill(name)
    desktop_page.get_by_label("Password").fill(password)
    desktop_page.get_by_role("button", name="Log in").click()
    desktop_page.wait_for_url("**/admin/")
    return desktop_page


@pytest.fixture
def axe() -> Callable[..., None]:
    """`axe(page)` asserts that axe-core finds nothing wrong; `without=["rule-id"]` leaves rules out, with a reason."""

    def accessible(page: Page, without: list[str] | None = None) -> None:
        options = {
            "runOnly": {"type": "tag", "values": AXE_RULES},
            "rules": {rule: {"enabled": False} for rule in without or []},
            "resultTypes": ["violations"],
        }
        found = Axe().run(page, options=options).response["violations"]
        assert not found, f"axe found faults at {page.url}:\n" + "\n".join(map(_describe, found))

    return accessible


def _describe(violation: dict[str, Any]) -> str:
    """A violation in lines that a person can act on."""
    lines = [f"- {violation['id']} ({violation['impact']}): {violation['help']}"]
    for node in violation["nodes"]:
        what = re.sub(r"^Fix (any|all) of the following:\s*", "", node["failureSummary"])
        lines.append(f"    {' '.join(map(str, node['target']))}: {' '.join(what.split())}")
        lines.append(f"      {node['html'][:200]}")
    return "\n".join(lines)
