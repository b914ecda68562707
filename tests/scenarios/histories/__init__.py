"""Whole histories of a few people, drawn at random and compared with a model small enough to be
believed. `deeds_*` are what people do, `nouns` and `world` what must come of it; `checks_*` compare
the two.
"""
