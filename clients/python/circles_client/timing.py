"""How long the client waits for what. All in seconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """The defaults suit people's devices; tests and servers may be more impatient.

    `connect`: from opening a stream to its first event; later, the stream counts as held back on
    its way. `silence`: how many times the announced heartbeat a stream may be silent.
    `poll`: how long a long poll is held. `return_to_stream`: from falling back to polls to the
    first look whether streams get through again; later ones are rarer, up to `return_at_most`.
    `retry`: before coming back, where the server asked for nothing; `retry_at_most` bounds the
    growing waits after failures. `ack`: how long received positions are gathered before they are
    acknowledged. `patience`: how long `send` tries before it gives up. `call`: for one answer.
    """

    connect: float = 10.0
    silence: float = 1.5
    poll: int = 30
    return_to_stream: float = 30.0
    return_at_most: float = 300.0
    retry: float = 1.0
    retry_at_most: float = 30.0
    ack: float = 0.2
    patience: float = 30.0
    call: float = 15.0
