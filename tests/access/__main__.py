"""`make access`: write docs/security/access.md."""

from tests.access.page import PAGE, text

if __name__ == "__main__":
    PAGE.write_text(text())
