"""Serves chat, with its relay, its consumer and what tells the senders of receipts."""

from services.chat.app import create_app
from services.chat.settings import Settings
from shared.logs import set_up_logs
from shared.web.server import serve


def main() -> None:
    settings = Settings.read()
    set_up_logs("chat", settings.log_level)
    serve(create_app(settings), settings.host, settings.port)


if __name__ == "__main__":
    main()
