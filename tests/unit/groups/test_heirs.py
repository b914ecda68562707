"""Who follows a creator who is gone."""

from services.groups.domain.circles import Circle
from services.groups.domain.heirs import heir_of
from tests.unit.groups.builders import a_group, a_member


def test_an_admin_comes_before_members_who_were_there_longer() -> None:
    members = [a_member("zed", "admin", 3), a_member("bob", minutes=1), a_member("gone", "admin")]
    assert heir_of(Circle.of(a_group(), members), "gone") == "zed"


def test_of_two_admins_the_one_who_was_there_longer() -> None:
    members = [a_member("zed", "admin", 1), a_member("bob", "admin", 2), a_member("gone", "admin")]
    assert heir_of(Circle.of(a_group(), members), "gone") == "zed"


def test_without_an_admin_the_member_who_was_there_longest() -> None:
    members = [a_member("zed", minutes=1), a_member("bob", minutes=2), a_member("gone", "admin")]
    assert heir_of(Circle.of(a_group(), members), "gone") == "zed"


def test_nobody_follows_where_nobody_is() -> None:
    assert heir_of(Circle.of(a_group(), [a_member("gone", "admin")]), "gone") is None
