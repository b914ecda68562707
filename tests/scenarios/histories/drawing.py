"""Drawing histories. What comes first in a list is what hypothesis shrinks to."""

from collections.abc import Mapping
from itertools import chain

from hypothesis import strategies as st

from tests.scenarios.histories import deeds_groups, deeds_inboxes, deeds_messages
from tests.scenarios.histories.nouns import Draft
from tests.scenarios.histories.story import Deed

PEOPLE = 4
_WHO = st.integers(0, PEOPLE - 1)
_SOME = st.lists(_WHO, min_size=1, max_size=3, unique=True).map(tuple)
_GROUP = st.integers(0, 2)
_DEVICE = st.integers(0, 1)
# From the newest.
_PLACE = st.integers(0, 7)
# Few, so that they meet: a client's id comes again, with the same content or another.
_CONTENT = st.sampled_from(["Hello", "Hi", "Up 🧗 there", ""])
_TYPE = st.sampled_from(["text", "text", "image"])
_DRAFT = st.builds(Draft, _CONTENT, _TYPE, st.sampled_from([None, "a", "b"]))
_RETRIED = st.builds(Draft, _CONTENT, _TYPE, st.sampled_from(["a", "b", "c"]))

# With how often each comes.
_DEEDS: Mapping[st.SearchStrategy[Deed], int] = {
    st.builds(deeds_messages.Look, _WHO): 2,
    st.builds(deeds_messages.Send, _WHO, _GROUP, _DRAFT): 8,
    st.builds(deeds_messages.Send, _WHO, _GROUP, _RETRIED, st.just(2)): 2,
    st.builds(deeds_messages.SendTogether, _GROUP, _SOME): 3,
    st.builds(deeds_messages.Delete, _WHO, _GROUP, _PLACE): 4,
    st.builds(deeds_messages.Read, _WHO, _GROUP, _PLACE): 4,
    st.builds(deeds_inboxes.Connect, _WHO, _DEVICE, st.integers(0, 2)): 6,
    st.builds(deeds_inboxes.Disconnect, _WHO, _DEVICE): 3,
    st.builds(deeds_inboxes.Poll, _WHO, _DEVICE): 3,
    st.builds(deeds_inboxes.Load, _WHO, _DEVICE): 2,
    st.builds(deeds_inboxes.ReadEntry, _WHO, _PLACE): 2,
    st.builds(deeds_inboxes.DeleteEntry, _WHO, _PLACE): 2,
    st.builds(deeds_inboxes.ReadAll, _WHO): 1,
    st.builds(deeds_groups.Create, _WHO, _SOME): 1,
    st.builds(deeds_groups.OpenDm, _WHO, _WHO): 1,
    st.builds(deeds_groups.Add, _WHO, _GROUP, _SOME): 3,
    st.builds(deeds_groups.Remove, _WHO, _GROUP, _WHO): 3,
    st.builds(deeds_groups.Leave, _WHO, _GROUP): 2,
    st.builds(deeds_groups.ChangeRole, _WHO, _GROUP, _WHO, st.sampled_from(["admin", "member"])): 3,
    st.builds(deeds_groups.HandOver, _WHO, _GROUP, _WHO): 1,
    st.builds(deeds_groups.Restrict, _WHO, _GROUP, st.booleans()): 1,
    st.builds(deeds_groups.Disband, _WHO, _GROUP): 1,
}
_DEED = st.sampled_from([deed for deed, times in _DEEDS.items() for _ in range(times)]).flatmap(
    lambda deed: deed
)
# In chapters: one list that need not be long is mostly short.
HISTORIES = st.tuples(*[st.lists(_DEED, max_size=14)] * 5).map(lambda parts: list(chain(*parts)))
# Without a group there is little to do.
BEGINNING = deeds_groups.Create(0, (1, 2))
