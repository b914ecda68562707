"""Settings: wrong ones end the start, all of them named at once, and none of their values told."""

import pytest

from shared.settings import ServiceSettings

GOOD = {
    "DATABASE_URL": "postgresql://me:db-password@localhost/circles",
    "AMQP_URL": "amqp://me:amqp-password@localhost/",
    "TOKEN_SECRET": "token-secret-of-more-than-32-letters",
    "TOKEN_ISSUER": "issuer",
    "TOKEN_AUDIENCE": "audience",
    "SERVICE_SECRET": "service-secret-of-more-than-32-letters",
    "PORT": "8001",
}
SECRETS = ("db-password", "amqp-password", "token-secret", "service-secret")


def read(monkeypatch: pytest.MonkeyPatch, **changed: str | None) -> ServiceSettings:
    for name, value in {**GOOD, **changed}.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    return ServiceSettings.read()


def complaint(monkeypatch: pytest.MonkeyPatch, **changed: str | None) -> str:
    with pytest.raises(SystemExit) as ended:
        read(monkeypatch, **changed)
    said = str(ended.value.code)
    assert not [secret for secret in SECRETS if secret in said]
    return said


def test_good_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, CORS_ORIGINS=" https://a.example ,https://b.example,")
    assert settings.port == 8001
    assert settings.allowed_origins == {"https://a.example", "https://b.example"}


def test_browsers_elsewhere_are_kept_out_unless_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch).allowed_origins == frozenset()


def test_every_missing_variable_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    said = complaint(monkeypatch, **dict.fromkeys(GOOD))
    for name in GOOD:
        assert f"{name}: field required" in said


def test_tokens_come_with_a_secret_or_with_an_issuers_keys_and_not_with_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys = "https://issuer.example/keys"
    read(monkeypatch, TOKEN_SECRET=None, TOKEN_JWKS_URL=keys)
    # What nobody set, Compose passes on as empty.
    read(monkeypatch, TOKEN_SECRET="", TOKEN_JWKS_URL=keys)
    read(monkeypatch, TOKEN_JWKS_URL="")
    for both in ({"TOKEN_SECRET": None}, {"TOKEN_JWKS_URL": keys}):
        assert "TOKEN_SECRET: field required, or else TOKEN_JWKS_URL" in complaint(
            monkeypatch, **{"TOKEN_JWKS_URL": None, **both}
        )


def test_every_wrong_variable_is_named_with_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    said = complaint(
        monkeypatch,
        DATABASE_URL="mysql://me:db-password@localhost/",
        AMQP_URL="http://me:amqp-password@localhost/",
        TOKEN_SECRET="token-secret-short",
        PORT="70000",
        LOG_LEVEL="loud",
        DATABASE_POOL_SIZE="1",
    )
    for name in ("DATABASE_URL", "AMQP_URL", "TOKEN_SECRET", "PORT", "LOG_LEVEL"):
        assert f"{name}: " in said
    assert "DATABASE_POOL_SIZE: " in said
    assert "TOKEN_ISSUER" not in said


def test_settings_do_not_show_their_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = repr(read(monkeypatch).model_dump(include={"token_secret", "service_secret"}))
    assert not [secret for secret in SECRETS if secret in shown]


def test_settings_cannot_change_once_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch)
    with pytest.raises(ValueError, match="frozen"):
        settings.__setattr__("port", 1)
