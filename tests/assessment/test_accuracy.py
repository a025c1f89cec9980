"""The page /accuracy/ and what it is computed from."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from assessment import accuracy, evaluation, releases
from assessment.models import Release, ReleaseReport, Vignette

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    # Computed by hand from Wilson's formula with z = 1.96.
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (80, 100, 0.7112, 0.8666)],
)
def test_the_interval_is_wilsons(hits: int, total: int, low: float, high: float) -> None:
    assert evaluation.wilson(hits, total) == pytest.approx((low, high), abs=5e-4)


def test_an_interval_needs_a_case() -> None:
    with pytest.raises(ValueError, match="at least one"):
        evaluation.wilson(0, 0)


def test_the_page_shows_what_the_vignettes_give(
    bootstrapped: None, client: Client, django_assert_num_queries: Any
) -> None:
    html = client.get("/accuracy/").content.decode()
    figures = ReleaseReport.objects.get().figures["published_all"]
    top3 = figures["shares"]["condition_top3"]
    assert f"{top3['hits']} of {top3['of']} ({top3['percent']}%)" in html
    assert figures["cases"] == 185
    with django_assert_num_queries(0):
        response = client.get("/accuracy/")
    assert response.status_code == 200
    assert not response.cookies
    # Sources are journals and sites; no link leads to a private person's post.
    links = set(re.findall(r'href="(https?://[^"]+)"', html))
    assert links == {other["url"] for other in accuracy_others()}


def accuracy_others() -> tuple[dict[str, str], ...]:
    from assessment.accuracy_page import OTHERS

    return OTHERS


def test_the_figures_agree_with_the_commands_summary(bootstrapped: None) -> None:
    from assessment.vignettes import parse

    kb = releases.current().kb
    vignettes = [v for row in Vignette.objects.all() if (v := parse(kb, row.as_row())[0])]
    real = [v for v in vignettes if not accuracy.is_composed(v)]
    cases = evaluation.run(kb, real)
    figures, summary = accuracy.figures(cases), evaluation.summary(cases)
    for name in ("condition_top1", "condition_top3", "cause_top1", "under_triage", "over_triage"):
        share = figures["shares"][name]
        assert share["hits"] / share["of"] == pytest.approx(summary[name], abs=1e-4)
    counted = sum(sum(row["given"]) for row in figures["triage"])
    assert counted == sum(c.vignette.counts for c in cases)
    assert sum(row["of"] for row in figures["by_condition"]) == figures["shares"]["condition_top1"]["of"]


def test_a_release_that_was_not_measured_says_so(bootstrapped: None, client: Client) -> None:
    ReleaseReport.objects.all().delete()
    assert "not been measured yet" in client.get("/accuracy/").content.decode()
    call_command("measure_release", verbosity=0)
    assert ReleaseReport.objects.get().release == Release.objects.get()


def test_without_a_release_the_page_still_opens(db: None, client: Client) -> None:
    assert client.get("/accuracy/").status_code == 200
