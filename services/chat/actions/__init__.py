"""Verbs: each is one transaction and ends with what happened."""
