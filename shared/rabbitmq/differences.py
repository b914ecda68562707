"""What a broker has, compared with what is declared.

A queue that has lost one of its bindings looks well: publishers get their confirms, since the log
takes everything, and nobody misses what does not come. Only a look at the broker itself tells.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from yarl import URL

from shared.rabbitmq.provision import management_api, vhost_in_path
from shared.rabbitmq.topology import (
    BINDINGS,
    EXCHANGES,
    PARKED_POLICY,
    PARKED_POLICY_NAME,
    QUEUES,
    Binding,
)

Json = dict[str, Any]


async def differences(management_url: str, amqp_url: str) -> list[str]:
    """What is missing in the virtual host of `amqp_url`, or other than declared; a line for each,
    none if all is well. What others have there beside ours is left alone.

    `management_url` carries a user with the tag `policymaker` or `administrator` and access to that
    virtual host; nothing is changed. Raises aiohttp.ClientError and TimeoutError.
    """
    vhost = vhost_in_path(URL(amqp_url))
    async with (
        management_api(management_url) as (http, api),
        http.get(URL(f"{api}/definitions/{vhost}", encoded=True)) as answer,
    ):
        found = await answer.json()
    return [
        *_exchanges(_by_name(found["exchanges"])),
        *_queues(_by_name(found["queues"])),
        *_bindings(found["bindings"]),
        *_policy(_by_name(found["policies"]).get(PARKED_POLICY_NAME)),
    ]


def _by_name(listed: list[Json]) -> dict[str, Json]:
    return {each["name"]: each for each in listed}


def _exchanges(found: Mapping[str, Json]) -> Iterator[str]:
    for name, type_ in EXCHANGES.items():
        yield from _compared(f"exchange {name}", found.get(name), {"type": type_, "durable": True})


def _queues(found: Mapping[str, Json]) -> Iterator[str]:
    for name, arguments in QUEUES.items():
        what, queue = f"queue {name}", found.get(name)
        yield from _compared(what, queue, {"durable": True})
        if queue is not None:
            has = queue["arguments"]
            yield from _compared(what, has, arguments)
            for each in sorted(has.keys() - arguments.keys()):
                yield f"{what}: {each} is {has[each]!r}, undeclared"


def _bindings(found: list[Json]) -> Iterator[str]:
    """Every way into our queues; that of the default exchange is not among them."""
    has = {
        Binding(each["source"], each["destination"], each["routing_key"])
        for each in found
        if each["destination_type"] == "queue" and each["destination"] in QUEUES
    }
    for exchange, queue, key in sorted(set(BINDINGS) - has):
        what = f"binding of queue {queue} to {exchange} by {key!r}"
        yield f"{what} is missing: such events don't come"
    for exchange, queue, key in sorted(has - set(BINDINGS)):
        yield f"binding of queue {queue} to {exchange} by {key!r} is undeclared"


def _policy(found: Json | None) -> Iterator[str]:
    yield from _compared(f"policy {PARKED_POLICY_NAME}", found, PARKED_POLICY)


def _compared(what: str, found: Json | None, declared: Mapping[str, object]) -> Iterator[str]:
    if found is None:
        yield f"{what} is missing"
        return
    for name, value in declared.items():
        # 1 and true are equal to Python, and not to a broker.
        if repr(found.get(name)) != repr(value):
            has = repr(found[name]) if name in found else "not there"
            yield f"{what}: {name} is {has}, declared {value!r}"
