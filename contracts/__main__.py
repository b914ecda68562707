"""Write the documents: `python -m contracts`."""

import json
from pathlib import Path

from contracts import asyncapi, openapi
from contracts.page import page

DOCS = Path(__file__).parents[1] / "docs"


def text_of(document: object) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (DOCS / "asyncapi.json").write_text(text_of(asyncapi.document()))
    document = openapi.merged()
    (DOCS / "openapi.json").write_text(text_of(document))
    (DOCS / "api" / "index.html").write_text(page(document))
