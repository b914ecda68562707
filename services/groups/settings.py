"""Settings of the groups service, read once at the entry."""

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Groups needs nothing beyond what every service needs."""
