"""The checks are asserts outside of tests: pytest must still say what differed."""

import pytest

_CHECKING = ("checks_chat", "checks_inboxes", "checks_receipts", "deeds_messages", "deeds_inboxes")
pytest.register_assert_rewrite(*(f"tests.scenarios.histories.{name}" for name in _CHECKING))
