"""The guarantees that are broken on purpose are still there to be broken."""

import pytest

from launcher.paths import ROOT
from tests.faults.mutants import NoLongerFits, edited, mutant
from tests.faults.mutations import MUTATIONS, Edit, Mutation
from tests.faults.scenarios import SCENARIOS


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_mutation_fits_the_tree_and_leaves_python(mutation: Mutation) -> None:
    with mutant(mutation.edits) as source:
        for file in {edit.file for edit in mutation.edits}:
            changed = (source / file).read_text()
            assert changed != (ROOT / file).read_text()
            if file.endswith(".py"):
                compile(changed, file, "exec")


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_mutation_names_a_scenario(mutation: Mutation) -> None:
    assert mutation.scenario in {scenario.name for scenario in SCENARIOS}


@pytest.mark.parametrize("text", ["nothing of it", "twice, twice"])
def test_a_text_that_is_not_there_once_is_refused(text: str) -> None:
    with pytest.raises(NoLongerFits, match="no longer fits"):
        edited(text, Edit("a.py", "twice", "once"))
