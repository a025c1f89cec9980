"""The whole set of headers of each kind of page. What is not here is not sent."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import Client

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
EVERYWHERE = {
    "Content-Type": "text/html; charset=utf-8",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
        "magnetometer=(), microphone=(), midi=(), payment=(), usb=()"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
ANSWERS = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}
PUBLIC = [
    "/",
    "/assessment/",
    "/get-help/",
    "/causes/",
    "/conditions/",
    "/tips/",
    "/faq/",
    "/search/",
    "/search/?q=shin",
    "/nothing/",
    "/causes/nothing/",
]


def headers(response: HttpResponse, *but: str) -> dict[str, str]:
    """The response's headers without length, the policy's order, and those named."""
    found = {name: value for name, value in response.headers.items() if name not in ("Content-Length", *but)}
    policy = found.pop("Content-Security-Policy")
    assert sorted(policy.split("; ")) == sorted(POLICY.split("; "))
    return found


@pytest.mark.django_db
@pytest.mark.usefixtures("bootstrapped")
@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == (404 if "nothing" in path else 200)
    expected = dict(EVERYWHERE)
    if path == "/assessment/":
        expected["Referrer-Policy"] = "no-referrer"
    assert headers(response, "Vary", "Cache-Control") == expected
    assert "Cookie" not in response.headers.get("Vary", "")
    assert "Set-Cookie" not in response.headers
    assert not response.cookies


@pytest.mark.django_db
@pytest.mark.usefixtures("bootstrapped")
def test_a_step(client: Client) -> None:
    begun = client.post("/assessment/")
    assert begun.status_code in (302, 303)
    assert begun.headers["Cache-Control"] == "no-store"
    for path in (begun.headers["Location"], f"{begun.headers['Location']}review/"):
        response = client.get(path)
        assert response.status_code == 200, path
        assert headers(response, "Vary") == EVERYWHERE | ANSWERS
        assert "Cookie" not in response.headers.get("Vary", "")
        assert not response.cookies
    assert not begun.cookies


@pytest.mark.parametrize(
    "path", ["/assessment/damaged/", "/assessment/damaged/result/", "/assessment/damaged/review/"]
)
@pytest.mark.django_db
@pytest.mark.usefixtures("bootstrapped")
def test_a_damaged_address(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert headers(response, "Vary") == EVERYWHERE | ANSWERS
    assert not response.cookies


@pytest.mark.django_db
def test_the_admin(client: Client) -> None:
    response = client.get("/admin/login/")
    assert response.status_code == 200
    assert headers(response, "Expires", "Cache-Control") == EVERYWHERE | {"Vary": "Cookie"}
    assert "no-store" in response.headers["Cache-Control"]
    assert set(response.cookies) == {"csrftoken"}
    cookie = response.cookies["csrftoken"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


@pytest.mark.django_db
@pytest.mark.usefixtures("bootstrapped")
def test_a_public_page_for_staff_touches_no_session(admin_client: Client) -> None:
    response = admin_client.get("/causes/")
    assert "Cookie" not in response.headers.get("Vary", "")
    assert not response.cookies


def test_https_is_remembered_by_the_browser(settings) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000
    response = Client().get("/nothing/", secure=True)
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in Client().get("/nothing/").headers


def test_static_files_are_closed_to_other_sites(client: Client) -> None:
    response = client.head("/static/admin/css/base.css")
    assert response.status_code == 200
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
