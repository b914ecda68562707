"""`python -m launcher`: what prepares, starts and operates Circles. `circles` has these commands too."""

from launcher.cli import main

main(prog_name="circles")
