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
