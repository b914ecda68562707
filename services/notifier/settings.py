"""The notifier's settings; defaults are those of the behaviour contract."""

from pydantic import Field, ValidationInfo, field_validator

from shared.settings import ServiceSettings, SigningSecret


class Settings(ServiceSettings):
    """Durations are in seconds."""

    ticket_secret: SigningSecret
    heartbeat_seconds: float = Field(default=30.0, ge=1)
    stale_sweep_seconds: float = Field(default=120.0, ge=0.1)
    stale_after_seconds: float = Field(default=300.0, ge=0.1)
    poll_hold_seconds: int = Field(default=30, ge=0, le=60)
    ticket_seconds: int = Field(default=600, ge=1)
    streams_per_user: int = Field(default=20, ge=1)
    # Streams and polls of one address, in each replica; 0 sets no end.
    streams_per_address: int = Field(default=0, ge=0)
    replay_limit: int = Field(default=500, ge=1)
    slow_reader_frames: int = Field(default=256, ge=1)
    slow_reader_seconds: float = Field(default=5.0, ge=0.1)
    notifications_kept_days: int = Field(default=90, ge=1)
    # For development: anybody becomes whoever they say they are.
    local_sign_in: bool = False
    local_token_seconds: int = Field(default=86_400, ge=1)

    @field_validator("local_sign_in")
    @classmethod
    def _signs_with_the_secret(cls, asked: bool, info: ValidationInfo) -> bool:
        if asked and info.data.get("token_secret", ...) is None:
            raise ValueError("needs TOKEN_SECRET to sign with; leave it out with TOKEN_JWKS_URL")
        return asked
