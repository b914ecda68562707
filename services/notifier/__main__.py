"""Serves the notifier, with its consumer and its relay; with a command, does what an operator
asks."""

import sys

from services.notifier.app import create_app
from services.notifier.settings import Settings
from shared import telemetry
from shared.logs import set_up_logs
from shared.web.server import serve


def main() -> None:
    if len(sys.argv) > 1:
        # Who serves starts sooner without what only commands need.
        from services.notifier.operations import commands

        commands()(prog_name="python -m services.notifier")
    settings = Settings.read()
    set_up_logs("notifier", settings.log_level)
    telemetry.set_up("notifier")
    # A parked handler would outlive its client; the doors that write here are short.
    serve(create_app(settings), settings.host, settings.port, handler_cancellation=True)


if __name__ == "__main__":
    main()
