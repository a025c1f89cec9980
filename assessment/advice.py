"""What each advice tier says, in the order in which a worried person reads it.

Tiers and their deadlines are those of the project's evidence review, part 0.4; the emergency number is a setting.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Advice:
    """The words of a tier."""

    label: str
    heading: str
    lines: tuple[str, ...]
    deadline: str


ADVICE = {
    "emergency": Advice(
        label="Emergency",
        heading="Get help now",
        lines=(
            "Call {number}, or have somebody take you to an emergency department now. Don't drive yourself.",
            "Stay with somebody. Stop running and rest where you are safe.",
            "Take a list of your medicines with you, and say what you ticked here.",
        ),
        deadline="Now. Don't wait to see whether it gets better.",
    ),
    "urgent": Advice(
        label="Urgent",
        heading="Be seen today or within 48 hours",
        lines=(
            "Call your doctor, an urgent care centre or your health line today, and say what you ticked here.",
            "Don't run until you have been seen, and spare the leg.",
            "If it gets much worse, or you feel ill, get emergency help.",
        ),
        deadline="Today, or within 48 hours at the latest.",
    ),
    "soon": Advice(
        label="Soon",
        heading="Book a physiotherapist or doctor",
        lines=(
            "Book an appointment in the next days. One to two weeks from now is soon enough if it does not get worse.",
            "Until then, do less of what brings it on. Don't run through pain that grows.",
        ),
        deadline="Within 2 weeks. Sooner if it gets worse, or if it hurts at night or at rest.",
    ),
    "self-care": Advice(
        label="Look after it yourself",
        heading="You can start by looking after it yourself",
        lines=(
            "Nothing that you told us needs somebody to look at it today.",
            "Follow the plan below, and give it a little time.",
        ),
        deadline="Be seen if it is not clearly better in 2 weeks, or if it gets worse at any time.",
    ),
}

EMERGENCY_STEPS = (
    "Don't drive yourself. Sit or lie down in a safe place, and stay with somebody.",
    "If you were very hot: get into the shade and cool down with water, ice or wet cloths while you wait.",
    "If you drank a great deal and feel ill: drink no more.",
    "If you are in another country, use the emergency number there.",
)

UNCHECKED = Advice(
    label="Look after it yourself",
    heading="If no danger sign fits, you can start by looking after it yourself",
    lines=(
        "You skipped some of the danger signs, so we can't say whether this can wait. Look at them first.",
        "If none of them fits, follow the plan below, and give it a little time.",
    ),
    deadline="Be seen if it is not clearly better in 2 weeks, or if it gets worse at any time.",
)
"""Self-care while a part of the safety screen is unanswered: nothing here may read as an all-clear."""

DISCLAIMER = "This is information, not a diagnosis. It can be wrong, and it does not replace somebody who looks at your leg."
