"""What is left of somebody who was erased in the notices that spoke of them."""

import json
from collections.abc import Mapping
from typing import Any

from shared.erasures.book import NAME

# A notice tells of several people in one line: without one of them it is said in general.
_SAID: Mapping[str, str] = {
    "group_created": "The group was created",
    "member_added": "Somebody was added",
    "member_removed": "Somebody was removed",
    "member_left": f"{NAME} left",
    "group_transferred": "The group was handed over",
    "role_changed": "A role was changed",
}
_OTHERWISE = "The group was changed"


def notice_without(metadata: str | None, user_id: str, pseudonym: str) -> tuple[str, str]:
    """Content and metadata of a notice, without the person."""
    said: dict[str, Any] = json.loads(metadata or "{}")
    said["userIds"] = [
        pseudonym if named == user_id else named for named in said.get("userIds", ())
    ]
    content = _SAID.get(str(said.get("event")), _OTHERWISE)
    return content, json.dumps(said, separators=(",", ":"))
