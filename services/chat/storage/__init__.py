"""Rows: one function, one statement. A connection comes first; nobody here begins or commits."""
