"""Settings of the chat service, read once at the entry."""

from pydantic import Field

from shared.settings import ServiceSettings, Urls


class Settings(ServiceSettings):
    """`groups_url` and `notifier_url` are where replicas of those services answer other ones."""

    groups_url: Urls
    notifier_url: Urls
    rate_messages_per_second: int = Field(default=20, ge=1)
    rate_messages_burst: int = Field(default=40, ge=1)
    # None: for ever.
    messages_kept_days: int | None = Field(default=None, ge=1)
