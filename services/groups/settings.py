"""Settings of the groups service, read once at the entry."""

from shared.settings import ServiceSettings, Urls


class Settings(ServiceSettings):
    """`chat_url` is where replicas of the chat service answer other services."""

    chat_url: Urls
