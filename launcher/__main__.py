"""`python -m launcher`: what prepares, starts and operates Circles. `circles` does this too."""

from launcher.cli import main

main(prog_name="circles")
