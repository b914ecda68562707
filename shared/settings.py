"""The base of every service's settings: read once from the environment, at the entry."""

import sys
from typing import Annotated, Self

from pydantic import (
    BeforeValidator,
    Field,
    HttpUrl,
    PostgresDsn,
    SecretStr,
    UrlConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError, Url
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

AmqpUrl = Annotated[Url, UrlConstraints(allowed_schemes=["amqp", "amqps"], host_required=True)]


def _words(said: object) -> object:
    return said.split() if isinstance(said, str) else said


# One address or several, separated by spaces. Without NoDecode a variable would have to be JSON.
Urls = Annotated[tuple[HttpUrl, ...], Field(min_length=1), BeforeValidator(_words), NoDecode]

# A shorter HMAC key is weaker than the hash it feeds (RFC 7518, section 3.2).
SigningSecret = Annotated[SecretStr, Field(min_length=32)]


def _said(error: ErrorDetails) -> str:
    """Pydantic begins its messages as sentences; ours name variables."""
    ours = error["type"] == "one_source_of_keys"
    return error["msg"] if ours else error["msg"].lower()


class ServiceSettings(BaseSettings):
    """What every service needs to start. Variables carry the upper-cased names of the fields."""

    # Without hide_input_in_errors a missing variable prints the others, passwords included.
    # Compose passes on what nobody set as empty.
    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", hide_input_in_errors=True, env_ignore_empty=True
    )

    database_url: PostgresDsn
    amqp_url: AmqpUrl
    # One of the two: a secret shared with the issuer, or where the issuer publishes its keys.
    token_jwks_url: HttpUrl | None = None
    token_secret: SigningSecret | None = Field(default=None, validate_default=True)
    token_leeway_seconds: float = Field(default=0.0, ge=0, le=60)
    token_issuer: str = Field(min_length=1)
    token_audience: str = Field(min_length=1)
    service_secret: SigningSecret
    host: str = "127.0.0.1"
    port: int = Field(ge=1, le=65535)
    replica: str = ""
    log_level: str = Field(default="info", pattern="^(debug|info|warning|error)$")
    cors_origins: str = ""
    database_pool_size: int = Field(default=10, ge=2, le=100)
    rate_calls_per_second: int = Field(default=100, ge=1)
    rate_calls_burst: int = Field(default=200, ge=1)
    drain_seconds: float = Field(default=5.0, ge=0, le=300)
    retention_every_seconds: float = Field(default=60.0, ge=0.1)
    # Published facts stay so long in the outbox, where chat may still ask groups for them.
    outbox_kept_hours: int = Field(default=24, ge=1)
    # By it the erased are remembered; where it is not set, by SERVICE_SECRET.
    erasure_secret: SigningSecret | None = None

    @field_validator("token_secret")
    @classmethod
    def _one_source_of_keys(
        cls, secret: SecretStr | None, info: ValidationInfo
    ) -> SecretStr | None:
        url = info.data.get("token_jwks_url", ...)
        # A wrong address is named by itself.
        if url is not ... and (url is None) == (secret is None):
            raise PydanticCustomError(
                "one_source_of_keys", "field required, or else TOKEN_JWKS_URL, and not both"
            )
        return secret

    @property
    def secret_of_erasures(self) -> str:
        """What the ids of the erased are hashed with."""
        return (self.erasure_secret or self.service_secret).get_secret_value()

    @property
    def allowed_origins(self) -> frozenset[str]:
        """Origins that browsers may call from; empty means that CORS is off."""
        return frozenset(
            origin.strip() for origin in self.cors_origins.split(",") if origin.strip()
        )

    @classmethod
    def read(cls) -> Self:
        """Read the environment, or name every wrong variable in one message and end the process."""
        try:
            return cls()
        except ValidationError as error:
            wrong = "; ".join(
                f"{'.'.join(map(str, e['loc'])).upper()}: {_said(e)}" for e in error.errors()
            )
            sys.exit(
                f"configuration error: {wrong}. Set these environment variables and start again."
            )
