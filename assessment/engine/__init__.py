"""The pure engine: knowledge and answers in, advice and findings out. Standard library only."""
