"""No log shows a runner's address, which is the answers, nor what was searched for."""

from __future__ import annotations

import io
import logging

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, RequestFactory

from legpain_site.logs import RedactingFormatter, RequestLogMiddleware, redact

TOKEN = "AbC-dEf_0123456789"
LONG_TOKEN = "Q" + "a1B2-c3D4_" * 10


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        (f"GET /assessment/{TOKEN}/ 200", "GET /assessment/[removed]/ 200"),
        (f"/assessment/{TOKEN}/result/", "/assessment/[removed]/result/"),
        (f"/assessment/{TOKEN}", "/assessment/[removed]"),
        (f"http://x/ASSESSMENT/{TOKEN}/review/?more=1", "http://x/ASSESSMENT/[removed]/review/?[removed]"),
        ("/assessment/ 200", "/assessment/ 200"),
        ("/search/?q=blood+clot 200", "/search/?[removed] 200"),
        (f"{{'token': '{LONG_TOKEN}'}}", "{'token': '[removed]'}"),
        (
            "/causes/poor-hydration-and-nutrition-before-running/",
            "/causes/poor-hydration-and-nutrition-before-running/",
        ),
        (
            'File "/srv/assessment/run_vignettes.py", line 3',
            'File "/srv/assessment/run_vignettes.py", line 3',
        ),
        ('File "/srv/assessment/management/x.py"', 'File "/srv/assessment/management/x.py"'),
        ("release " + "0f" * 32, "release " + "0f" * 32),
        ("what is this?", "what is this?"),
    ],
)
def test_redact(text: str, redacted: str) -> None:
    assert redact(text) == redacted


def test_a_traceback_is_redacted_too() -> None:
    formatter = RedactingFormatter("%(message)s")
    try:
        raise ValueError(f"bad address /assessment/{TOKEN}/ of {LONG_TOKEN}")
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, "x", 1, "at /assessment/%s/", (TOKEN,), (type(error), error, None)
        )
    line = formatter.format(record)
    assert TOKEN not in line
    assert LONG_TOKEN not in line
    assert "ValueError: bad address /assessment/[removed]/" in line


@pytest.fixture
def written() -> io.StringIO:
    """What the site's own handler writes during the test."""
    stream = io.StringIO()
    handlers = {
        handler for name in ("", "django", "django.server") for handler in logging.getLogger(name).handlers
    }
    ours = [handler for handler in handlers if isinstance(handler.formatter, RedactingFormatter)]
    assert len(ours) == 1, "one handler writes everything"
    before = ours[0].setStream(stream)  # type: ignore[attr-defined]
    yield stream
    ours[0].setStream(before)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "path", [f"/assessment/{LONG_TOKEN}/", f"/assessment/{TOKEN}/result/", f"/nothing/{LONG_TOKEN}/"]
)
def test_a_request_leaves_no_token(written: io.StringIO, path: str) -> None:
    Client().get(path, {"q": "blood clot"})
    Client().post(path, {"q": "blood clot"})
    lines = written.getvalue()
    assert "[removed]" in lines
    assert "legpain_site.requests: GET /" in lines
    assert TOKEN not in lines
    assert LONG_TOKEN not in lines
    assert "clot" not in lines


def test_a_line_can_not_be_forged(written: io.StringIO) -> None:
    Client().get("/nothing/%0aERROR django: all is lost")
    assert "\nERROR" not in written.getvalue()


def test_a_quiet_log_writes_no_line_per_request(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("legpain_site.requests")
    logger.setLevel(logging.WARNING)
    try:
        middleware = RequestLogMiddleware(lambda request: HttpResponse("ok"))
        assert middleware(RequestFactory().get("/")).content == b"ok"
    finally:
        logger.setLevel(logging.NOTSET)
    assert not caplog.records


def test_every_handler_of_the_site_redacts() -> None:
    handlers = settings.LOGGING["handlers"].values()
    assert {handler["formatter"] for handler in handlers} == {"redacting"}
