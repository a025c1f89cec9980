"""The proof over a knowledge base: what must hold for every possible set of answers, shown or refuted by machine.

Each check says what it proves and how: by trying every case, by an argument whose premises are checked, or by a witness.
What fails comes with a counterexample, as a vignette. See docs/proofs.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from .answers import NONE, AnswerError, Answers
from .attempts import follow, lead, scattered, stubborn, walk
from .knowledge import TIERS, Clause, KnowledgeBase, Pick, RedFlag, tier_rank
from .possible import Bits, Picks, chosen, every_option, judged, minimal_sets, picks_of, settled
from .scoring import ANY
from .triage import Triage, fired

CONTRACT: Mapping[str, str] = {
    "safety_body=chest_pain_breathless": "emergency",
    "safety_body=collapse_confusion": "emergency",
    "safety_body=very_hot_unwell": "emergency",
    "safety_body=overdrank_unwell": "emergency",
    "safety_body=dark_urine": "emergency",
    "safety_body=face_arm_speech": "emergency",
    "safety_leg=tense_severe": "emergency",
    "safety_leg=deformity": "emergency",
    "safety_leg=cold_pale_foot": "emergency",
    "safety_leg=saddle_bladder": "emergency",
    "safety_body=fever_unwell": "urgent",
    "safety_leg=one_calf_swollen": "urgent",
    "safety_leg=cannot_bear_weight": "urgent",
    "safety_leg=pop_gap": "urgent",
    "safety_leg=leg_weakness_new": "urgent",
    "safety_leg=hot_red_joint": "urgent",
    "safety_leg=spreading_red_skin": "urgent",
    "safety_leg=groin_pain_hop": "urgent",
    "safety_body=weight_loss_cancer": "soon",
    "safety_leg=night_pain_constant": "soon",
}
"""The questionnaire's public contract: each danger sign with the least advice that it must lead to by itself."""
SEEDS = 20
"""Walks with scattered answers, in each of the two ways to walk."""
MOST_SHOWN = 5
"""Counterexamples that a check keeps; it counts the others."""


@dataclass(frozen=True, slots=True)
class Story:
    """Answers with what should come of them: a witness, or a counterexample."""

    id: str
    summary: str
    answers: Mapping[str, tuple[str, ...]]
    tier: str
    """The advice that it should lead to, at the least."""
    conditions: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()

    def as_vignette(self) -> dict[str, Any]:
        """The story as run_vignettes takes it."""
        expect: dict[str, Any] = {"conditions": list(self.conditions), "causes": list(self.causes)}
        return {
            "id": self.id,
            "source": {"title": "verify_release"},
            "summary": self.summary,
            "answers": {code: list(options) for code, options in self.answers.items()},
            "expect": {**{k: v for k, v in expect.items() if v}, "tier": self.tier},
        }


@dataclass(slots=True)
class Check:
    """One thing proved or refuted."""

    name: str
    proves: str
    how: str
    failures: list[Story] = field(default_factory=list)
    """Counterexamples, the first few."""
    failed: int = 0
    """How many there are."""
    warnings: list[str] = field(default_factory=list)
    witnesses: list[Story] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """True when no counterexample was found."""
        return self.failed == 0

    def fail(self, story: Story) -> None:
        """Count a counterexample, and keep it when it is one of the first."""
        self.failed += 1
        if len(self.failures) < MOST_SHOWN:
            self.failures.append(story)


class Prover:
    """A knowledge base with what several checks need: the minimal sets of its rules, and what they come to."""

    def __init__(
        self,
        kb: KnowledgeBase,
        cases: Mapping[str, Answers] | None = None,
        contract: Mapping[str, str] = CONTRACT,
    ) -> None:
        self.kb, self.cases, self.contract = kb, dict(cases or {}), contract
        self.bits = Bits(kb)
        self.options = every_option(kb)
        self.sets: dict[str, list[Picks]] = {}
        self.capped: list[str] = []
        for flag in kb.red_flags:
            self.sets[flag.code], complete = minimal_sets(kb, flag.clauses)
            if not complete:
                self.capped.append(flag.code)
        self.count = sum(map(len, self.sets.values()))
        self.leads = [lead(kb, finding) for finding in (*kb.conditions, *kb.causes)]
        self.choosable: set[Pick] = set()
        self._judged: dict[Answers, Triage] = {}

    def prove(self) -> tuple[Check, ...]:
        """Every check, in the order of docs/proofs.md."""
        return (
            self.reachable(),
            self.ends(),
            self.rules_fire(),
            self.rules_apart(),
            *(self.floor(tier) for tier in reversed(TIERS[1:])),
            self.safety_screen(),
            self.safety_raises(),
            self.findings_first(),
            self.evidence_alive(),
        )

    def judge(self, answers: Answers) -> Triage:
        """The engine's triage, remembered."""
        if answers not in self._judged:
            self._judged[answers] = judged(self.kb, answers)
        return self._judged[answers]

    # --- the questions ------------------------------------------------------------------------------------

    def reachable(self) -> Check:
        """Every question is shown in some walk, and takes each of its options."""
        check = Check(
            "questions-reachable",
            "Every question is shown for some answers, and each of its options can be chosen.",
            f"exhaustive: {len(self.kb.questions)} questions, {len(self.options)} options",
        )
        shown: dict[Picks, frozenset[str]] = {}
        for question in self.kb.questions:
            opening, _ = minimal_sets(self.kb, question.visible_if)
            for picks in opening:
                if picks not in shown:
                    shown[picks] = walk(self.kb, follow(picks), more=True).shown
            opening = [picks for picks in opening if question.code in shown[picks]]
            for option in question.options:
                pick = Pick(question.code, option.code)
                if any(self._takes(picks | {pick}) for picks in opening):
                    self.choosable.add(pick)
                else:
                    what = f"{pick.question}={pick.option} can't be answered: " + (
                        "the form refuses or drops it" if opening else "no answers make the question visible"
                    )
                    check.fail(Story(f"unreachable-{pick.question}-{pick.option}", what, chosen([pick]), TIERS[0]))
        return check

    def _takes(self, picks: Picks) -> bool:
        try:
            return picks_of(Answers.parse(self.kb, chosen(picks))) == picks
        except AnswerError:
            return False

    def ends(self) -> Check:
        """Each step of a walk touches a question that was untouched, so a walk has no more steps than questions."""
        answerers = {**stubborn(), **{f"scattered {seed}": scattered(seed) for seed in range(1, SEEDS + 1)}}
        check = Check(
            "walk-ends",
            f"The walk always ends, after {len(self.kb.questions)} pages at the most.",
            "argued: each page holds a question that was neither answered nor left blank before, and none is opened "
            f"again, so the number of questions is a bound; checked at each step of {2 * len(answerers)} walks",
        )
        for more in (False, True):
            for name, choose in answerers.items():
                # A scattered answerer remembers its throws: a new one for each walk.
                seed = name.removeprefix("scattered ")
                tried = walk(self.kb, scattered(int(seed)) if seed.isdigit() else choose, more=more)
                if tried.fault:
                    what = f"A runner who {name}{' and answers more' if more else ''}: {tried.fault}"
                    check.fail(
                        Story(f"endless-{name.replace(' ', '-')}", what, tried.answers.as_dict(), TIERS[0])
                    )
        return check

    # --- the rules ----------------------------------------------------------------------------------------

    def _all_sets(self) -> str:
        """How far the minimal sets go, in words."""
        words = f"all {self.count} minimal sets of answers of {len(self.sets)} rules"
        return words + (f" (only the first of {', '.join(self.capped)})" if self.capped else "")

    def rules_fire(self) -> Check:
        """Each rule has a set of answers that the form takes and for which the engine fires it."""
        check = Check(
            "rules-fire",
            "Every red-flag rule can fire.",
            f"witnesses: {self._all_sets()}, each given to the engine",
        )
        for flag in self.kb.red_flags:
            if not self.sets[flag.code]:
                picks = [p for c in flag.clauses for p in c.picks[: c.at_least]]
                what = f"rule {flag.code} never fires: the form takes no answers that satisfy all its clauses"
                check.fail(Story(f"never-{flag.code}", what, chosen(picks), flag.tier))
            for place, picks in enumerate(self.sets[flag.code]):
                hits = {hit.code for hit in fired(self.kb, settled(self.kb, picks))}
                if flag.code not in hits or hits != set(self.bits.fired(self.bits.of(picks))):
                    what = f"the engine fires {', '.join(sorted(hits)) or 'nothing'}, unlike the rules as written"
                    check.fail(Story(f"differs-{flag.code}-{place}", what, chosen(picks), flag.tier))
                elif place == 0:
                    check.witnesses.append(
                        Story(f"fires-{flag.code}", flag.title, chosen(picks), flag.tier)
                    )
        return check

    def rules_apart(self) -> Check:
        """No rule says what another says already; a rule that others always cover is warned of."""
        check = Check(
            "rules-apart",
            "No red-flag rule is the same as another, and none is shadowed: for some answers it fires and no other rule "
            "of its tier or above that fires names all its conditions.",
            f"exhaustive over {self._all_sets()}; a shadowed rule that is not the same as another is a warning",
        )
        families = {code: frozenset(sets) for code, sets in self.sets.items() if sets}
        named = {flag.code: set(flag.conditions) for flag in self.kb.red_flags}
        for flag in self.kb.red_flags:
            if flag.code not in families:
                continue
            over = [
                other.code
                for other in self.kb.red_flags
                if other.code != flag.code and tier_rank(other.tier) >= tier_rank(flag.tier)
            ]
            same = [code for code in over if families.get(code) == families[flag.code]]
            if same:
                what = f"rule {flag.code} fires for the same answers as {', '.join(same)}, which is as urgent"
                check.fail(Story(f"same-{flag.code}", what, chosen(self.sets[flag.code][0]), flag.tier))
                continue
            over = [code for code in over if named[flag.code] <= named[code]]
            shadows: set[str] = set()
            for picks in self.sets[flag.code]:
                bits = self.bits.of(picks)
                by = next((code for code in over if self.bits.fires(code, bits)), None)
                if by is None:
                    break
                shadows.add(by)
            else:
                check.warnings.append(
                    f"rule {flag.code} ({flag.tier}) is shadowed: whenever it fires, so does one of "
                    f"{', '.join(sorted(shadows))}, as urgent or more and for the same conditions"
                )
        return check

    def floor(self, tier: str) -> Check:
        """No answers for which a rule of the tier fires lead to less than the tier."""
        flags = [flag for flag in self.kb.red_flags if flag.tier == tier]
        sets = sum(len(self.sets[flag.code]) for flag in flags)
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
            for picks in self.sets[flag.code]:
                lower = self._lowers(flag, picks)
                if lower is not None:
                    added = ", ".join(f"{p.question}={p.option}" for p in lower - picks) or "nothing"
                    end = self.judge(settled(self.kb, lower)).tier
                    what = f"rule {flag.code} fires; with {added} added the advice is {end}"
                    check.fail(Story(f"below-{tier}-{flag.code}", what, chosen(lower), tier))
                    break
        return check

    def _lowers(self, flag: RedFlag, picks: Picks) -> Picks | None:
        """A set of answers of the rule, alone or with one more, that ends below the rule's tier."""
        floor, bits, given = tier_rank(flag.tier), self.bits.of(picks), chosen(picks)
        if tier_rank(self.judge(settled(self.kb, picks)).tier) < floor:
            return picks
        for pick, bit in self.bits.bit.items():
            beside = given.get(pick.question, ())
            if beside and not self._adds(pick, beside):
                continue
            if NONE in beside or not self.bits.fires(flag.code, bits | bit):
                more = picks | {pick}
                if tier_rank(self.judge(settled(self.kb, more)).tier) < floor:
                    return more
        return None

    def _adds(self, pick: Pick, beside: tuple[str, ...]) -> bool:
        """False when the pick would change an answer, or is there already, or is a 'none' that would be dropped."""
        many = self.kb.by_code[pick.question].kind == "many"
        return many and pick.option != NONE and pick.option not in beside

    # --- the safety screen --------------------------------------------------------------------------------

    def _danger_signs(self) -> list[Pick]:
        safety = {q.code for q in self.kb.questions if q.stage == "safety"}
        return [p for p in self.options if p.question in safety and p.option != NONE]

    def _alone(self, pick: Pick) -> int:
        """Rank of the tier that the rules give to one answer by itself; -1 when none fires."""
        return max((tier_rank(hit.tier) for hit in fired(self.kb, settled(self.kb, [pick]))), default=-1)

    def safety_screen(self) -> Check:
        """Each danger sign fires a rule by itself, of the tier that the public contract promises."""
        check = Check(
            "safety-screen",
            "Each option of the safety screen gives by itself at least the tier that the questionnaire promises.",
            f"exhaustive: the {len(self.contract)} danger signs of the contract, and any others of the screen",
        )
        signs = {f"{p.question}={p.option}": p for p in self._danger_signs()}
        for name in dict.fromkeys((*self.contract, *signs)):
            tier = self.contract.get(name, TIERS[1])
            pick = Pick(*name.split("=", 1))
            rank = self._alone(pick) if name in signs else -1
            if rank < tier_rank(tier):
                what = f"{name} must lead to {tier}; the rules give it {TIERS[rank] if rank >= 0 else 'nothing'}"
                check.fail(Story(f"sign-{pick.option}", what, chosen([pick]), tier))
        return check

    def safety_raises(self) -> Check:
        """Adding a danger sign to any base never lowers the advice, scores included."""
        bases = {"nothing-answered": Answers(), **{f"case-{name}": case for name, case in self.cases.items()}}
        for each in self.leads:
            bases |= {f"for-{each.finding.slug}-{n}": a for n, a in enumerate(each.path, start=1)}
        for code, sets in self.sets.items():
            bases |= {f"rule-{code}-{n}": settled(self.kb, picks) for n, picks in enumerate(sets, start=1)}
        signs = {pick: self._alone(pick) for pick in self._danger_signs()}
        check = Check(
            "safety-raises",
            "Adding an answer of the safety screen never lowers the advice, whatever the scores asked for before.",
            f"argued for rules as above; exhaustive for scores: {len(signs)} danger signs, each added to {len(bases)} "
            f"bases (every minimal set, {len(self.cases)} vignettes, and what speaks for each finding, answer by answer)",
        )
        for name, base in bases.items():
            self._raises(check, name, base, signs)
        return check

    def _raises(self, check: Check, name: str, base: Answers, signs: Mapping[Pick, int]) -> None:
        before, picks = self.judge(base), picks_of(base)
        rank, bits = tier_rank(before.tier), self.bits.of(picks)
        holding = [hit.code for hit in before.flags if hit.tier == before.tier][:1]
        for pick, alone in signs.items():
            beside = base.get(pick.question)
            if alone >= rank or (beside and not self._adds(pick, beside)):
                continue
            if NONE not in beside and any(self.bits.fires(c, bits | self.bits.bit[pick]) for c in holding):
                continue
            after = settled(self.kb, picks | {pick})
            tier = self.judge(after).tier
            if tier_rank(tier) < rank:
                what = f"the advice is {before.tier}; with {pick.question}={pick.option} added it falls to {tier}"
                check.fail(Story(f"lowered-{name}-{pick.option}", what, after.as_dict(), before.tier))

    # --- the findings -------------------------------------------------------------------------------------

    def findings_first(self) -> Check:
        """Each condition and cause comes first for some answers."""
        check = Check(
            "findings-first",
            "Every condition and every cause can come first, a condition also before 'none of these'.",
            f"witnesses: one for each of {len(self.leads)} findings, scored by the engine",
        )
        for each in self.leads:
            slug, kind = each.finding.slug, each.finding.kind
            story = Story(
                f"first-{slug}",
                f"{kind} {slug} " + ("comes first" if each.first else "does not come first, even with these"),
                each.answers.as_dict(),
                self.judge(each.answers).tier,
                conditions=(slug,) if kind == "condition" else (),
                causes=(slug,) if kind == "cause" else (),
            )
            if each.first:
                check.witnesses.append(story)
            else:
                check.fail(story)
        return check

    def evidence_alive(self) -> Check:
        """Each evidence row can come to speak."""
        check = Check(
            "evidence-alive",
            "No evidence is dead: the answer of each row can be chosen, and its finding is there.",
            f"exhaustive: {len(self.kb.evidence)} rows",
        )
        own = {(e.finding, e.question, e.option) for e in self.kb.evidence}
        for e in self.kb.evidence:
            options = {p.option for p in self.choosable if p.question == e.question}
            if e.option == ANY:
                alive = any((e.finding, e.question, option) not in own for option in options)
            else:
                alive = e.option in options
            if not alive or e.finding not in self.kb.finding:
                what = f"the row {e.question}={e.option} for {e.finding} never speaks"
                answer = {e.question: (e.option,)}
                check.fail(Story(f"dead-{e.finding}-{e.question}-{e.option}", what, answer, TIERS[0]))
        return check


def prove(
    kb: KnowledgeBase, cases: Mapping[str, Answers] | None = None, contract: Mapping[str, str] = CONTRACT
) -> tuple[Check, ...]:
    """Every check of a knowledge base. `cases` are further answers to start from, such as the vignettes', by name."""
    return Prover(kb, cases, contract).prove()
