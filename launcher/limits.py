"""How many files and connections the processes may have open."""

import resource

# Enough for ten thousand streams through the gateway. Not without end: RabbitMQ sizes tables by it.
_WANTED = 65_536


def raise_file_limit() -> None:
    """Raise the soft limit as far as the hard one lets us; children inherit it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _WANTED if hard == resource.RLIM_INFINITY else min(_WANTED, hard)
    if soft != wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
