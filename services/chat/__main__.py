"""Serves chat, with its relay, its consumer and what tells the senders of receipts; with a command,
does what an operator asks."""

import sys

from services.chat.app import create_app
from services.chat.settings import Settings
from shared import telemetry
from shared.logs import set_up_logs
from shared.web.server import serve


def main() -> None:
    if len(sys.argv) > 1:
        # Who serves starts sooner without what only commands need.
        from services.chat.operations import commands

        commands()(prog_name="python -m services.chat")
    settings = Settings.read()
    set_up_logs("chat", settings.log_level)
    telemetry.set_up("chat")
    serve(create_app(settings), settings.host, settings.port)


if __name__ == "__main__":
    main()
