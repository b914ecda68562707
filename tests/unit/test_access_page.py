"""The page of who may do what says what is tried out."""

from tests.access import broker, databases
from tests.access.page import PAGE, text


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == text(), "run `make access`"


def test_everybody_is_refused_something_and_lets_nobody_be_forgotten() -> None:
    for lines in (broker.CHANNELS, databases.ROLES):
        refused = {line.who for line in lines if not line.may}
        assert refused == {line.who for line in lines}
        assert len({str(line) for line in lines}) == len(lines)
