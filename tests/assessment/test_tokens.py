"""Tokens round-trip, are one width, and open with nothing but the site's keys."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessment import releases, tokens, walk
from assessment.engine.answers import Answers
from assessment.engine.knowledge import KnowledgeBase
from assessment.tokens import State, TokenDamaged, decode, encode

pytestmark = pytest.mark.django_db
SHARED = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)


def some_answers(kb: KnowledgeBase, draw: Any) -> Answers:
    """Any answers that the questionnaire allows, and any questions skipped."""
    chosen: dict[str, list[str]] = {}
    for question in kb.questions:
        options = [o.code for o in question.options if o.code != "none" or question.kind == "one"]
        most = 1 if question.kind == "one" else 3
        picked = draw(st.lists(st.sampled_from(options), max_size=most, unique=True))
        if picked:
            chosen[question.code] = picked
    skipped = draw(st.sets(st.sampled_from([q.code for q in kb.questions])))
    return Answers.parse(kb, chosen, skipped)


@SHARED
@given(data=st.data())
def test_every_state_comes_back_as_it_went_in(kb: KnowledgeBase, data: st.DataObject) -> None:
    pages = list(kb.pages)
    page = data.draw(st.sampled_from(["", *pages]))
    state = State(
        release=releases.current(),
        answers=some_answers(kb, data.draw),
        page=page,
        shown=tuple(q.code for q in kb.pages[page]) if page else (),
        more=data.draw(st.booleans()),
        changing=data.draw(st.booleans()),
        ended=data.draw(st.booleans()),
        seen_emergency=data.draw(st.integers(0, 0xFFFF)),
        trail=tuple(data.draw(st.lists(st.sampled_from(pages), max_size=tokens.TRAIL))),
        issued=tokens.now_minutes(),
    )
    token = encode(state)
    assert len(token) == tokens.LENGTH
    assert decode(token) == state


def test_a_trail_that_is_too_long_loses_its_oldest_pages(kb: KnowledgeBase) -> None:
    pages = [*kb.pages] * 5
    state = State(release=releases.current(), trail=tuple(pages))
    assert decode(encode(state)).trail == tuple(pages[-tokens.TRAIL :])


@SHARED
@given(text=st.text(max_size=300))
def test_no_text_but_a_token_is_read(kb: KnowledgeBase, text: str) -> None:
    with pytest.raises(TokenDamaged):
        decode(text)


def test_a_token_has_one_spelling(kb: KnowledgeBase) -> None:
    token = encode(walk.start())
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for last in alphabet:
        if last != token[-1]:
            with pytest.raises(TokenDamaged):
                decode(token[:-1] + last)
    with pytest.raises(TokenDamaged):
        decode(token + "=")


def test_another_sites_token_is_not_read(kb: KnowledgeBase, settings: Any) -> None:
    token = encode(walk.start())
    settings.SECRET_KEY = "another site's key, which must not open this token 42"
    with pytest.raises(TokenDamaged):
        decode(token)


def test_an_old_key_still_opens_its_tokens(kb: KnowledgeBase, settings: Any) -> None:
    state = walk.start()
    token = encode(state)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the new key of this site, longer than forty characters 1"
    assert decode(token).page == state.page
    assert encode(state) != token


def test_a_token_from_the_future_is_refused(kb: KnowledgeBase) -> None:
    from dataclasses import replace

    now = tokens.now_minutes()
    soon = replace(walk.start(), issued=now + tokens.CLOCK_SKEW_MINUTES)
    assert decode(encode(soon)).issued == soon.issued
    with pytest.raises(TokenDamaged):
        decode(encode(replace(soon, issued=now + 60 * 24)))


def test_a_token_of_a_release_that_this_site_never_had_is_refused(kb: KnowledgeBase) -> None:
    from dataclasses import replace

    current = releases.current()
    other = replace(current, number=77)
    with pytest.raises(TokenDamaged):
        decode(encode(State(release=other)))
    with pytest.raises(TokenDamaged):
        decode(encode(State(release=replace(current, sha256="0" * 64))))


def test_the_capacity_leaves_room(kb: KnowledgeBase) -> None:
    used = sum(len(q.options) + 1 for q in kb.questions)
    assert used <= tokens.CAPACITY / 2, "the questionnaire may double before the format must change"
