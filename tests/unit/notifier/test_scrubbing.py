"""What is left of a notification that speaks of somebody who was erased."""

from typing import Any

import pytest
from pydantic_core import from_json

from services.notifier.inbox.translations import translate
from services.notifier.scrubbing import Words, people_in, without
from shared.events.envelope import new_event
from shared.events.fact import Fact
from tests.builders import (
    a_dm,
    a_group,
    a_group_created,
    a_group_deleted,
    a_group_updated,
    a_member_left,
    a_member_removed,
    a_message_deleted,
    a_message_delivered,
    a_message_read,
    a_message_sent,
    a_role_changed,
)

WHO, NAME = "xerxes", "Xerxes"
ABOUT = [
    a_message_sent(sender=WHO, content="a secret"),
    a_message_sent(a_dm(), sender=WHO),
    a_message_deleted(by=WHO),
    a_message_delivered(to=(WHO, "bob")),
    a_message_read(reader=WHO),
    a_group_created(by=WHO),
    a_group_created(a_group(name=None, type_="dm"), by=WHO),
    a_group_updated(by=WHO),
    a_group_deleted(by=WHO),
    a_member_removed(removed=WHO),
    a_member_removed(by=WHO),
    a_member_left(who=WHO),
    a_role_changed(member=WHO),
    a_role_changed(by=WHO),
    a_role_changed(by="alice", created_by=WHO),
]


def words_of(fact: Fact) -> Words:
    notice = translate(new_event(fact))
    assert notice is not None
    return Words(notice.type, notice.title, notice.message, notice.data)


def scrubbed(fact: Fact) -> tuple[Words, dict[str, Any]]:
    words = without(words_of(fact), {WHO: "erased-1"})
    return words, from_json(words.data)


@pytest.mark.parametrize("fact", ABOUT, ids=lambda fact: fact.TYPE)
def test_nothing_of_the_person_is_left(fact: Fact) -> None:
    before = words_of(fact)
    assert WHO in people_in(before.data)
    words, data = scrubbed(fact)
    for text in (words.title, words.message, str(data)):
        for word in (WHO, NAME, "secret"):
            assert word not in text
    assert data.keys() >= from_json(before.data).keys(), "programs find the fields that they expect"
    assert "{" not in words.message


def test_of_what_others_sent_nothing_changes() -> None:
    words = words_of(a_message_sent(sender="alice", content=f"{WHO} said so"))
    after = without(words, {WHO: "erased-1"})
    assert (after.title, after.message) == (words.title, words.message)
    assert from_json(after.data) == from_json(words.data)
