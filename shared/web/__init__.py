"""HTTP as every service speaks it: identity, bodies, pages, problems, limits and health."""
