"""Error pages: clear words, the right status, no database (these tests have none), no cookie."""

from __future__ import annotations

import pytest
from django.test import Client

from legpain_site import errors


@pytest.fixture
def faulty(settings) -> Client:
    """A client for the site with a page that fails, and that answers like a server."""
    settings.ROOT_URLCONF = "tests.site.faulty_urls"
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("status", [400, 403, 500])
def test_a_fault_has_its_page(faulty: Client, status: int) -> None:
    response = faulty.get(f"/fault/{status}/")
    assert response.status_code == status
    text = response.content.decode()
    assert text.count("<h1") == 1
    assert "planted" not in text
    assert not response.cookies


def test_an_unknown_address_has_its_page(client: Client) -> None:
    response = client.get("/nothing/here/")
    assert response.status_code == 404
    assert response.content.decode().count("<h1") == 1
    assert not response.cookies


def test_an_unknown_host_is_refused(client: Client) -> None:
    assert client.get("/nothing/", headers={"host": "evil.example"}).status_code == 400


def test_the_page_survives_its_own_template(
    faulty: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> str:
        raise ValueError("missing manifest")

    monkeypatch.setattr(errors.loader, "render_to_string", broken)
    for status, (title, words) in errors.WORDS.items():
        response = faulty.get(f"/fault/{status}/" if status != 404 else "/nothing/")
        assert response.status_code == status
        assert title in response.content.decode()
        assert words in response.content.decode()
        assert "In an emergency, call 999 or 112." in response.content.decode()


def test_a_staff_form_without_its_token_is_refused_in_words() -> None:
    response = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "x", "password": "x"})
    assert response.status_code == 403
    assert response.content.decode().count("<h1") == 1


@pytest.mark.parametrize(
    "path", ["/%00", "/causes/%00/", "/assessment/%ff%fe/", "/a" * 2000, "/%2e%2e/%2e%2e/etc/passwd"]
)
def test_hostile_addresses_are_not_found(path: str) -> None:
    response = Client(raise_request_exception=False).get(path)
    assert 400 <= response.status_code < 500
