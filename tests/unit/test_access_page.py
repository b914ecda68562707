"""The page of who may do what says what is tried out."""

import re

from services.chat.api import ROUTES as CHAT
from services.groups.api import ROUTES as GROUPS
from services.notifier.api import ROUTES as NOTIFIER
from tests.access import broker, databases, doors
from tests.access.page import PAGE, text


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == text(), "run `make access`"


def test_no_door_of_services_is_left_untried() -> None:
    there = {
        (route.method, re.sub(r"\{[^}]*\}", "{id}", route.path), service)
        for service, routes in (("groups", GROUPS), ("chat", CHAT), ("notifier", NOTIFIER))
        for route in routes
        if route.path.startswith("/internal/")
    }
    tried = {(method, doors.shape_of(path), service) for method, path, service in doors.INTERNAL}
    assert tried == there


def test_everybody_is_refused_something_and_lets_nobody_be_forgotten() -> None:
    for lines in (broker.CHANNELS, databases.ROLES):
        refused = {line.who for line in lines if not line.may}
        assert refused == {line.who for line in lines}
        assert len({str(line) for line in lines}) == len(lines)
