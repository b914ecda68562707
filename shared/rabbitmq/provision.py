"""One-shot job: virtual host, users and permissions, through the management API."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from urllib.parse import quote

import aiohttp
from yarl import URL

from shared.rabbitmq.topology import (
    EVENTS_EXCHANGE,
    PARKED_POLICY,
    PARKED_POLICY_NAME,
    PERMISSIONS,
    READER,
    Permissions,
)

Put = Callable[[str, Mapping[str, object]], Awaitable[None]]


async def provision_broker(management_url: str, service_urls: Mapping[str, str]) -> None:
    """Create the virtual hosts and users that `service_urls` (service → AMQP URL) name, and give
    each user what its service needs and no more; safe to repeat.

    `management_url` carries the administrator: http://user:password@host:15672. The administrator
    is let into each virtual host, to declare the topology there. Raises aiohttp.ClientError.
    """
    admin = URL(management_url).user or ""
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    async with _administrator(management_url) as put:
        urls = {service: URL(url) for service, url in service_urls.items()}
        for vhost in {vhost_in_path(url) for url in urls.values()}:
            await put(f"vhosts/{vhost}", {})
            await put(f"permissions/{vhost}/{_quoted(admin)}", everything)
            await put(f"policies/{vhost}/{PARKED_POLICY_NAME}", dict(PARKED_POLICY))
        await asyncio.gather(
            *(_provision_user(put, PERMISSIONS[name], url) for name, url in urls.items())
        )


async def provision_reader(management_url: str, reader_url: str) -> None:
    """Create the user that `reader_url` names, who may read the log and nothing else. Raises
    aiohttp.ClientError."""
    async with _administrator(management_url) as put:
        await _provision_user(put, READER, URL(reader_url))


async def provision_administrator(management_url: str, password: str) -> None:
    """Give the administrator in `management_url` another password. Raises aiohttp.ClientError."""
    user = _quoted(URL(management_url).user or "")
    async with _administrator(management_url) as put:
        await put(f"users/{user}", {"password": password, "tags": "administrator"})


@asynccontextmanager
async def management_api(management_url: str) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    """A client with the rights of the user in the URL, which raises for every refusal; and where
    the API begins."""
    management = URL(management_url)
    authorization = aiohttp.encode_basic_auth(management.user or "", management.password or "")
    async with aiohttp.ClientSession(
        headers={"Authorization": authorization},
        raise_for_status=True,
        timeout=aiohttp.ClientTimeout(total=30),
    ) as http:
        yield http, str(management.with_user(None)).rstrip("/") + "/api"


@asynccontextmanager
async def _administrator(management_url: str) -> AsyncIterator[Put]:
    async with management_api(management_url) as (http, api):

        async def put(path: str, body: Mapping[str, object]) -> None:
            async with http.put(URL(f"{api}/{path}", encoded=True), json=body):
                pass

        yield put


async def _provision_user(put: Put, allowed: Permissions, url: URL) -> None:
    user = _quoted(url.user or "")
    await put(f"users/{user}", {"password": url.password or "", "tags": ""})
    await put(
        f"permissions/{vhost_in_path(url)}/{user}",
        {"configure": allowed.configure, "write": allowed.write, "read": allowed.read},
    )
    await put(
        f"topic-permissions/{vhost_in_path(url)}/{user}",
        {"exchange": EVENTS_EXCHANGE, "write": allowed.publish_keys, "read": ".*"},
    )


def vhost_in_path(url: URL) -> str:
    """The virtual host that an AMQP URL names, as it stands in the API's paths."""
    return _quoted(url.path.lstrip("/") or "/")


def _quoted(name: str) -> str:
    return quote(name, safe="")
