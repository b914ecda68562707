"""One-shot job: virtual host, users and permissions, through the management API."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import quote

import aiohttp
from yarl import URL

from shared.rabbitmq.topology import EVENTS_EXCHANGE, PARKED_POLICY, PERMISSIONS

Put = Callable[[str, Mapping[str, object]], Awaitable[None]]


async def provision_broker(management_url: str, service_urls: Mapping[str, str]) -> None:
    """Create the virtual hosts and users that `service_urls` (service → AMQP URL) name, and give
    each user what its service needs and no more; safe to repeat.

    `management_url` carries the administrator: http://user:password@host:15672. The administrator
    is let into each virtual host, to declare the topology there. Raises aiohttp.ClientError.
    """
    management = URL(management_url)
    admin = management.user or ""
    authorization = aiohttp.encode_basic_auth(admin, management.password or "")
    base = str(management.with_user(None)).rstrip("/")
    async with aiohttp.ClientSession(
        headers={"Authorization": authorization},
        raise_for_status=True,
        timeout=aiohttp.ClientTimeout(total=30),
    ) as http:

        async def put(path: str, body: Mapping[str, object]) -> None:
            async with http.put(URL(f"{base}/api/{path}", encoded=True), json=body):
                pass

        urls = {service: URL(url) for service, url in service_urls.items()}
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        for vhost in {_vhost(url) for url in urls.values()}:
            await put(f"vhosts/{vhost}", {})
            await put(f"permissions/{vhost}/{_quoted(admin)}", everything)
            await put(f"policies/{vhost}/circles-parked", dict(PARKED_POLICY))
        await asyncio.gather(*(_provision_user(put, name, url) for name, url in urls.items()))


async def _provision_user(put: Put, service: str, url: URL) -> None:
    user, allowed = _quoted(url.user or ""), PERMISSIONS[service]
    await put(f"users/{user}", {"password": url.password or "", "tags": ""})
    await put(
        f"permissions/{_vhost(url)}/{user}",
        {"configure": allowed.configure, "write": allowed.write, "read": allowed.read},
    )
    await put(
        f"topic-permissions/{_vhost(url)}/{user}",
        {"exchange": EVENTS_EXCHANGE, "write": allowed.publish_keys, "read": ".*"},
    )


def _vhost(url: URL) -> str:
    return _quoted(url.path.lstrip("/") or "/")


def _quoted(name: str) -> str:
    return quote(name, safe="")
