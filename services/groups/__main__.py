"""Serves groups, with its relay; with a command, does what an operator asks."""

import sys

from services.groups.app import create_app
from services.groups.settings import Settings
from shared import telemetry
from shared.logs import set_up_logs
from shared.web.server import serve


def main() -> None:
    if len(sys.argv) > 1:
        # Who serves starts sooner without what only commands need.
        from services.groups.operations import commands

        commands()(prog_name="python -m services.groups")
    settings = Settings.read()
    set_up_logs("groups", settings.log_level)
    telemetry.set_up("groups")
    serve(create_app(settings), settings.host, settings.port)


if __name__ == "__main__":
    main()
