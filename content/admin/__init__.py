"""The editors' workbench for articles and references."""

from content.admin import articles, references

__all__ = ["articles", "references"]
