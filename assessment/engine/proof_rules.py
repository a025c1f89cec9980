"""Checks of the rules: they fire, they differ, they hold against every further answer. Part of proof.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from .answers import NONE, Answers
from .knowledge import TIERS, Clause, Pick, RedFlag, tier_rank
from .possible import Picks, chosen, picks_of, settled
from .proof_parts import Check, Ground, Story
from .triage import fired


def rules_fire(ground: Ground) -> Check:
    """Each rule has a set of answers that the form takes and for which the engine fires it."""
    check = Check(
        "rules-fire",
        "Every red-flag rule can fire.",
        f"witnesses: {ground.all_sets()}, each given to the engine",
    )
    for flag in ground.kb.red_flags:
        if not ground.sets[flag.code]:
            asked = [p for c in flag.clauses for p in c.picks[: c.at_least]]
            what = f"rule {flag.code} never fires: the form takes no answers that satisfy all its clauses"
            check.fail(Story(f"never-{flag.code}", what, chosen(asked), flag.tier))
        for place, picks in enumerate(ground.sets[flag.code]):
            hits = {hit.code for hit in fired(ground.kb, settled(ground.kb, picks))}
            if flag.code not in hits or hits != set(ground.bits.fired(ground.bits.of(picks))):
                what = f"the engine fires {', '.join(sorted(hits)) or 'nothing'}, unlike the rules as written"
                check.fail(Story(f"differs-{flag.code}-{place}", what, chosen(picks), flag.tier))
            elif place == 0:
                check.witnesses.append(Story(f"fires-{flag.code}", flag.title, chosen(picks), flag.tier))
    return check


def rules_apart(ground: Ground) -> Check:
    """No rule says what another says already; a rule that others always cover is warned of."""
    check = Check(
        "rules-apart",
        "No red-flag rule is the same as another, and none is shadowed: for some answers it fires and no other rule "
        "of its tier or above that fires names all its conditions.",
        f"exhaustive over {ground.all_sets()}; a shadowed rule that is not the same as another is a warning",
    )
    families = {code: frozenset(sets) for code, sets in ground.sets.items() if sets}
    named = {flag.code: set(flag.conditions) for flag in ground.kb.red_flags}
    for flag in ground.kb.red_flags:
        if flag.code not in families:
            continue
        over = [
            other.code
            for other in ground.kb.red_flags
            if other.code != flag.code and tier_rank(other.tier) >= tier_rank(flag.tier)
        ]
        same = [code for code in over if families.get(code) == families[flag.code]]
        if same:
            what = f"rule {flag.code} fires for the same answers as {', '.join(same)}, which is as urgent"
            check.fail(Story(f"same-{flag.code}", what, chosen(ground.sets[flag.code][0]), flag.tier))
            continue
        over = [code for code in over if named[flag.code] <= named[code]]
        shadows: set[str] = set()
        for picks in ground.sets[flag.code]:
            bits = ground.bits.of(picks)
            by = next((code for code in over if ground.bits.fires(code, bits)), None)
            if by is None:
                break
            shadows.add(by)
        else:
            check.warnings.append(
                f"rule {flag.code} ({flag.tier}) is shadowed: whenever it fires, so does one of "
                f"{', '.join(sorted(shadows))}, as urgent or more and for the same conditions"
            )
    return check


def floor(ground: Ground, tier: str) -> Check:
    """No answers for which a rule of the tier fires lead to less than the tier."""
    flags = [flag for flag in ground.kb.red_flags if flag.tier == tier]
    sets = sum(len(ground.sets[flag.code]) for flag in flags)
    check = Check(
        f"floor-{tier}",
        f"No set of answers in which a rule of tier '{tier}' fires ends below '{tier}'.",
        "argued: the tier is the most urgent of what fires and what scores ask for, and a rule that fires goes on "
        "firing when answers are added, as clauses only count answers that are there; checked with scores on "
        f"{sets} minimal sets, and on each of them with each other answer added",
    )
    if {f.name for f in fields(Clause)} != {"picks", "at_least"}:
        check.fail(Story("clauses", "clauses hold more than answers to count: argue anew", {}, tier))
    for flag in flags:
        for picks in ground.sets[flag.code]:
            lower = _lowers(ground, flag, picks)
            if lower is not None:
                added = ", ".join(f"{p.question}={p.option}" for p in lower - picks) or "nothing"
                end = ground.judge(settled(ground.kb, lower)).tier
                what = f"rule {flag.code} fires; with {added} added the advice is {end}"
                check.fail(Story(f"below-{tier}-{flag.code}", what, chosen(lower), tier))
                break
    return check


def _lowers(ground: Ground, flag: RedFlag, picks: Picks) -> Picks | None:
    """A set of answers of the rule, alone or with one more, that ends below the rule's tier."""
    floor, bits, given = tier_rank(flag.tier), ground.bits.of(picks), chosen(picks)
    if tier_rank(ground.judge(settled(ground.kb, picks)).tier) < floor:
        return picks
    for pick, bit in ground.bits.bit.items():
        beside = given.get(pick.question, ())
        if beside and not _adds(ground, pick, beside):
            continue
        if NONE in beside or not ground.bits.fires(flag.code, bits | bit):
            more = picks | {pick}
            if tier_rank(ground.judge(settled(ground.kb, more)).tier) < floor:
                return more
    return None


def _adds(ground: Ground, pick: Pick, beside: tuple[str, ...]) -> bool:
    """False when the pick would change an answer, or is there already, or is a 'none' that would be dropped."""
    many = ground.kb.by_code[pick.question].kind == "many"
    return many and pick.option != NONE and pick.option not in beside


def _danger_signs(ground: Ground) -> list[Pick]:
    safety = {q.code for q in ground.kb.questions if q.stage == "safety"}
    return [p for p in ground.options if p.question in safety and p.option != NONE]


def _alone(ground: Ground, pick: Pick) -> int:
    """Rank of the tier that the rules give to one answer by itself; -1 when none fires."""
    return max((tier_rank(hit.tier) for hit in fired(ground.kb, settled(ground.kb, [pick]))), default=-1)


def safety_screen(ground: Ground) -> Check:
    """Each danger sign fires a rule by itself, of the tier that the public contract promises."""
    check = Check(
        "safety-screen",
        "Each option of the safety screen gives by itself at least the tier that the questionnaire promises.",
        f"exhaustive: the {len(ground.contract)} danger signs of the contract, and any others of the screen",
    )
    signs = {f"{p.question}={p.option}": p for p in _danger_signs(ground)}
    for name in dict.fromkeys((*ground.contract, *signs)):
        tier = ground.contract.get(name, TIERS[1])
        pick = Pick(*name.split("=", 1))
        rank = _alone(ground, pick) if name in signs else -1
        if rank < tier_rank(tier):
            what = f"{name} must lead to {tier}; the rules give it {TIERS[rank] if rank >= 0 else 'nothing'}"
            check.fail(Story(f"sign-{pick.option}", what, chosen([pick]), tier))
    return check


def safety_raises(ground: Ground) -> Check:
    """Adding a danger sign to any base never lowers the advice, scores included."""
    bases = {"nothing-answered": Answers(), **{f"case-{name}": case for name, case in ground.cases.items()}}
    for each in ground.leads:
        bases |= {f"for-{each.finding.slug}-{n}": a for n, a in enumerate(each.path, start=1)}
    for code, sets in ground.sets.items():
        bases |= {f"rule-{code}-{n}": settled(ground.kb, picks) for n, picks in enumerate(sets, start=1)}
    signs = {pick: _alone(ground, pick) for pick in _danger_signs(ground)}
    check = Check(
        "safety-raises",
        "Adding an answer of the safety screen never lowers the advice, whatever the scores asked for before.",
        f"argued for rules as above; exhaustive for scores: {len(signs)} danger signs, each added to {len(bases)} "
        f"bases (every minimal set, {len(ground.cases)} vignettes, and what speaks for each finding, answer by answer)",
    )
    for name, base in bases.items():
        _raises(ground, check, name, base, signs)
    return check


def _raises(ground: Ground, check: Check, name: str, base: Answers, signs: Mapping[Pick, int]) -> None:
    before, picks = ground.judge(base), picks_of(base)
    rank, bits = tier_rank(before.tier), ground.bits.of(picks)
    holding = [hit.code for hit in before.flags if hit.tier == before.tier][:1]
    for pick, alone in signs.items():
        beside = base.get(pick.question)
        if alone >= rank or (beside and not _adds(ground, pick, beside)):
            continue
        if NONE not in beside and any(ground.bits.fires(c, bits | ground.bits.bit[pick]) for c in holding):
            continue
        after = settled(ground.kb, picks | {pick})
        tier = ground.judge(after).tier
        if tier_rank(tier) < rank:
            what = f"the advice is {before.tier}; with {pick.question}={pick.option} added it falls to {tier}"
            check.fail(Story(f"lowered-{name}-{pick.option}", what, after.as_dict(), before.tier))
