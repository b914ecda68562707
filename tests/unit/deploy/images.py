"""What the images and the services in them expect of whoever runs them."""

import re
from collections.abc import Mapping
from pathlib import Path

from launcher.paths import ROOT
from services.chat.settings import Settings as Chat
from services.groups.settings import Settings as Groups
from services.notifier.settings import Settings as Notifier
from shared.outbox.relay import SETTLE_SECONDS
from shared.settings import ServiceSettings
from shared.web.server import LEAVING_SECONDS, REFUSING_SECONDS, SHUTDOWN_SECONDS

SETTINGS: Mapping[str, type[ServiceSettings]] = {
    "groups": Groups,
    "chat": Chat,
    "notifier": Notifier,
}
DOCKERFILES: Mapping[str, Path] = {
    **{service: ROOT / "services" / service / "Dockerfile" for service in SETTINGS},
    "gateway": ROOT / "gateway" / "Dockerfile",
    "jobs": ROOT / "launcher" / "Dockerfile",
}
# Nobody's, in any image.
USER = 65532
# Read by `shared/telemetry.py` and the SDK behind it, past the settings.
TELEMETRY = {
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
}
# What a stop takes at most beside its drain. aiohttp counts its time-out for handlers and again for
# connections.
LEAVING_TO_SETTLED = LEAVING_SECONDS + REFUSING_SECONDS + 2 * SHUTDOWN_SECONDS + SETTLE_SECONDS
# One of two that the settings ask for together.
_KEYS = {"TOKEN_SECRET", "TOKEN_JWKS_URL"}


def known(service: str) -> set[str]:
    """The variables that the service reads."""
    return {name.upper() for name in SETTINGS[service].model_fields} | TELEMETRY


def settings_of_the_readme() -> set[str]:
    """The variables that its table of settings names."""
    chapter = (ROOT / "README.md").read_text().partition("\n## Settings\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.+?) \|", chapter, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def defaults(service: str) -> Mapping[str, str]:
    """What the service takes for the variables that it can do without; empty where that is none."""
    return {
        name.upper(): "" if field.default is None else str(field.default).lower().removesuffix(".0")
        for name, field in SETTINGS[service].model_fields.items()
        if not field.is_required()
    }


def required(service: str) -> set[str]:
    """Those without which it does not start, image and all."""
    needed = {
        name.upper()
        for name, field in SETTINGS[service].model_fields.items()
        if field.is_required()
    }
    return needed - set(baked(service))


def baked(image: str) -> Mapping[str, str]:
    """The variables that the image itself sets."""
    lines = DOCKERFILES[image].read_text().replace("\\\n", " ").splitlines()
    words = [word for line in lines if line.startswith("ENV ") for word in line.split()[1:]]
    return dict(word.split("=", 1) for word in words)


def port(image: str) -> int:
    """Where the image listens."""
    [number] = re.findall(r"^EXPOSE (\d+)$", DOCKERFILES[image].read_text(), re.MULTILINE)
    return int(number)


def wrong_settings(service: str, told: Mapping[str, str]) -> list[str]:
    """What is wrong with the variables that a service is told, in words."""
    wrong = [f"{service} knows no {name}" for name in sorted(set(told) - known(service))]
    wrong += [f"{service} needs {name}" for name in sorted(required(service) - set(told))]
    if not _KEYS & set(told):
        wrong.append(f"{service} needs TOKEN_SECRET or TOKEN_JWKS_URL")
    return wrong
