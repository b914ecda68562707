"""The README shows what the clients' own pages show, where scenarios run it as written."""

import re
from pathlib import Path

import pytest

from launcher.paths import ROOT

LONGEST = 20


@pytest.mark.parametrize(
    ("page", "language"), [("web/client/README.md", "js"), ("clients/python/README.md", "python")]
)
def test_the_readmes_example_is_the_one_that_is_run(page: str, language: str) -> None:
    def example(file: Path) -> str:
        found = re.search(rf"^```{language}\n(.*?)^```", file.read_text(), re.DOTALL | re.MULTILINE)
        assert found is not None, f"{file} has no example"
        return found[1]

    shown = example(ROOT / "README.md")
    assert shown == example(ROOT / page)
    assert len(shown.splitlines()) <= LONGEST
