"""Which display names a process still has to write."""

from services.groups.api.names import KnownNames
from shared.web.identity import Identity


def caller(user_id: str, name: str | None) -> Identity:
    return Identity(user_id, name, 0.0)


def test_only_a_name_other_than_the_last_written_is_news() -> None:
    known = KnownNames()
    assert known.is_news(caller("alice", "Alice"))
    known.keep("alice", "Alice")
    assert not known.is_news(caller("alice", "Alice"))
    assert known.is_news(caller("alice", "Alicia"))
    assert not known.is_news(caller("alice", None))
    assert not known.is_news(caller("bob", None))


def test_memory_is_bounded_and_the_oldest_goes_first() -> None:
    known = KnownNames(size=2)
    for user_id in ("a", "b", "a", "c"):
        known.keep(user_id, "Name")
    assert known.is_news(caller("b", "Name"))
    assert not known.is_news(caller("a", "Name"))
    assert not known.is_news(caller("c", "Name"))
