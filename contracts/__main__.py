"""Write the documents: `python -m contracts [openapi] [asyncapi]`."""

import json
from pathlib import Path

from contracts import openapi

DOCS = Path(__file__).parents[1] / "docs"


def text_of(document: object) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (DOCS / "openapi.json").write_text(text_of(openapi.merged()))
