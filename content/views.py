"""The public pages of the articles, and the preview of drafts. Public pages ask the database nothing once warm."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from content import search as searching
from content.library import ArticlePage, library, preview
from content.loading import everything
from content.models import KINDS

TEMPLATES = {
    "causes": "content/cause.html",
    "conditions": "content/condition.html",
    "tips": "content/tip.html",
    "faq": "content/faq.html",
}


def _detail(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """The page of a published article. Raises Http404 for any other."""
    page = getattr(library(), kind).get(slug)
    if page is None:
        raise Http404(f"no published article {kind}/{slug}")
    return render(request, TEMPLATES[kind], _context(page))


def _context(page: ArticlePage) -> dict[str, Any]:
    if page.kind == "faq":
        return {"articles": (page,), "kind": page.kind}
    return {"article": page, "kind": page.kind}


@require_safe
def cause_list(request: HttpRequest) -> HttpResponse:
    """All causes, in the order of the popular article."""
    return render(request, "content/cause_list.html", {"articles": tuple(library().causes.values())})


@require_safe
def cause(request: HttpRequest, slug: str) -> HttpResponse:
    """One cause."""
    return _detail(request, "causes", slug)


@require_safe
def condition_list(request: HttpRequest) -> HttpResponse:
    """All conditions, by region."""
    return render(request, "content/condition_list.html", {"regions": library().regions()})


@require_safe
def condition(request: HttpRequest, slug: str) -> HttpResponse:
    """One condition."""
    return _detail(request, "conditions", slug)


@require_safe
def tip_list(request: HttpRequest) -> HttpResponse:
    """All tips: by when they are for, and those of the popular article."""
    tips = tuple(library().tips.values())
    context = {
        "phases": library().phases(),
        "from_article": tuple(tip for tip in tips if tip.from_article),
        "articles": tips,
    }
    return render(request, "content/tip_list.html", context)


@require_safe
def tip(request: HttpRequest, slug: str) -> HttpResponse:
    """One tip."""
    return _detail(request, "tips", slug)


@require_safe
def faq(request: HttpRequest) -> HttpResponse:
    """All questions with their answers."""
    return render(request, "content/faq.html", {"articles": tuple(library().faq.values()), "kind": "faq"})


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What matches ?q=."""
    q = searching.tidy(request.GET.get("q", ""))
    too_short = 0 < len(q) < searching.MIN_QUERY
    results = library().index.search(q) if q and not too_short else ()
    context = {"q": q, "results": results, "too_short": too_short, "count": len(results)}
    return render(request, "content/search.html", context)


@require_safe
def article_preview(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """An article in any state as readers would see it, for those who may change it; others learn nothing of it."""
    model = KINDS.get(kind)
    user = request.user
    if not user.is_authenticated:
        query = urlencode({"next": request.get_full_path()})
        response: HttpResponse = HttpResponseRedirect(f"{reverse('admin:login')}?{query}")
    elif model is None or not user.is_staff or not user.has_perm(f"content.change_{model._meta.model_name}"):
        raise Http404("no such page")
    else:
        row = everything(model).select_related("reviewed_by").filter(slug=slug).first()
        if row is None:
            raise Http404("no such page")
        response = render(request, TEMPLATES[kind], {**_context(preview(row)), "preview": True})
    add_never_cache_headers(response)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
