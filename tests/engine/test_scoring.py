"""Scoring: tables of examples, and what must hold for any answers."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment import compiler, shipped
from assessment.engine import scoring
from assessment.engine.answers import Answers
from assessment.engine.explain import assess
from assessment.engine.knowledge import KnowledgeBase
from assessment.engine.scoring import cause_probabilities, condition_weights, rate, score, supports

KB = KnowledgeBase.from_snapshot(compiler.compile_snapshot(shipped.read()))
CLEAR = {"safety_body": ["none"], "safety_leg": ["none"]}

# (what the runner tells, beside a clear safety screen; what it is; where that must come)
STORIES = [
    ("thigh_front both after_run days_1_3 peaks_day_after", "delayed-onset-muscle-soreness", 1),
    ("calf cramp sudden comes_and_goes rest_minutes", "muscle-cramp", 1),
    ("shin_inner both over_weeks line doubled", "medial-tibial-stress-syndrome", 1),
    ("shin_inner one over_weeks pinpoint worsening at_night", "tibial-stress-fracture", 1),
    ("heel_bottom morning_first_steps", "plantar-fasciitis", 1),
    ("achilles morning_first_steps start_then_eases", "achilles-tendinopathy", 1),
    ("knee_outer one same_point_every_run", "iliotibial-band-syndrome", 1),
    ("knee_front stairs_up_squat sitting_long", "patellofemoral-pain", 1),
    ("hip_outer lying_on_side age_45_59", "greater-trochanteric-pain", 1),
    ("buttock one sitting_long over_6_weeks", "proximal-hamstring-tendinopathy", 2),
    ("buttock shooting numb_tingling bending_coughing", "lumbar-radiculopathy", 1),
    ("forefoot numb_tingling shoes_off", "mortons-neuroma", 1),
    ("shin_outer both same_point_every_run gone_soon_after", "chronic-exertional-compartment-syndrome", 1),
    ("calf walking_distance rest_minutes smoker age_60_plus", "peripheral-artery-disease", 1),
    ("thigh_back one sudden bruise", "hamstring-strain", 1),
    ("ankle_outer one sudden uneven", "ankle-sprain", 1),
    ("whole_leg both heavy harder", "heavy-legs", 1),
    ("knee_below_cap under_16 bone_swelling", "osgood-schlatter", 1),
]


def told(words: str, **more: list[str]) -> Answers:
    """Answers from option codes alone; each belongs to the first question that has it."""
    given_: dict[str, list[str]] = {**CLEAR, **more}
    for word in words.split():
        code = next(q.code for q in KB.questions if word in q.option_codes and q.stage != "safety")
        given_.setdefault(code, []).append(word)
    return Answers.parse(KB, given_)


def any_answers(at_most: int = 12) -> st.SearchStrategy[Answers]:
    """Answers to some questions, as the form allows them."""

    def one(code: str) -> st.SearchStrategy[tuple[str, tuple[str, ...]]]:
        question = KB.by_code[code]
        options = sorted(question.option_codes)
        if question.kind == "one":
            return st.sampled_from(options).map(lambda o: (code, (o,)))
        return st.sets(st.sampled_from(options), min_size=1, max_size=3).map(
            lambda s: (code, tuple(sorted(s)))
        )

    codes = st.lists(st.sampled_from([q.code for q in KB.questions]), unique=True, max_size=at_most)
    return codes.flatmap(lambda cs: st.tuples(*map(one, cs))).map(
        lambda pairs: Answers.parse(KB, dict(pairs), strict_none=False)
    )


@pytest.mark.parametrize(("words", "slug", "place"), STORIES, ids=[s for _, s, _ in STORIES])
def test_a_textbook_story_leads_to_its_condition(words: str, slug: str, place: int) -> None:
    conditions = rate(KB, told(words)).conditions
    assert slug in [s.finding.slug for s in conditions[:place]]


CAUSES = [
    ("whole_leg both heavy after_run longer race", "muscle-fatigue"),
    ("whole_leg hot_humid little thirst_dry yellow_urine", "dehydration"),
    ("calf cramp twitching salt_marks heavy_sweat diuretic", "electrolyte-imbalance"),
    ("thigh_back sudden faster from_first_steps", "inadequate-warm-up"),
    ("shin_inner over_weeks doubled slower", "overtraining"),
    ("calf overstride heel_heavy knees_in steady", "poor-form"),
    ("forefoot tight blisters over_800 steady", "improper-footwear"),
    ("shin_front hopping new_surface hard downhill", "impact-stress"),
    ("whole_leg walking_distance circulation diabetes", "underlying-conditions"),
]


@pytest.mark.parametrize(("words", "slug"), CAUSES, ids=[s for _, s in CAUSES])
def test_what_points_to_a_cause_puts_it_first(words: str, slug: str) -> None:
    more = {"warm_up": ["none"]} if slug == "inadequate-warm-up" else {}
    assert rate(KB, told(words, **more)).causes[0].finding.slug == slug


def test_nothing_answered_gives_the_priors() -> None:
    conditions, causes = score(KB, Answers())
    total = sum(f.prior for f in KB.conditions) + KB.settings.none_weight
    assert all(s.probability == pytest.approx(s.finding.prior / total) for s in conditions)
    assert all(s.probability == pytest.approx(s.finding.prior) for s in causes)
    assert not any(s.contributions for s in (*conditions, *causes))


def test_pain_elsewhere_counts_more_than_pain_near_by() -> None:
    near, far = (
        supports(KB, told(site))["achilles-tendinopathy"]["site"] for site in ("ankle_outer", "groin")
    )
    assert far < near < 0.0
    assert far == pytest.approx(scoring.REMOTE * near, rel=0.01)


def test_an_unsure_place_speaks_for_all_that_the_region_holds_but_weaker() -> None:
    exact, vague = (supports(KB, told(site)) for site in ("knee_outer", "knee_unsure"))
    for slug in ("iliotibial-band-syndrome", "patellofemoral-pain", "meniscus-or-ligament-injury"):
        assert vague[slug]["site"] > 0.0
    assert exact["iliotibial-band-syndrome"]["site"] > vague["iliotibial-band-syndrome"]["site"]


def test_questions_of_one_group_share_a_cap() -> None:
    small = replace(KB, settings=replace(KB.settings, group_cap=1.5))
    answers = told("severe limp")
    for slug, by_question in supports(small, answers).items():
        together = sum(value for code, value in by_question.items() if KB.by_code[code].group == "severity")
        cap = max(q.cap for q in KB.questions if q.group == "severity")
        temper = KB.settings.condition_temper if slug in {f.slug for f in KB.conditions} else 1.0
        assert abs(together) <= temper * math.log(cap) + 1e-9


def test_a_red_flag_lifts_the_conditions_that_it_names() -> None:
    answers = Answers.parse(KB, {"safety_body": ["dark_urine"], "site": ["whole_leg"], "severity": "severe"})
    before = supports(KB, Answers.parse(KB, {"site": ["whole_leg"], "severity": "severe"}))
    row = KB.rows[("safety_body", "dark_urine")]
    said = (
        next(e for e in row if e.finding == "exertional-rhabdomyolysis").log_ratio
        * KB.settings.condition_temper
    )
    after = supports(KB, answers)["exertional-rhabdomyolysis"]
    assert after["safety_body"] == pytest.approx(said + math.log(scoring.FLAG_LIFT["emergency"]))
    assert after["site"] == pytest.approx(before["exertional-rhabdomyolysis"]["site"])


def test_conditions_inform_causes_through_their_links() -> None:
    only = {f.slug: 0.0 for f in KB.conditions}
    for cause in KB.causes:
        linked = max(KB.conditions, key=lambda f: f.links.get(cause.slug, 0.0))
        up = cause_probabilities(KB, {}, {**only, linked.slug: 1.0})[cause.slug]
        down = cause_probabilities(
            KB, {}, {**only, next(f.slug for f in KB.conditions if cause.slug not in f.links): 1.0}
        )[cause.slug]
        assert down < cause.prior < up


@given(any_answers())
def test_the_probabilities_sum_to_one_with_none_of_these(answers: Answers) -> None:
    conditions, causes = score(KB, answers)
    weights = condition_weights(KB, supports(KB, answers))
    none = KB.settings.none_weight / (sum(weights.values()) + KB.settings.none_weight)
    assert sum(s.probability for s in conditions) + none == pytest.approx(1.0)
    assert all(0.0 < s.probability < 1.0 for s in (*conditions, *causes))


@given(any_answers(), st.randoms(use_true_random=False))
def test_the_order_of_the_answers_is_irrelevant(answers: Answers, rng: random.Random) -> None:
    items = [(code, rng.sample(options, len(options))) for code, options in answers.items]
    rng.shuffle(items)
    shuffled = Answers.parse(KB, dict(items))
    assert shuffled == answers
    assert score(KB, shuffled) == score(KB, answers)


@given(any_answers(), st.sets(st.sampled_from([q.code for q in KB.questions])))
def test_a_question_left_blank_is_no_evidence(answers: Answers, blank: set[str]) -> None:
    skipped = replace(answers, skipped=frozenset(blank - set(answers.as_dict())))
    assert score(KB, skipped) == score(KB, answers)
    assert assess(KB, skipped).tier == assess(KB, answers).tier


@given(any_answers())
def test_scores_are_the_same_each_time_and_are_the_sum_of_their_contributions(answers: Answers) -> None:
    first, again = score(KB, answers), score(KB, answers)
    assert first == again
    for s in (*first[0], *first[1]):
        assert s.support == pytest.approx(sum(c.weight for c in s.contributions))
        assert all(answers.get(c.question) == c.options for c in s.contributions)
    for ranked in first:
        probabilities = [s.probability for s in ranked]
        assert probabilities == sorted(probabilities, reverse=True)
