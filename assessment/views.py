"""The walk's pages. Thin: a token becomes a state, a state becomes a page, a post becomes the next token."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from assessment import help_list, releases, steps, tokens, walk
from assessment.engine.answers import AnswerError
from assessment.result import result as result_context
from assessment.tokens import State, TokenDamaged, TokenExpired, encode

PREFILLED = ("site", "side")
"""What a link or a form may answer before the walk begins."""

View = Callable[..., HttpResponse]


class SeeOther(HttpResponseRedirect):
    """303: go on with GET, whatever the method was."""

    status_code = 303


def _page(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The whole page, or for HTMX its main part only."""
    partial = bool(request.htmx) and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    template = f"assessment/{'_' if partial else ''}{name}.html"
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ("HX-Request",))
    return response


def _gone(request: HttpRequest, reason: str, status: int) -> HttpResponse:
    """The page for an address that can't be read; says so, keeps nothing, offers a fresh start."""
    heading, words = {
        "damaged": (
            "We can't read this address",
            "It is not complete, or it is not one of ours. Copy the whole address, or start again.",
        ),
        "expired": (
            "This address is too old",
            "Addresses of an assessment work for 90 days. Nothing of it was kept. Please start again.",
        ),
        "closed": (
            "The assessment is not open yet",
            "No release of the questions has been published. Please come back a little later.",
        ),
    }[reason]
    context = {"heading": heading, "words": words, "reason": reason}
    return render(request, "assessment/gone.html", context, status=status)


def _walks(view: View) -> View:
    """Give the view the state instead of the token; answer what is wrong with a token."""

    @wraps(view)
    def wrapped(request: HttpRequest, token: str, **more: Any) -> HttpResponse:
        try:
            state = tokens.decode(token)
        except TokenDamaged:
            return _gone(request, "damaged", 404)
        except TokenExpired:
            return _gone(request, "expired", 410)
        except releases.ReleaseUnknown:
            return _gone(request, "closed", 503)
        return view(request, state, token, **more)

    return csrf_exempt(wrapped)


def _address(state: State) -> str:
    """The address where a state is shown: the step, the interrupt, or at the end the result."""
    name = "assessment_step"
    if not state.page and not walk.must_interrupt(state, walk.emergencies(state)):
        name = "assessment_result"
    return reverse(name, kwargs={"token": encode(state)})


def _posted(data: QueryDict, state: State) -> dict[str, list[str]]:
    return {code: data.getlist(code) for code in state.shown}


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """What the assessment is; posting begins one, perhaps with where it hurts."""
    if request.method != "POST":
        return render(request, "assessment/start.html")
    given = {code: request.POST.getlist(code) for code in PREFILLED if code in request.POST}
    try:
        return SeeOther(_address(walk.start(given)))
    except AnswerError:
        context = {"error": "That place is not on our list. Start here, and choose it on the way."}
        return render(request, "assessment/start.html", context, status=422)
    except releases.ReleaseUnknown:
        return _gone(request, "closed", 503)


@require_http_methods(["GET", "HEAD", "POST"])
@_walks
def step(request: HttpRequest, state: State, token: str) -> HttpResponse:
    """One page of questions. GET shows it; POST redirects to the next."""
    if request.method == "POST":
        return _post(request, state, token)
    hits = walk.emergencies(state)
    if not state.changing and walk.must_interrupt(state, hits):
        return _page(request, "emergency", {"emergency": steps.emergency(state, token, hits)})
    if not state.page:
        return HttpResponseRedirect(_address(state if state.ended else walk.resume(state)))
    return _page(request, "step", {"step": steps.step(state, token)})


def _post(request: HttpRequest, state: State, token: str) -> HttpResponse:
    if not state.page:
        return SeeOther(_address(state))
    if "skip" in request.POST:
        return SeeOther(_address(walk.skip(state)))
    posted = _posted(request.POST, state)
    try:
        return SeeOther(_address(walk.answer(state, posted)))
    except walk.FormErrors as found:
        context = {"step": steps.step(state, token, posted=posted, errors=found.errors)}
        return _page(request, "step", context, status=422)


@require_safe
@_walks
def result(request: HttpRequest, state: State, token: str) -> HttpResponse:
    """What the answers so far come to."""
    return _page(request, "result", {"result": result_context(state, token)})


@require_safe
@_walks
def review(request: HttpRequest, state: State, token: str) -> HttpResponse:
    """The answers so far, each with a way to change it."""
    return _page(request, "review", {"review": steps.review(state, token)})


@require_safe
@_walks
def change(request: HttpRequest, state: State, token: str, code: str) -> HttpResponse:
    """To the page where one answer can be changed; the others stay."""
    if code not in state.release.kb.by_code:
        return _gone(request, "damaged", 404)
    return HttpResponseRedirect(_step_address(walk.change(state, code)))


def _step_address(state: State) -> str:
    return reverse("assessment_step", kwargs={"token": encode(state)})


@require_safe
@_walks
def back(request: HttpRequest, state: State, token: str) -> HttpResponse:
    """To the page before."""
    return HttpResponseRedirect(_step_address(walk.back(state)))


@require_safe
@_walks
def resume(request: HttpRequest, state: State, token: str) -> HttpResponse:
    """To where the interview stands."""
    return HttpResponseRedirect(_address(walk.resume(state)))


@require_safe
@_walks
def more(request: HttpRequest, state: State, token: str) -> HttpResponse:
    """Beyond the interview's own end: every question that was not asked."""
    return HttpResponseRedirect(_address(walk.more(state)))


@require_safe
@_walks
def go_on(request: HttpRequest, state: State, token: str) -> HttpResponse:
    """On with the questions, after the emergency page was read."""
    return HttpResponseRedirect(_address(walk.acknowledge(state)))


# --- pages beside the walk ------------------------------------------------------------------------------


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The front page."""
    return render(request, "home.html", {"causes": help_list.causes()})


@require_safe
def get_help(request: HttpRequest) -> HttpResponse:
    """Every danger sign and what to do about it, without answering anything."""
    return render(request, "get_help.html", help_list.danger_signs())


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Who makes this, for whom, and what it is not."""
    return render(request, "about.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What happens to what a runner answers."""
    return render(request, "privacy.html")


@require_safe
def how_it_works(request: HttpRequest) -> HttpResponse:
    """How answers become advice, in plain words, with the counts of the current release."""
    return render(request, "how_it_works.html", help_list.figures())
