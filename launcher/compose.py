"""Secrets for `docker compose`: an `.env` file that is never in git."""

import os
import secrets

from launcher.credentials import SERVICES
from launcher.paths import ROOT

NAMES = (
    "POSTGRES_ADMIN_PASSWORD",
    "RABBITMQ_ADMIN_PASSWORD",
    *(f"{service.upper()}_OWNER_PASSWORD" for service in SERVICES),
    *(f"{service.upper()}_DATABASE_PASSWORD" for service in SERVICES),
    *(f"{service.upper()}_BROKER_PASSWORD" for service in SERVICES),
    "TOKEN_SECRET",
    "SERVICE_SECRET",
    "TICKET_SECRET",
)


def write_env() -> bool:
    """Write new secrets to `.env`; False, and nothing done, when there is one already."""
    try:
        file = os.open(ROOT / ".env", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(file, "w") as env:
        env.write("# From `make env`. Keep it: the data in the containers know these passwords.\n")
        env.writelines(f"{name}={secrets.token_hex(32)}\n" for name in NAMES)
    return True
