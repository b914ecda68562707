"""`python -m command_line`: the same as `circles`."""

from command_line.main import circles

circles(prog_name="circles")
