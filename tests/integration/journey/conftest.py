"""Groups, chat and the notifier, side by side in this process."""

from tests.integration.chat.conftest import (
    chat_environment,
    groups_client,
    groups_environment,
    world,
)
from tests.integration.notifier.conftest import environment, notifier, start

__all__ = [
    "chat_environment",
    "environment",
    "groups_client",
    "groups_environment",
    "notifier",
    "start",
    "world",
]
