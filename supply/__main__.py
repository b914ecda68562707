"""`make sbom`: print the bill of materials."""

import json
import sys

from supply.bill import bill
from supply.materials import all_materials

if __name__ == "__main__":
    json.dump(bill(all_materials()), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")
