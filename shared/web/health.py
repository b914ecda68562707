"""`/healthz`: the process lives. `/readyz`: its dependencies are there. `/metrics`: in figures."""

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.postgres.pool import Database, DatabaseAway
from shared.supervision import Health
from shared.web.problems import RETRY_SECONDS, problem

PUBLIC_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})


def add_health(app: web.Application, health: Health, database: Database) -> None:
    async def alive(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def ready(_: web.Request) -> web.Response:
        missing = health.missing
        try:
            await database.ping()
        except DatabaseAway as away:
            missing["database"] = away.detail
        if not missing:
            return web.json_response({"status": "ready"})
        detail = "Not ready: " + "; ".join(f"{part} ({why})" for part, why in missing.items())
        return problem(503, "not_ready", detail, headers={"Retry-After": str(RETRY_SECONDS)})

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.router.add_get("/healthz", alive)
    app.router.add_get("/readyz", ready)
    app.router.add_get("/metrics", metrics)
