"""What may import what, and where things belong: cheap checks that keep it so."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("groups", "chat", "notifier")
SHIPPED = ("shared", "services", "launcher", "command_line", "clients/python")
LONGEST_SHARED_FILE = 250

_SQL = re.compile(
    r"^\s*(SELECT|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|WITH\s+\w+\s+AS)\b", re.IGNORECASE
)


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def where(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def literals(path: Path) -> Iterator[tuple[ast.Constant, str]]:
    """The string literals of a file, docstrings aside."""
    tree = ast.parse(path.read_text())
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in documentation:
            yield node, str(node.value)


def imports(path: Path) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node, node.module or ""


def test_imports_go_in_the_directions_that_are_drawn() -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    checked = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout[-3000:]


@pytest.mark.parametrize("service", SERVICES)
def test_sql_is_written_in_storage_alone(service: str) -> None:
    here = ROOT / "services" / service
    found = [
        where(path, node)
        for path in sources(f"services/{service}")
        if (here / "storage") not in path.parents and path != here / "storage.py"
        for node, text in literals(path)
        if _SQL.match(text)
    ]
    assert not found


def test_the_broker_and_the_database_have_one_home_each() -> None:
    homes = {
        "aio_pika": ("shared/rabbitmq",),
        "aiormq": ("shared/rabbitmq",),
        "asyncpg": ("shared/postgres", "shared/outbox", "services", "launcher"),
        # An extra: what is imported elsewhere would be missing without it.
        "opentelemetry": ("shared/telemetry.py",),
    }
    found = [
        where(path, node)
        for path in sources(*SHIPPED)
        for node, module in imports(path)
        if (allowed := homes.get(module.partition(".")[0]))
        and not str(path.relative_to(ROOT)).startswith(allowed)
    ]
    assert not found


def test_nothing_that_ships_imports_tests() -> None:
    found = [
        where(path, node)
        for path in sources(*SHIPPED)
        for node, module in imports(path)
        if module.partition(".")[0] in ("tests", "pytest", "hypothesis")
    ]
    assert not found


def test_shared_files_stay_small_enough_to_read() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in sources("shared", "services")}
    assert not [str(path) for path, length in lengths.items() if length > LONGEST_SHARED_FILE]


def test_every_module_that_ships_says_what_it_is() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in sources(*SHIPPED)
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not found


def test_migrations_are_numbered_once_and_can_be_undone() -> None:
    for service in SERVICES:
        folders = (ROOT / "shared/outbox/migrations", ROOT / f"services/{service}/migrations")
        files = [path for folder in folders for path in sorted(folder.glob("*.sql"))]
        numbers = [path.name[:4] for path in files]
        assert numbers == sorted(set(numbers)), service
        for path in files:
            assert re.fullmatch(r"\d{4}_[a-z]+(_[a-z]+)+\.sql", path.name), path.name
            text = path.read_text()
            assert "-- migrate:up" in text and "-- migrate:down" in text, path.name


def test_bodies_are_read_by_the_one_strict_decoder() -> None:
    found = [
        where(path, node)
        for path in sources("services")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in ("json", "post")
        and isinstance(node.value, ast.Name)
        and node.value.id == "request"
    ]
    assert not found
