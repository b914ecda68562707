"""What every service's application starts from."""

from collections.abc import AsyncIterator, Callable

from aiohttp import web

from shared.loop_lag import watched_loop
from shared.postgres.pool import Database
from shared.settings import ServiceSettings
from shared.supervision import Health, running
from shared.web.bodies import MAX_BODY
from shared.web.cors import allow_origins, cors
from shared.web.health import PUBLIC_PATHS, add_health
from shared.web.identity import TokenVerifier, identify
from shared.web.key_set import KeySet
from shared.web.keys import Keys, SharedSecret
from shared.web.limits import RateLimit, limit_rates, tell_what_is_left
from shared.web.observing import observe
from shared.web.openapi import PATH as DOCUMENT_PATH
from shared.web.openapi import add_openapi
from shared.web.problems import problems
from shared.web.receiving import answer_last, receive_first

HEALTH = web.AppKey("health", Health)
DATABASE = web.AppKey("database", Database)
VERIFIER = web.AppKey("verifier", TokenVerifier)
# The limit for ordinary calls; doors that identify their callers themselves count against it.
CALLS = web.AppKey("calls", RateLimit)


def new_app(
    settings: ServiceSettings,
    *,
    choose_limit: Callable[[web.Request], RateLimit] | None = None,
    public: frozenset[str] = frozenset(),
    lasting: frozenset[str] = frozenset(),
) -> web.Application:
    """An application with problems, CORS, identity, rate limits, health and its own
    description in place, and seen in logs, metrics and traces.

    `public` names further path prefixes whose doors identify the caller in a way of their own;
    `lasting` are the paths of requests that last by intent; `choose_limit` picks the limit a call
    counts against, by default the one for ordinary calls.
    """
    health = Health()
    keys = token_keys(settings, health)
    verifier = TokenVerifier(
        keys, settings.token_issuer, settings.token_audience, settings.token_leeway_seconds
    )
    calls = RateLimit("calls", settings.rate_calls_per_second, settings.rate_calls_burst)
    app = web.Application(
        client_max_size=MAX_BODY,
        middlewares=[
            observe(lasting),
            answer_last,
            problems,
            cors(settings.allowed_origins),
            identify(verifier, PUBLIC_PATHS | {DOCUMENT_PATH, "/internal/"} | public),
            limit_rates(choose_limit or (lambda _: calls)),
            receive_first,
        ],
    )
    app[HEALTH] = health
    app[DATABASE] = Database(str(settings.database_url), settings.database_pool_size)
    app[VERIFIER] = verifier
    app[CALLS] = calls
    app.on_response_prepare.append(tell_what_is_left)
    allow_origins(app, settings.allowed_origins)
    add_health(app, health, app[DATABASE])
    add_openapi(app)
    app.cleanup_ctx.append(_loop)
    if isinstance(keys, KeySet):
        app.cleanup_ctx.append(lambda _: running(KeySet.PART, keys.run, health))
    return app


async def _loop(_: web.Application) -> AsyncIterator[None]:
    async with watched_loop():
        yield


def token_keys(settings: ServiceSettings, health: Health) -> Keys:
    """What the settings say that tokens are signed with."""
    if settings.token_secret is not None:
        return SharedSecret(settings.token_secret.get_secret_value())
    return KeySet(str(settings.token_jwks_url), health)
