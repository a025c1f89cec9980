"""The server as it ships: what it logs, how it serves files, and the admin under the security policy."""

from __future__ import annotations

import http.client
import re
import socket
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import Page

from tests.browser.conftest import Server

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def ask(server: Server, method: str, path: str, body: str = "", **headers: str) -> http.client.HTTPResponse:
    """The answer to one request, read to its end; redirects are not followed."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    connection.request(method, path, body, {**(FORM if body else {}), **headers})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


def token_in(address: str) -> str:
    """The token of a step's address."""
    found = re.search(r"/assessment/([^/]+)/", address)
    assert found, address
    return found[1]


def test_the_log_never_shows_an_address_that_holds_answers(server: Server) -> None:
    tokens = [token_in(ask(server, "POST", "/assessment/").headers["Location"]) for _ in range(2)]
    token = tokens[0]
    for path in (f"/assessment/{token}/", f"/assessment/{token}/result/", f"/assessment/{token}/review/"):
        assert ask(server, "GET", path).status < 400
    moved = ask(server, "POST", f"/assessment/{token}/", urlencode({"name": "skip", "skip": "1"}))
    tokens.append(token_in(moved.headers.get("Location") or f"/assessment/{token}/"))
    assert ask(server, "POST", f"/assessment/{token}/", "no-such-question=1&%00=%ff").status < 500
    assert ask(server, "GET", f"/assessment/{token}/nothing/").status == 404
    assert ask(server, "GET", f"/assessment/{token[:-1]}/").status == 404
    assert ask(server, "GET", f"/assessment/{token}/?q=clot", Host="evil.example").status == 400
    assert (
        ask(
            server, "GET", "/search/?q=deep+vein+thrombosis", Referer=f"{server.url}/assessment/{token}/"
        ).status
        == 200
    )
    # A request that gunicorn refuses before the site sees it.
    with socket.create_connection(
        (urlsplit(server.url).hostname or "", urlsplit(server.url).port or 0)
    ) as raw:
        raw.sendall(f"GET /assessment/{token}/ HTTP/9.9\r\n\r\n".encode())
        raw.recv(1000)
    log = server.log.read_text(encoding="utf-8")
    assert "GET /assessment/[removed]/ 200" in log
    assert "/assessment/[removed]/nothing/" in log
    for secret in (*tokens, *(token[:20] for token in tokens), "thrombosis", "clot"):
        assert secret not in log


def test_static_files_are_compressed_and_kept_for_ever(server: Server, page: Page) -> None:
    page.goto("/")
    files = page.eval_on_selector_all(
        "link[rel=stylesheet], script[src]", "all => all.map(e => e.href || e.src)"
    )
    assert files
    for address in files:
        response = ask(server, "GET", urlsplit(address).path, **{"Accept-Encoding": "br"})
        assert response.status == 200
        assert re.search(r"\.[0-9a-f]{12}\.", address), "named by its content"
        assert "max-age=315360000" in response.headers["Cache-Control"]
        assert "immutable" in response.headers["Cache-Control"]
        assert "Set-Cookie" not in response.headers


def test_no_public_page_leaves_a_cookie(page: Page) -> None:
    for path in (
        "/",
        "/assessment/",
        "/get-help/",
        "/causes/",
        "/conditions/",
        "/tips/",
        "/faq/",
        "/search/?q=shin",
    ):
        response = page.goto(path)
        assert response is not None
        assert response.status == 200, path
    assert page.context.cookies() == []
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_every_admin_page_works_under_the_policy(staff_page: Page) -> None:
    """Lists and forms of every model; the watch fails the test when the policy blocks something."""
    lists = staff_page.eval_on_selector_all("#content-main th a", "all => all.map(a => a.pathname)")
    lists = [path for path in dict.fromkeys(lists) if path.count("/") == 4]
    assert len(lists) >= 5
    for path in lists:
        response = staff_page.goto(path)
        assert response is not None
        assert response.status == 200, path
        first = staff_page.locator("#result_list tbody tr:first-child th a")
        if first.count():
            first.first.click()
            staff_page.wait_for_load_state()
            assert staff_page.locator("#content h1").count() == 1


def test_the_admin_log_in_is_accessible(desktop_page: Page, axe: Callable[[Page], None]) -> None:
    desktop_page.goto("/admin/login/")
    axe(desktop_page)
