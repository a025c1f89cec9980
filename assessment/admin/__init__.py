"""The editors' workbench for the knowledge: questions, findings, evidence, rules, releases and vignettes."""

from assessment.admin import findings, questions, releases, rules, vignettes

__all__ = ["findings", "questions", "releases", "rules", "vignettes"]
