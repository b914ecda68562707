"""Hold a bill of materials against CycloneDX's schema. Runs with the tools of supply/tools.lock."""

import sys
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator


def main() -> None:
    path = Path(sys.argv[1])
    if wrong := JsonStrictValidator(SchemaVersion.V1_6).validate_str(path.read_text()):
        sys.exit(f"{path} is no CycloneDX 1.6: {wrong}")


if __name__ == "__main__":
    main()
