"""The files that browsers get."""
