"""A screenshot of Prometheus' own page, with the dashboard's queries in it."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

from PIL import Image
from playwright.async_api import async_playwright, expect

from launcher import chromium
from tests.observability.files import Panel, at_intervals
from tests.observability.scraping import RATE_INTERVAL, Scraping

RANGE = "2m"
COLOURS = 128


async def photograph(prometheus: Scraping, panels: Sequence[Panel], file: Path) -> None:
    """Open Prometheus' page of graphs in a browser, with the first query of each panel, and keep
    what it shows once all graphs are drawn."""
    asked: dict[str, str] = {}
    for number, panel in enumerate(panels):
        expression = at_intervals(panel.targets[0][0], RATE_INTERVAL)
        asked |= {
            f"g{number}.expr": expression,
            f"g{number}.tab": "0",
            f"g{number}.range_input": RANGE,
        }
    async with async_playwright() as playwright:
        program = chromium.find()
        assert program is not None, chromium.MISSING
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 1200, "height": 3000})
        await page.goto(f"{prometheus.url}/graph?{urlencode(asked)}")
        drawn = page.locator(".rickshaw_graph svg")
        await expect(drawn).to_have_count(len(panels), timeout=30_000)
        taken = await page.screenshot(full_page=True, animations="disabled")
        await browser.close()
    picture = Image.open(BytesIO(taken)).convert("RGB").quantize(COLOURS)
    picture.save(file, optimize=True)
