"""Measurements against a running stack. Figures are compared as ratios within one run."""
