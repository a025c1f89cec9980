"""How well the current release does on described runners, as /accuracy/ shows it.

Computed once for each release (`measure`), stored, and kept in memory. Shares come with their 95% Wilson interval (Wilson,
J Am Stat Assoc 1927), since a few hundred vignettes leave wide ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from assessment import evaluation, releases
from assessment.engine.knowledge import TIERS
from assessment.models import Release, ReleaseReport
from assessment.models import Vignette as VignetteRow
from assessment.vignettes import Vignette, parse
from content.live import Live, refresh_all

BINS = 5
COMPOSED = "composed"
"""Vignettes whose source's title begins with this were written for the project, and are no real cases."""


def _share(hits: Sequence[bool]) -> dict[str, Any] | None:
    if not hits:
        return None
    low, high = evaluation.wilson(sum(hits), len(hits))
    return {
        "hits": sum(hits),
        "of": len(hits),
        "percent": round(100 * sum(hits) / len(hits)),
        "low": round(100 * low),
        "high": round(100 * high),
    }


def figures(cases: Sequence[evaluation.Case]) -> dict[str, Any]:
    """Everything that the page shows of some cases; counting rules as in `evaluation`."""
    conditions = [rank for c in cases if (rank := c.rank("condition")) is not None]
    causes = [rank for c in cases if (rank := c.rank("cause")) is not None]
    counting = [c for c in cases if c.vignette.counts]
    emergencies = [c for c in counting if set(c.vignette.tier_ok) == {"emergency"}]
    return {
        "cases": len(cases),
        "shares": {
            "condition_top1": _share([r == 1 for r in conditions]),
            "condition_top3": _share([r <= 3 for r in conditions]),
            "cause_top1": _share([r == 1 for r in causes]),
            "cause_top3": _share([r <= 3 for r in causes]),
            "tier_acceptable": _share([c.assessment.tier in c.vignette.tier_ok for c in counting]),
            "under_triage": _share([c.under for c in counting]),
            "over_triage": _share([c.over for c in cases]),
            "emergency_sensitivity": _share([c.assessment.tier == "emergency" for c in emergencies]),
        },
        "questions": evaluation.summary(cases)["questions_median"],
        "pages": evaluation.summary(cases)["pages_median"],
        "triage": _triage(counting),
        "calibration": _calibration(counting),
        "by_condition": _by_condition(counting),
    }


def _triage(cases: Sequence[evaluation.Case]) -> list[dict[str, Any]]:
    """Right tier (most urgent first) -> how many were given each tier."""
    counts = Counter((c.vignette.tier, c.assessment.tier) for c in cases)
    tiers = TIERS[::-1]
    return [{"right": right, "given": [counts[right, given] for given in tiers]} for right in tiers]


def _calibration(cases: Sequence[evaluation.Case]) -> list[dict[str, Any]]:
    """The first condition's probability in bins -> how often it was right."""
    bins: list[list[bool]] = [[] for _ in range(BINS)]
    sums = [0.0] * BINS
    for case in cases:
        if case.vignette.conditions:
            first = case.assessment.conditions[0]
            index = min(BINS - 1, int(first.probability * BINS))
            bins[index].append(first.finding.slug in case.vignette.conditions)
            sums[index] += first.probability
    return [
        {"said": round(100 * sums[i] / len(hits)), "right": _share(hits)}
        for i, hits in enumerate(bins)
        if hits
    ]


def _by_condition(cases: Sequence[evaluation.Case]) -> list[dict[str, Any]]:
    """Expected condition -> cases, first places and top threes; the most frequent first."""
    ranks: dict[str, list[int]] = {}
    for case in cases:
        rank = case.rank("condition")
        if rank is not None:
            ranks.setdefault(case.vignette.conditions[0], []).append(rank)
    rows = [
        {"slug": slug, "of": len(r), "top1": sum(x == 1 for x in r), "top3": sum(x <= 3 for x in r)}
        for slug, r in ranks.items()
    ]
    return sorted(rows, key=lambda row: (-row["of"], row["slug"]))


def measure(release: Release) -> ReleaseReport:
    """Compute and store the report of a release on the vignettes in the database.

    Vignettes that do not fit the release's questionnaire are left out, and counted as such.
    """
    kb = releases.get(release.number).kb
    parsed = [parse(kb, row.as_row()) for row in VignetteRow.objects.all()]
    vignettes = [vignette for vignette, _ in parsed if vignette]
    real = [v for v in vignettes if not is_composed(v)]
    composed = [v for v in vignettes if is_composed(v)]
    made: dict[str, Any] = {"left_out": len(parsed) - len(vignettes), "sources": _sources(real)}
    for name, group in (("published", real), (COMPOSED, composed)):
        for mode in evaluation.MODES:
            made[f"{name}_{mode}"] = figures(evaluation.run(kb, group, mode)) if group else None
    report, _ = ReleaseReport.objects.update_or_create(release=release, defaults={"figures": made})
    refresh_all()
    return report


def is_composed(vignette: Vignette) -> bool:
    """True when the vignette was written for the project and is no real case."""
    return str(vignette.source.get("title", "")).lower().startswith(COMPOSED)


def _sources(vignettes: Sequence[Vignette]) -> int:
    """How many different published accounts there are."""
    return len({(v.source.get("title"), v.source.get("where")) for v in vignettes})


# --- in memory ----------------------------------------------------------------------------------------


def _stamp() -> Any:
    return ReleaseReport.objects.order_by("release__number").values_list("release__number", "made_at").last()


def _build() -> dict[int, dict[str, Any]]:
    return dict(ReleaseReport.objects.values_list("release__number", "figures"))


_reports: Live[dict[int, dict[str, Any]]] = Live("accuracy", stamp=_stamp, build=_build)


def report() -> dict[str, Any] | None:
    """The figures of the current release; None when it was not measured. Raises ReleaseUnknown without a release."""
    return _reports.get().get(releases.current().number)
