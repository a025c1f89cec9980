"""What the checks of proof.py share: stories, verdicts, and the knowledge base with its rules' minimal sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .answers import Answers
from .attempts import lead
from .knowledge import KnowledgeBase
from .possible import Bits, Picks, every_option, judged, minimal_sets
from .triage import Triage

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


class Ground:
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
        self._judged: dict[Answers, Triage] = {}

    def judge(self, answers: Answers) -> Triage:
        """The engine's triage, remembered."""
        if answers not in self._judged:
            self._judged[answers] = judged(self.kb, answers)
        return self._judged[answers]

    def all_sets(self) -> str:
        """How far the minimal sets go, in words."""
        words = f"all {self.count} minimal sets of answers of {len(self.sets)} rules"
        return words + (f" (only the first of {', '.join(self.capped)})" if self.capped else "")
