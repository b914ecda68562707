"""A published event that somebody changes is refused before it reaches those who read it."""

import copy
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import Field

from contracts import compatibility
from contracts.compatibility import breaches, broken_since, freeze, joined, schema_of
from shared.events.chat import MessageSent
from shared.events.registry import FACTS

Json = dict[str, Any]
SENT = schema_of(MessageSent)


def changed(change: Callable[[Json, Json], object]) -> list[str]:
    """The breaches when `change` is made to the fields of message.sent and of its message."""
    schema = copy.deepcopy(SENT)
    change(schema, schema["properties"]["message"])
    return list(breaches(SENT, schema))


def test_what_stays_as_it_is_breaks_nothing() -> None:
    assert not list(breaches(SENT, copy.deepcopy(SENT)))


def test_an_optional_field_may_join() -> None:
    def join(_: Json, message: Json) -> None:
        message["properties"]["mood"] = {"type": "string", "default": "calm"}

    assert not changed(join)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s, m: m["properties"].pop("content"), "data.message.content is gone"),
        (
            lambda s, m: m["properties"]["seq"].update(type="string"),
            'data.message.seq: type was "integer" and is "string"',
        ),
        (
            lambda s, m: (m["properties"].update(mood={}), m["required"].append("mood")),
            "data.message.mood is new and required",
        ),
        (
            lambda s, m: m["required"].remove("content"),
            "data.message.content may be missing now",
        ),
        (
            lambda s, m: m["properties"]["type"]["enum"].remove("file"),
            "data.message.type no longer takes 'file'",
        ),
        (
            lambda s, m: m["properties"]["type"]["enum"].append("poll"),
            "data.message.type may be 'poll' now",
        ),
        (
            lambda s, m: m["properties"]["metadata"]["anyOf"].pop(),
            "data.message.metadata can be other kinds of value",
        ),
        (
            lambda s, m: m["properties"].update(content={"anyOf": [{"type": "string"}, {}]}),
            "data.message.content can be other kinds of value",
        ),
        (
            lambda s, m: m["properties"]["clientMessageId"]["anyOf"][0].update(type="integer"),
            "data.message.clientMessageId: type was",
        ),
        (
            lambda s, m: s["properties"]["audience"].update(maxItems=4096),
            "data.audience: maxItems was 1024 and is 4096",
        ),
        (
            lambda s, m: s["properties"]["audience"]["items"].update(type="integer"),
            "data.audience[]: type was",
        ),
        (lambda s, m: s["properties"]["audience"].pop("items"), "data.audience holds other items"),
        (
            lambda s, m: m["properties"]["seq"].update(minimum=0),
            "data.message.seq: minimum was 1 and is 0",
        ),
        (
            lambda s, m: m["properties"]["createdAt"].pop("format"),
            'data.message.createdAt: format was "date-time" and is not there',
        ),
    ],
)
def test_a_breaking_change_is_refused_and_named(
    change: Callable[[Json, Json], object], said: str
) -> None:
    broken = changed(change)
    assert broken
    assert any(each.startswith(said) for each in broken), broken


def test_a_field_that_becomes_required_or_reads_otherwise_when_left_out_is_refused() -> None:
    updated = schema_of(FACTS["groups.group.updated.v1"])
    changes: list[tuple[Callable[[Json], object], str]] = [
        (lambda s: s.setdefault("required", []).append("maxMembers"), "is required now"),
        (lambda s: s["properties"]["maxMembers"].update(default=8), "default was 256 and is 8"),
    ]
    for change, said in changes:
        schema = copy.deepcopy(updated)
        change(schema["properties"]["group"]["properties"]["settings"])
        assert any(said in each for each in breaches(updated, schema))


class Louder(MessageSent):
    """The fact as somebody might change it in the code."""

    TYPE: ClassVar[str] = MessageSent.TYPE
    volume: int = Field(ge=0)


def test_a_change_of_the_code_is_noticed_and_the_way_out_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compatibility, "FACTS", {**FACTS, MessageSent.TYPE: Louder})
    [said] = compatibility.broken_by_code()
    assert said.startswith("chat.message.sent.v1: data.volume is new and required")
    assert "publish chat.message.sent.v2 beside it" in said
    assert freeze() == [said], "it must not be written down either"


def test_a_version_that_is_no_longer_published_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    rest = {type_: fact for type_, fact in FACTS.items() if fact is not MessageSent}
    monkeypatch.setattr(compatibility, "FACTS", rest)
    [said] = compatibility.broken_by_code()
    assert said.startswith("chat.message.sent.v1: it is no longer published")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, of what is published today."""
    for folder in (compatibility.FROZEN, compatibility.EXAMPLES):
        shutil.copytree(compatibility.ROOT / folder, tmp_path / folder)
    git(tmp_path, "init", "-q", "--initial-branch=main")
    commit(tmp_path, "Publish")
    monkeypatch.setattr(compatibility, "ROOT", tmp_path)
    return tmp_path


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=somebody", "-c", "user.email=somebody@localhost", *arguments]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(folder: Path, message: str) -> str:
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def lose_a_field(checkout: Path) -> None:
    file = checkout / compatibility.FROZEN / f"{MessageSent.TYPE}.json"
    schema = json.loads(file.read_text())
    del schema["properties"]["actor"]
    file.write_text(json.dumps(schema))


def test_a_frozen_schema_can_not_be_edited_along_with_the_code(checkout: Path) -> None:
    assert not broken_since("HEAD")
    lose_a_field(checkout)
    [said] = broken_since("HEAD")
    assert said.startswith("chat.message.sent.v1: data.actor is gone")
    (checkout / compatibility.FROZEN / f"{MessageSent.TYPE}.json").unlink()
    assert broken_since("HEAD")[0].startswith("chat.message.sent.v1: its frozen schema is gone")


@pytest.mark.parametrize("branch", ["main", "work"])
def test_a_breach_is_still_seen_once_it_is_on_the_branch_that_it_went_to(
    checkout: Path, branch: str, capsys: pytest.CaptureFixture[str]
) -> None:
    published = git(checkout, "rev-parse", "HEAD")
    git(checkout, "checkout", "-q", "-B", branch)
    lose_a_field(checkout)
    commit(checkout, "Lose a field")
    assert compatibility.commit_before() == published
    assert compatibility.main([]) == 1
    assert "chat.message.sent.v1: data.actor is gone" in capsys.readouterr().out


def test_a_pushed_branch_is_compared_with_what_was_there_before_its_merge(checkout: Path) -> None:
    git(checkout, "checkout", "-q", "-b", "work")
    for word in ("one", "two"):
        (checkout / word).touch()
        commit(checkout, word)
    git(checkout, "checkout", "-q", "main")
    (checkout / "three").touch()
    before = commit(checkout, "three")
    git(checkout, "merge", "-q", "--no-ff", "-m", "Merge work", "work")
    git(checkout, "update-ref", "refs/remotes/origin/main", "HEAD")
    assert compatibility.commit_before() == before


def test_where_nothing_earlier_is_known_it_is_said_and_nothing_fails(
    checkout: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (checkout / "more").touch()
    commit(checkout, "More")
    shallow = tmp_path_factory.mktemp("shallow") / "clone"
    git(checkout, "clone", "-q", "--depth=1", f"file://{checkout}", str(shallow))
    monkeypatch.setattr(compatibility, "ROOT", shallow)
    assert compatibility.main([]) == 0
    assert "No earlier commit to compare with" in capsys.readouterr().out


def test_a_stored_example_stays_for_ever(checkout: Path) -> None:
    file = checkout / compatibility.EXAMPLES / f"{MessageSent.TYPE}.json"
    example = json.loads(file.read_text())
    example["data"]["message"]["content"] = "Something else"
    file.write_text(json.dumps(example))
    assert "its stored example changed" in broken_since("HEAD")[0]
    file.unlink()
    assert "its stored example changed" in broken_since("HEAD")[0]


def test_the_way_out_of_a_second_version_is_a_third() -> None:
    assert "publish chat.message.sent.v3 beside" in joined("chat.message.sent.v2", ["it is"])[0]
