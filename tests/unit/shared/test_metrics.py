"""Ages are reckoned when somebody looks."""

from uuid import uuid4

from shared.metrics import Age
from tests.fixtures.metrics import counted


def test_an_age_grows_while_nobody_sets_it() -> None:
    name = f"tests_age_{uuid4().hex}"
    age = Age(name, "of something")
    assert counted(name) == 0
    age.begin(seconds_ago=100)
    first = counted(name)
    assert 100 <= first < counted(name) < 110
    age.end()
    assert counted(name) == 0


def test_what_was_seen_in_passing_does_not_grow_until_the_next_look_is_overdue() -> None:
    name = f"tests_age_{uuid4().hex}"
    age = Age(name, "of something")
    age.begin(seconds_ago=0.002, holds=60)
    assert counted(name) == counted(name) < 0.003
    age.begin(seconds_ago=100, holds=0)
    assert counted(name) < counted(name)
