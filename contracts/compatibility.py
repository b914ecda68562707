"""What a published event may become, and what not: `make event-compatibility`.

A published version is frozen. Readers of yesterday must be able to read today's events, and today's
readers those of yesterday, which the log still holds. So an optional field may join, and nothing
else may change: neither what is said nor what may be said.

`frozen/` holds the schema of each published version. This compares what the code says with it, and
it with what it was where the work left the branch that it goes to, or, on that branch itself, one
commit before: a breach can't be hidden by editing the frozen schema in the same change.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from shared.events.fact import Fact
from shared.events.registry import FACTS

Json = dict[str, Any]

ROOT = Path(__file__).parents[1]
FROZEN = Path("contracts/frozen")
EXAMPLES = Path("tests/contracts/published")
# Words for readers: they may become better.
_WORDS = frozenset({"title", "description", "examples"})


def schema_of(fact: type[Fact]) -> Json:
    """What a version promises: its JSON schema without words, every part in its place."""
    schema = fact.model_json_schema(by_alias=True)
    return _inlined(schema, schema.get("$defs", {}))  # type: ignore[no-any-return]


def _inlined(value: Any, parts: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_inlined(inner, parts) for inner in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return _inlined(parts[value["$ref"].rpartition("/")[2]], parts)
    kept = {key: inner for key, inner in value.items() if key not in _WORDS | {"$defs"}}
    if "properties" in value:
        kept["properties"] = {n: _inlined(v, parts) for n, v in value["properties"].items()}
    return {k: v if k == "properties" else _inlined(v, parts) for k, v in kept.items()}


def breaches(old: Json, new: Json, path: str = "data") -> Iterator[str]:
    """What `new` breaks for readers or events of `old`, in words."""
    yield from _of_fields(old, new, path)
    for options in ("anyOf", "oneOf"):
        if options in old and len(old[options]) == len(new.get(options, ())):
            for before, after in zip(old[options], new[options], strict=True):
                yield from breaches(before, after, path)
        elif old.get(options) != new.get(options):
            yield f"{path} can be other kinds of value than before"
    if isinstance(old.get("items"), dict) and isinstance(new.get("items"), dict):
        yield from breaches(old["items"], new["items"], f"{path}[]")
    elif old.get("items") != new.get("items"):
        yield f"{path} holds other items than before"
    if "enum" in old and "enum" in new:
        yield from (f"{path} no longer takes {v!r}" for v in old["enum"] if v not in new["enum"])
        yield from (
            f"{path} may be {v!r} now, which readers of today refuse"
            for v in new["enum"]
            if v not in old["enum"]
        )
    compared = {"properties", "required", "anyOf", "oneOf", "items"}
    compared |= {"enum"} if "enum" in old and "enum" in new else set()
    for keyword in sorted((old.keys() | new.keys()) - compared):
        before, after = old.get(keyword), new.get(keyword)
        # 1 and true are equal to Python, and not to JSON.
        if json.dumps(before, sort_keys=True) != json.dumps(after, sort_keys=True):
            yield f"{path}: {keyword} was {_shown(before)} and is {_shown(after)}"


def _of_fields(old: Json, new: Json, path: str) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    must_before, must_after = set(old.get("required", ())), set(new.get("required", ()))
    for name in before:
        if name not in after:
            yield f"{path}.{name} is gone"
            continue
        if name in must_before and name not in must_after:
            yield f"{path}.{name} may be missing now, and readers of today rely on it"
        if name in must_after and name not in must_before:
            yield f"{path}.{name} is required now, and events of the past may lack it"
        yield from breaches(before[name], after[name], f"{path}.{name}")
    for name in after.keys() - before.keys():
        if name in must_after:
            yield f"{path}.{name} is new and required: events of the past lack it"


def _shown(value: object) -> str:
    return "not there" if value is None else json.dumps(value)


def joined(type_: str, what: Iterator[str] | list[str]) -> list[str]:
    """The breaches of one version, each with what to do instead."""
    name, _, major = type_.rpartition(".v")
    instead = f"{name}.v{int(major) + 1}"
    return [
        f"{type_}: {each}. A published version is frozen: publish {instead} beside it "
        "(CONTRIBUTING.md, Add an event), until no queue and no replay needs the old."
        for each in what
    ]


def broken_by_code() -> list[str]:
    """Where the code no longer says what was published."""
    found = []
    for file in sorted((ROOT / FROZEN).glob("*.json")):
        if (fact := FACTS.get(file.stem)) is None:
            found += joined(file.stem, ["it is no longer published"])
        else:
            found += joined(file.stem, breaches(json.loads(file.read_text()), schema_of(fact)))
    return found


def broken_since(reference: str) -> list[str]:
    """Where what was published at a commit is no longer kept: a schema changed, an example gone."""
    found = []
    for name in _git("ls-tree", "--name-only", reference, f"{FROZEN}/").split():
        type_, file = Path(name).stem, ROOT / name
        if not file.exists():
            found += joined(type_, ["its frozen schema is gone"])
            continue
        before = json.loads(_git("show", f"{reference}:{name}"))
        found += joined(type_, breaches(before, json.loads(file.read_text())))
    for name in _git("ls-tree", "--name-only", reference, f"{EXAMPLES}/").split():
        file = ROOT / name
        before = json.loads(_git("show", f"{reference}:{name}"))
        if not file.exists() or json.loads(file.read_text()) != before:
            found += joined(file.stem, ["its stored example changed, and has to be read for ever"])
    return found


def freeze() -> list[str]:
    """Write down new versions and new optional fields; refuses where something breaks."""
    if broken := broken_by_code():
        return broken
    (ROOT / FROZEN).mkdir(exist_ok=True)
    for type_, fact in FACTS.items():
        text = json.dumps(schema_of(fact), indent=1) + "\n"
        (ROOT / FROZEN / f"{type_}.json").write_text(text)
    return []


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout


def commit_before() -> str | None:
    """Where this work left the branch it goes to; the commit before this one where it has arrived
    there, or would be compared with itself. None where git can't say: without a repository or such
    a branch, and in a shallow clone that holds no commit before."""
    for branch in ("origin/main", "main"):
        if left := _commit("merge-base", "HEAD", branch):
            is_there = left == _commit("rev-parse", "HEAD")
            return _commit("rev-parse", "--verify", "--quiet", "HEAD~1") if is_there else left
    return None


def _commit(*arguments: str) -> str | None:
    try:
        return _git(*arguments).strip()
    except (subprocess.CalledProcessError, FileNotFoundError):
        return None


def main(arguments: list[str]) -> int:
    if "--freeze" in arguments:
        broken = freeze()
    else:
        reference = arguments[0] if arguments else commit_before()
        broken = broken_by_code() + (broken_since(reference) if reference else [])
        if reference is None:
            sys.stdout.write(
                "No earlier commit to compare with (a shallow clone?): only whether the code "
                "keeps the frozen schemas was looked at. Fetch more, or name a commit: AGAINST=…\n"
            )
    sys.stdout.writelines(f"{each}\n" for each in broken)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
