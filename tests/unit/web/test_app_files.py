"""The app's files, as far as they can be checked without a browser."""

import re
import subprocess
from pathlib import Path

from launcher.paths import ROOT

APP = ROOT / "web" / "app"
OURS = sorted(path for path in APP.rglob("*.js") if "vendor" not in path.parts)
MODULES = [*OURS, *sorted((APP / "vendor").glob("*.js"))]


_PARSE = """
const { readFileSync } = require('node:fs')
const { SourceTextModule } = require('node:vm')
for (const path of process.argv.slice(1)) {
  new SourceTextModule(readFileSync(path, 'utf8'), { identifier: path })
}
console.log(process.argv.length - 1)
"""


def test_every_module_can_be_parsed(node: str) -> None:
    # One process for all of them: a process for each takes ten times as long.
    command = [node, "--experimental-vm-modules", "--no-warnings", "-e", _PARSE, "--"]
    done = subprocess.run([*command, *MODULES], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == len(MODULES)


def test_every_import_names_a_file_that_is_served_and_a_name_that_it_exports() -> None:
    for module in OURS:
        for names, source in re.findall(r"import ([^;]*?) from '([^']+)'", module.read_text()):
            served = source.startswith(("./", "../", "/client/"))
            assert served, f"{module} imports {source}, which no browser finds"
            target = ROOT / "web" / source[1:] if source[0] == "/" else module.parent / source
            exported = _exported(target.resolve())
            wanted = re.findall(r"(\w+)(?: as \w+)?", names) if names.startswith("{") else []
            assert set(wanted) <= exported, f"{module} misses {set(wanted) - exported} in {source}"


def _exported(module: Path) -> set[str]:
    text = module.read_text()
    declared = re.findall(r"export (?:async )?(?:const|let|function|class) (\w+)", text)
    listed = re.findall(r"export ?\{([^}]*)\}", text)
    return {*declared, *(name for each in listed for name in re.findall(r"(\w+) ?(?:,|$)", each))}


def test_the_page_runs_nothing_that_its_policy_forbids() -> None:
    page = (APP / "index.html").read_text()
    assert not re.search(r"<style|\son\w+=|\sstyle=|javascript:", page)
    assert re.findall(r"<script[^>]*>", page) == ['<script type="module" src="/app/main.js">']
    for path in re.findall(r'(?:href|src)="/app/([^"]+)"', page):
        assert (APP / path).is_file()


def test_what_people_write_is_never_parsed_as_markup() -> None:
    for module in OURS:
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function",
            module.read_text(),
        ), module


def test_every_library_of_others_has_its_version_and_its_licence() -> None:
    notes = (APP / "vendor" / "README.md").read_text()
    for module in (APP / "vendor").glob("*.js"):
        row = re.search(rf"\| `{module.name}` \|.*\| \d+\.\d+\.\d+ \|.*`([\w.]+)` \|", notes)
        assert row, f"{module.name} is not in vendor/README.md"
        assert (APP / "vendor" / row[1]).is_file()


def test_the_app_asks_for_every_style_that_it_has() -> None:
    page = (APP / "index.html").read_text()
    for style in (APP / "styles").glob("*.css"):
        assert f"/app/styles/{style.name}" in page
