"""What clients say to an XMPP server: logging in, entering a room or subscribing to it, posting."""

import base64
from collections.abc import Sequence

from bench.generator import MARK

PASSWORD = "benchmark"
_STREAM = (
    "<?xml version='1.0'?><stream:stream to='localhost' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
)
_SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
_BIND = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
_EVENT = "<event node='urn:xmpp:mucsub:nodes:messages'/>"
_MUC = "<x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x>"


def handshake(user: str, room: str, subscribes: bool) -> Sequence[tuple[str, str]]:
    secret = base64.b64encode(f"\0{user}\0{PASSWORD}".encode()).decode()
    login = (
        (_STREAM, "</stream:features>"),
        (f"<auth xmlns='{_SASL}' mechanism='PLAIN'>{secret}</auth>", f"<success xmlns='{_SASL}'/>"),
        (_STREAM, "</stream:features>"),
        (f"<iq type='set' id='b'>{_BIND}</iq>", "</iq>"),
    )
    if not subscribes:
        return (*login, (f"<presence to='{room}/{user}'>{_MUC}</presence>", "code='110'"))
    subscribe = f"<subscribe xmlns='urn:xmpp:mucsub:0' nick='{user}'>{_EVENT}</subscribe>"
    iq = f"<iq type='set' id='s' to='{room}'>{subscribe}</iq>"
    return (*login, ("<presence/>", "<presence"), (iq, "type='result'"))


def message(room: str) -> str:
    text = f"All of this is said only to have a certain length. {MARK}"
    return f"<message type='groupchat' to='{room}'><body>{text}</body></message>"
