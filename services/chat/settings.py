"""Settings of the chat service, read once at the entry."""

from pydantic import Field, HttpUrl

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """`groups_url` is where the groups service answers other services."""

    groups_url: HttpUrl
    rate_messages_per_second: int = Field(default=20, ge=1)
    rate_messages_burst: int = Field(default=40, ge=1)
