"""The editable knowledge, the releases made of it, and the vignettes that test it."""

from assessment.models.findings import Evidence, Finding, FindingLink
from assessment.models.questions import Option, Question, VisibilityClause
from assessment.models.releases import KnowledgeRecord, Release, ReleaseReport
from assessment.models.rules import ModelSettings, RedFlag, RedFlagClause
from assessment.models.vignettes import Vignette

__all__ = [
    "Evidence",
    "Finding",
    "FindingLink",
    "KnowledgeRecord",
    "ModelSettings",
    "Option",
    "Question",
    "RedFlag",
    "RedFlagClause",
    "Release",
    "ReleaseReport",
    "Vignette",
    "VisibilityClause",
]
