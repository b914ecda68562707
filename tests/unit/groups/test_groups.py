"""Editing groups, and the key of a dm."""

from services.groups.domain.groups import GroupSettings, dm_key
from tests.unit.groups.builders import a_group


def test_settings_left_out_stay() -> None:
    group = a_group(GroupSettings(only_admins_can_message=True, max_members=10))
    edited = group.edited({"settings": {"max_members": 20}})
    assert edited.settings == GroupSettings(only_admins_can_message=True, max_members=20)
    assert edited.name == group.name


def test_an_avatar_can_be_taken_away() -> None:
    group = a_group().edited({"avatar": "https://example.com/a.png"})
    assert group.edited({"avatar": None}).avatar is None
    assert group.edited({"name": "New"}).avatar == "https://example.com/a.png"


def test_only_fields_that_differ_have_changed() -> None:
    group = a_group()
    edited = group.edited(
        {"name": "Climbing", "description": "New", "settings": {"max_members": 256}}
    )
    assert edited.changes_since(group) == ("description",)
    assert group.edited({}).changes_since(group) == ()
    all_four = group.edited(
        {"name": "a", "description": "b", "avatar": "c", "settings": {"max_members": 2}}
    )
    assert all_four.changes_since(group) == ("name", "description", "avatar", "settings")


def test_two_people_share_one_key_whoever_opens_the_dm() -> None:
    assert dm_key("alice", "bob") == dm_key("bob", "alice")


def test_no_two_pairs_share_a_key() -> None:
    pairs = [("a", "b"), ("a", "c"), ("ab", "c"), ("a", "bc"), ("a-b", "c"), ("a", "b-c")]
    assert len({dm_key(*pair) for pair in pairs}) == len(pairs)
