"""Settings of the chat service, read once at the entry."""

from typing import Annotated

from pydantic import BeforeValidator, Field, HttpUrl
from pydantic_settings import NoDecode

from shared.settings import ServiceSettings


def _words(said: object) -> object:
    return said.split() if isinstance(said, str) else said


# Without NoDecode a variable would have to be JSON.
Urls = Annotated[tuple[HttpUrl, ...], Field(min_length=1), BeforeValidator(_words), NoDecode]


class Settings(ServiceSettings):
    """`groups_url` is where replicas of the groups service answer other services: one address or
    several, separated by spaces."""

    groups_url: Urls
    rate_messages_per_second: int = Field(default=20, ge=1)
    rate_messages_burst: int = Field(default=40, ge=1)
