"""The token of a walk: everything that a runner has said, encrypted, as a part of the page's address.

A token is one fixed width, so its length tells nothing:

    byte  0       format
    bytes 1-4     first bytes of the release's content hash       bytes 5-6    release number
    bytes 7-10    time of issue, minutes since 1970
    byte  11      flags (MORE, CHANGING, ENDED)
    byte  12      page to show (255: none)                        byte  13     which questions of that page
    bytes 14-15   which emergency answers the runner has seen the warning for
    bytes 16-47   trail: the pages before, oldest first (255: unused)
    bytes 48-167  one bit for each option and one for each skipped question, in the release's order

It is encrypted with AES-SIV (RFC 5297), which also authenticates it and needs no random nonce: the same state in the same
minute gives the same address. The key is derived from SECRET_KEY (HKDF, RFC 5869); older keys still open their tokens.
"""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from assessment import releases
from assessment.engine.answers import AnswerError, Answers
from assessment.engine.interview import Step
from assessment.engine.knowledge import KnowledgeBase
from assessment.engine.validate import CAPACITY

FORMAT = 1
NO_PAGE = 255
TRAIL = 32
WIDTH = 48 + CAPACITY // 8
TAG = 16
LENGTH = -(-(WIDTH + TAG) * 4 // 3)
"""Characters of every token."""
VALID_MINUTES = 90 * 24 * 60
"""How long an address can be used: 90 days."""
CLOCK_SKEW_MINUTES = 10
"""How far ahead another machine's clock may be."""
MORE, CHANGING, ENDED = 1, 2, 4


class TokenDamaged(ValueError):
    """Not a token of this site, or not whole."""


class TokenExpired(ValueError):
    """A real token, but older than 90 days."""


@dataclass(frozen=True)
class State:
    """Where a walk stands."""

    release: releases.Compiled
    answers: Answers = field(default_factory=Answers)
    page: str = ""
    """The page to show; empty when the walk is at its end."""
    shown: tuple[str, ...] = ()
    """The questions shown on that page."""
    more: bool = False
    """The runner asked for more questions than the interview needed."""
    changing: bool = False
    """The page is shown again to change an answer."""
    ended: bool = False
    """The interview came to its end once, so a change leads back to the result."""
    seen_emergency: int = 0
    """Digest of the emergency answers that the runner has seen the warning for; 0 for none."""
    trail: tuple[str, ...] = ()
    """The pages before this one, oldest first."""
    issued: int = 0
    """Minutes since 1970."""
    reread_from: int = 0
    """The withdrawn release under which the answers were given; 0 when it is still in use."""

    def at(self, step: Step | None) -> State:
        """This state, at that step; at the end when there is none."""
        if step is None:
            return replace(self, page="", shown=(), changing=False)
        return replace(self, page=step.page, shown=tuple(q.code for q in step.questions))


def now_minutes() -> int:
    """Minutes since 1970."""
    return int(time.time() // 60)


# --- keys -----------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def _cipher(secret: str) -> AESSIV:
    derived = HKDF(algorithm=hashes.SHA256(), length=64, salt=None, info=b"walk token 1").derive(
        secret.encode()
    )
    return AESSIV(derived)


def _secrets() -> Iterable[str]:
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


# --- pack and unpack ------------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def _layout(kb: KnowledgeBase) -> tuple[dict[tuple[str, str], int], tuple[str, ...]]:
    """((question, option or '' for skipped) -> bit, pages by number)."""
    bits: dict[tuple[str, str], int] = {}
    for question in kb.questions:
        for option in question.options:
            bits[question.code, option.code] = len(bits)
        bits[question.code, ""] = len(bits)
    return bits, tuple(kb.pages)


def encode(state: State) -> str:
    """The token for a state, LENGTH characters. Issued now unless the state says when."""
    kb = state.release.kb
    bits, pages = _layout(kb)
    numbers = {page: number for number, page in enumerate(pages)}
    body = bytearray(WIDTH)
    body[0] = FORMAT
    body[1:5] = state.release.mark
    body[5:7] = state.release.number.to_bytes(2, "big")
    body[7:11] = (state.issued or now_minutes()).to_bytes(4, "big")
    body[11] = MORE * state.more | CHANGING * state.changing | ENDED * state.ended
    body[12] = numbers[state.page] if state.page else NO_PAGE
    body[13] = _mask(kb, state)
    body[14:16] = state.seen_emergency.to_bytes(2, "big")
    trail = [numbers[page] for page in state.trail[-TRAIL:]]
    body[16 : 16 + TRAIL] = bytes(trail + [NO_PAGE] * (TRAIL - len(trail)))
    field = 0
    for code, options in state.answers.items:
        for option in options:
            field |= 1 << bits[code, option]
    for code in state.answers.skipped:
        field |= 1 << bits[code, ""]
    body[48:] = field.to_bytes(CAPACITY // 8, "little")
    sealed = _cipher(settings.SECRET_KEY).encrypt(bytes(body), None)
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode("ascii")


def _mask(kb: KnowledgeBase, state: State) -> int:
    """Which questions of the page are shown, as bits in the page's order."""
    if not state.page:
        return 0
    return sum(1 << i for i, q in enumerate(kb.pages[state.page]) if q.code in state.shown)


def decode(token: str) -> State:
    """The state that a token holds.

    Answers of a withdrawn release are read anew under the current one. Raises TokenDamaged, TokenExpired, or
    releases.ReleaseUnknown when nothing is published.
    """
    body = _open(token)
    issued = int.from_bytes(body[7:11], "big")
    age = now_minutes() - issued
    if age > VALID_MINUTES:
        raise TokenExpired
    if body[0] != FORMAT or age < -CLOCK_SKEW_MINUTES:
        raise TokenDamaged
    try:
        release = releases.get(int.from_bytes(body[5:7], "big"))
    except releases.ReleaseUnknown:
        raise TokenDamaged from None
    if release.mark != body[1:5]:
        raise TokenDamaged
    state = _state(release, body, issued)
    if releases.is_withdrawn(release.number):
        return _reread(state)
    return state


def _open(token: str) -> bytes:
    """The decrypted bytes. Raises TokenDamaged."""
    if len(token) != LENGTH:
        raise TokenDamaged
    try:
        sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise TokenDamaged from None
    # The last character has spare bits: only one spelling of each token is taken.
    if base64.urlsafe_b64encode(sealed).rstrip(b"=").decode("ascii") != token:
        raise TokenDamaged
    for secret in _secrets():
        try:
            return _cipher(secret).decrypt(sealed, None)
        except InvalidTag:
            continue
    raise TokenDamaged


def _state(release: releases.Compiled, body: bytes, issued: int) -> State:
    kb = release.kb
    _, pages = _layout(kb)
    field = int.from_bytes(body[48:], "little")
    given: list[tuple[str, tuple[str, ...]]] = []
    skipped = set()
    bit = 0
    for question in kb.questions:
        width = len(question.options) + 1
        mine = field >> bit & ((1 << width) - 1)
        bit += width
        if mine >> (width - 1):
            skipped.add(question.code)
        chosen = tuple(o.code for i, o in enumerate(question.options) if mine >> i & 1)
        if chosen:
            given.append((question.code, chosen))
    numbers = [n for n in body[16 : 16 + TRAIL] if n != NO_PAGE]
    if any(n >= len(pages) for n in numbers) or (body[12] != NO_PAGE and body[12] >= len(pages)):
        raise TokenDamaged
    page = "" if body[12] == NO_PAGE else pages[body[12]]
    return State(
        release=release,
        # What this site has encrypted was checked when it was posted, so it is not parsed again.
        answers=Answers(tuple(given), frozenset(skipped)),
        page=page,
        shown=tuple(q.code for i, q in enumerate(kb.pages[page]) if body[13] >> i & 1) if page else (),
        more=bool(body[11] & MORE),
        changing=bool(body[11] & CHANGING),
        ended=bool(body[11] & ENDED),
        seen_emergency=int.from_bytes(body[14:16], "big"),
        trail=tuple(pages[n] for n in numbers),
        issued=issued,
    )


def _reread(state: State) -> State:
    """The state under the current release: what it still asks is kept, the rest falls away."""
    release = releases.current()
    kb = release.kb
    kept = {
        code: chosen
        for code, options in state.answers.items
        if code in kb.by_code and (chosen := tuple(o for o in options if o in kb.by_code[code].option_codes))
    }
    try:
        answers = Answers.parse(kb, kept, state.answers.skipped, strict_none=False)
    except AnswerError:
        # A question that took several answers may take one now: it, and it alone, is asked again. The safety screen
        # always takes several (assessment/engine/validate.py), so no danger sign falls away here.
        kept = {c: o for c, o in kept.items() if len(o) == 1 or kb.by_code[c].kind == "many"}
        answers = Answers.parse(kb, kept, state.answers.skipped, strict_none=False)
    same_page = state.page in kb.pages
    shown = (
        tuple(q.code for q in kb.pages[state.page] if q.code in state.shown)
        if same_page and state.page
        else ()
    )
    return replace(
        state,
        release=release,
        answers=answers,
        page=state.page if shown else "",
        shown=shown,
        ended=state.ended and not (state.page and not shown),
        trail=tuple(page for page in state.trail if page in kb.pages),
        reread_from=state.release.number,
    )
