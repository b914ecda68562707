"""What a migration may do while the version before serves: read off its SQL.

A statement that has to break a rule says so and why, in the line before it:
`-- although it rewrites the table: it has a hundred rows`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NAME = re.compile(r"(\d{4})_[a-z]+(_[a-z0-9]+)+\.sql")
_SECTION = re.compile(r"^-- migrate:(up|down)(.*)$", re.MULTILINE)
_ALTHOUGH = re.compile(r"--[ \t]*although it (\w+)[^:\n]*:[ \t]*\S+")
_COMMENT = re.compile(r"--[^\n]*")
_CREATED = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)", re.IGNORECASE)
# Evaluated once for the whole table; any other function is called for each row, which rewrites it.
_STEADY = frozenset({"now", "make_interval"})

# What breaks a rule, whatever else the statement says: the rule, the pattern, and what to do.
_ALWAYS = (
    (
        "rewrites",
        r"\bALTER (COLUMN )?\w+ (SET DATA )?TYPE\b",
        "add a column, fill it, then let readers change over",
    ),
    (
        "rewrites",
        r"\bSET (LOGGED|UNLOGGED|TABLESPACE)\b|^CLUSTER\b|^VACUUM FULL\b",
        "leave the table as it is",
    ),
    (
        "rewrites",
        r"\bADD COLUMN\b[^,]*\b(GENERATED|SERIAL|BIGSERIAL)\b",
        "add it empty, and fill it in steps",
    ),
    (
        "blocks",
        r"\bALTER (COLUMN )?\w+ SET NOT NULL\b",
        "add CHECK (… IS NOT NULL) NOT VALID, and validate it in the next file",
    ),
    (
        "blocks",
        r"\bADD (CONSTRAINT \w+ )?(UNIQUE|PRIMARY KEY)\b(?!.*\bUSING INDEX\b)",
        "create the index CONCURRENTLY, then ADD … USING INDEX",
    ),
    (
        "blocks",
        r"\bADD (CONSTRAINT \w+ )?(CHECK|FOREIGN KEY|EXCLUDE)\b(?!.*\bNOT VALID\b)",
        "add it NOT VALID, and validate it in the next file",
    ),
    (
        "blocks",
        r"\bADD COLUMN\b[^,]*\b(REFERENCES|UNIQUE|PRIMARY KEY|CHECK)\b",
        "add the column alone, then the constraint",
    ),
    (
        "blocks",
        r"^LOCK\b|^REINDEX\b(?!.*CONCURRENTLY)|^TRUNCATE\b",
        "find a way without that lock",
    ),
    ("blocks", r"^(UPDATE|DELETE)\b", "let the service do it in steps, or a job of its own"),
    (
        "breaks",
        r"\bADD COLUMN (?![^,]*\bDEFAULT\b)[^,]*\bNOT NULL\b",
        "give it a DEFAULT: the version before inserts rows without it",
    ),
    (
        "breaks",
        r"^DROP (TABLE|VIEW|FUNCTION|TYPE)\b|\bDROP COLUMN\b|\bRENAME\b|\bSET SCHEMA\b",
        "do it a release later, when nothing that runs uses it",
    ),
    (
        "waits",
        r"^SET (LOCAL |SESSION )?(lock_timeout|statement_timeout)\b",
        "leave it to shared/postgres/migrate.py",
    ),
)


@dataclass(frozen=True)
class Section:
    """The statements of one half of a file, each with the comments before it."""

    is_transaction: bool
    statements: tuple[str, ...]


def sections(sql: str) -> dict[str, Section]:
    """`up` and `down`, as far as they are there."""
    marks = list(_SECTION.finditer(sql))
    ends = [*(mark.start() for mark in marks[1:]), len(sql)]
    return {
        mark[1]: Section(
            "transaction:false" not in mark[2],
            tuple(s for s in _split(sql[mark.end() : end]) if _bare(s)),
        )
        for mark, end in zip(marks, ends, strict=True)
    }


def breaches(sql: str) -> list[str]:
    """What is wrong with a file, in words; nothing if it may run."""
    found = sections(sql)
    if list(found) != ["up", "down"]:
        return ["it needs `-- migrate:up` and `-- migrate:down`, in this order"]
    up = found["up"]
    new = {name.lower() for each in up.statements for name in _CREATED.findall(_bare(each))}
    wrong = [each for statement in up.statements for each in _of_statement(statement, new)]
    for section in found.values():
        alone = [s for s in section.statements if "CONCURRENTLY" in _bare(s).upper()]
        if alone and (section.is_transaction or len(section.statements) > 1):
            wrong.append("CONCURRENTLY needs a file of its own, with `transaction:false`")
        if not alone and not section.is_transaction:
            wrong.append("without a transaction, a file that fails is half done")
    validated = re.findall(r"VALIDATE CONSTRAINT (\w+)", sql)
    wrong += [
        f"{name} is validated under the lock that added it: validate it in the next file"
        for name in validated
        if re.search(rf"ADD CONSTRAINT {name}\b", sql)
    ]
    return wrong


def _of_statement(statement: str, new: set[str]) -> Iterator[str]:
    bare = " ".join(_bare(statement).split())
    allowed = set(_ALTHOUGH.findall(statement))
    if _table_of(bare) in new:
        return
    for rule, pattern, instead in _ALWAYS:
        if rule not in allowed and re.search(pattern, bare, re.IGNORECASE):
            yield f"{rule}: {bare[:80]} … Instead: {instead}"
    is_index = re.match(r"CREATE (UNIQUE )?INDEX\b|DROP INDEX\b", bare, re.IGNORECASE)
    if is_index and "CONCURRENTLY" not in bare.upper() and "blocks" not in allowed:
        yield f"blocks: {bare[:80]} … Instead: CONCURRENTLY"
    for function in re.findall(r"\bDEFAULT (\w+)\(", bare, re.IGNORECASE):
        is_added = re.search(r"\bADD COLUMN\b", bare, re.IGNORECASE)
        if is_added and function.lower() not in _STEADY and "rewrites" not in allowed:
            yield f"rewrites: {bare[:80]} … {function}() is called for each row"


def _table_of(bare: str) -> str:
    found = re.match(
        r"(?:ALTER TABLE (?:IF EXISTS )?|CREATE (?:UNIQUE )?INDEX .*? ON )(?:ONLY )?(\w+)",
        bare,
        re.IGNORECASE,
    )
    return found[1].lower() if found else ""


def _split(text: str) -> list[str]:
    """By semicolons outside of comments and of bodies in dollars."""
    return re.findall(r"(?:--[^\n]*|\$\w*\$.*?\$\w*\$|'[^']*'|[^;])+;?", text, re.DOTALL)


def _bare(statement: str) -> str:
    return _COMMENT.sub("", statement).strip(" \n;")


def numbered(folders: list[Path]) -> list[str]:
    """What is wrong with the names of a service's files: dbmate goes by them."""
    names = [path.name for folder in folders for path in sorted(folder.glob("*.sql"))]
    wrong = [f"{name}: call it NNNN_verb_noun.sql" for name in names if not NAME.fullmatch(name)]
    numbers = [name[:4] for name in names]
    return wrong + [f"{n} is there twice" for n in sorted(set(numbers)) if numbers.count(n) > 1]
