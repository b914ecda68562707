"""`python -m launcher`: the same as `circles`."""

from launcher.cli import main

main(prog_name="circles")
