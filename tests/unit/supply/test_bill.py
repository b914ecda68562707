"""The bill of materials: everything that is pinned anywhere is in it, and nothing twice."""

import json
import re

from launcher.paths import ROOT
from supply.bill import bill
from supply.materials import all_materials, images, python_packages, vendored

BILL = bill(all_materials())


def test_every_package_of_the_lock_is_in_the_bill_with_its_hashes() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", lock, re.MULTILINE)
    found = [(material.name, material.version) for material in python_packages()]
    assert len(found) > 50
    assert found == pinned
    hashes = [each for material in python_packages() for each in material.hashes]
    assert len(hashes) == lock.count("--hash=sha256:")
    assert all(material.hashes for material in python_packages())


def test_every_library_for_browsers_is_in_the_bill() -> None:
    folder = ROOT / "web" / "app" / "vendor"
    found = {material.name: material for material in vendored()}
    assert set(found) == {"preact", "htm"}
    # Each file has a line in the table that they are read from.
    hashed = sum(len(material.hashes) for material in found.values())
    assert hashed == len(list(folder.glob("*.js")))
    assert all(material.licence for material in found.values())


def test_every_image_of_others_is_in_the_bill_with_its_version() -> None:
    found = {material.name: material.version for material in images()}
    assert {"postgres", "rabbitmq", "caddy", "python"} <= set(found)
    assert all(found.values())


def test_the_bill_says_nothing_twice_and_the_same_each_time() -> None:
    refs = [component["bom-ref"] for component in BILL["components"]]
    assert len(refs) == len(set(refs))
    assert BILL["dependencies"][0]["dependsOn"] == sorted(refs)
    assert json.dumps(BILL) == json.dumps(bill(all_materials()))
