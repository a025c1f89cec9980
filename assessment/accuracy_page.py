"""The page /accuracy/: the current release's figures, beside those that others have published."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from assessment import accuracy, releases
from assessment.advice import ADVICE
from assessment.engine.knowledge import TIERS

WORDS = {
    "condition_top1": "The right condition comes first",
    "condition_top3": "The right condition is among the first three",
    "cause_top1": "The cause that the account blames comes first",
    "cause_top3": "A cause that the account blames is among the first three",
    "tier_acceptable": "The advice is acceptable",
    "under_triage": "The advice is not urgent enough",
    "over_triage": "The advice is more urgent than needed",
    "emergency_sensitivity": "An emergency is recognised",
}

OTHERS = (
    {
        "who": "23 symptom checkers, 45 vignettes",
        "top1": "34%",
        "top3": "51%",
        "triage": "57%",
        "source": "Semigran HL, Linder JA, Gidengil C, Mehrotra A. Evaluation of symptom checkers for self diagnosis and "
        "triage: audit study. BMJ 2015.",
        "url": "https://doi.org/10.1136/bmj.h3480",
    },
    {
        "who": "36 symptom checkers in Australia, 48 vignettes",
        "top1": "36%",
        "top3": "52%",
        "triage": "49%",
        "source": "Hill MG, Sim M, Mills B. The quality of diagnosis and triage advice provided by free online symptom "
        "checkers and apps in Australia. Med J Aust 2020.",
        "url": "https://www.mja.com.au/journal/2020/212/11/"
        "quality-diagnosis-and-triage-advice-provided-free-online-symptom-checkers-and",
    },
    {
        "who": "The best of 8 apps, 200 vignettes",
        "top1": "",
        "top3": "71%",
        "triage": "",
        "source": "Gilbert S, Mehl A, Baluch A, et al. How accurate are digital symptom assessment apps for suggesting "
        "conditions and urgency advice? BMJ Open 2020.",
        "url": "https://doi.org/10.1136/bmjopen-2020-040269",
    },
    {
        "who": "7 general practitioners, the same 200 vignettes",
        "top1": "",
        "top3": "82%",
        "triage": "",
        "source": "Gilbert S, Mehl A, Baluch A, et al. BMJ Open 2020, as above.",
        "url": "https://doi.org/10.1136/bmjopen-2020-040269",
    },
)
"""Published figures for tools and people that answer about the whole of medicine, which is harder than one subject."""


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """How well the current release does on described runners, and what that does not prove."""
    try:
        release = releases.current()
    except releases.ReleaseUnknown:
        return render(request, "accuracy.html", {"release": None, "others": OTHERS})
    found = accuracy.report()
    context: dict[str, Any] = {
        "release": {"number": release.number, "date": release.published_at},
        "others": OTHERS,
        "measured": found is not None,
    }
    if found:
        context |= {
            "sources": found["sources"],
            "published": _group(found["published_all"]),
            "walk": _group(found["published_walk"]),
            "composed": _group(found["composed_all"]),
            "tiers": [ADVICE[tier].label for tier in TIERS[::-1]],
            "triage": [
                {"label": ADVICE[row["right"]].label, "cells": _cells(i, row["given"])}
                for i, row in enumerate((found["published_all"] or {}).get("triage", []))
            ],
            "calibration": _plot((found["published_all"] or {}).get("calibration", [])),
            "by_condition": [
                {
                    **row,
                    "title": release.kb.finding[row["slug"]].title,
                    "url": reverse("condition", args=[row["slug"]]),
                }
                for row in (found["published_all"] or {}).get("by_condition", [])
            ],
        }
    return render(request, "accuracy.html", context)


def _group(figures: dict[str, Any] | None) -> dict[str, Any] | None:
    """The shares as rows in words; None for an empty group."""
    if not figures:
        return None
    rows = [{"words": WORDS[name], **share} for name, share in figures["shares"].items() if share]
    return {
        "cases": figures["cases"],
        "rows": rows,
        "questions": figures["questions"],
        "pages": figures["pages"],
    }


def _cells(row: int, given: list[int]) -> list[dict[str, Any]]:
    """Counts of one row of the triage table; less urgent than right lies to the right of the diagonal."""
    return [
        {"count": count, "kind": "right" if i == row else "under" if i > row else "over"}
        for i, count in enumerate(given)
    ]


def _plot(bins: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The calibration bins as points of a plot of 100 by 100 units whose y axis points down."""
    return [
        {
            **row,
            "x": row["said"],
            "y": 100 - row["right"]["percent"],
            "top": 100 - row["right"]["high"],
            "bottom": 100 - row["right"]["low"],
        }
        for row in bins
    ]
