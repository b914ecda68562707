"""A service stays down while a command works on its data, and comes back however that ends."""

from pathlib import Path

import pytest

from launcher.errors import LaunchError
from launcher.standby import may_start, standing_by


async def test_no_replica_starts_while_a_command_works_on_its_data(tmp_path: Path) -> None:
    assert await may_start(tmp_path, "notifier-1")
    with standing_by(tmp_path, "notifier"):
        assert not await may_start(tmp_path, "notifier-1")
        assert not await may_start(tmp_path, "notifier-2")
        assert await may_start(tmp_path, "chat-1")
        assert await may_start(tmp_path, "rabbitmq")
    assert await may_start(tmp_path, "notifier-1")


async def test_a_command_that_fails_holds_nothing_back(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), standing_by(tmp_path, "notifier"):
        raise ZeroDivisionError
    assert await may_start(tmp_path, "notifier-1")


async def test_two_commands_do_not_work_on_the_same_data(tmp_path: Path) -> None:
    with (
        standing_by(tmp_path, "notifier"),
        pytest.raises(LaunchError, match="Another command works on the data of notifier"),
        standing_by(tmp_path, "notifier"),
    ):
        pass
