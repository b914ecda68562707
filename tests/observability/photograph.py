"""Screenshots of what Prometheus answers: of its own page, and of the dashboard."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

from PIL import Image
from playwright.async_api import Page, Route, ViewportSize, async_playwright, expect

from launcher import chromium
from launcher.paths import ROOT
from tests.observability.files import DASHBOARD, Panel, at_intervals
from tests.observability.scraping import RATE_INTERVAL, SCRAPE_SECONDS, Scraping

RANGE = "2m"
COLOURS = 256
DRAWN_WITHIN = 30_000
# Where `make observability-pictures` puts the dashboard's page, and the libraries it is made of.
BUILT = ROOT / ".circles" / "dashboard"
LIBRARIES = BUILT / "node_modules"
LETTERS = LIBRARIES / "@fontsource" / "inter" / "files"
# By where the page and its libraries ask for them, below the page's own address.
SERVED = {
    "": ROOT / "tests" / "observability" / "page" / "index.html",
    "page.js": BUILT / "page.js",
    "page.css": BUILT / "page.css",
    "circles.json": DASHBOARD,
    "public/fonts/inter/Inter-Regular.woff2": LETTERS / "inter-latin-400-normal.woff2",
    "public/fonts/inter/Inter-Medium.woff2": LETTERS / "inter-latin-500-normal.woff2",
}
ICONS = "public/build/"
# How Grafana's libraries say that a query failed, or that a panel could not be drawn.
MARKS_OF_ERRORS = '[data-testid="data-testid Panel status error"], [role="alert"]'


async def photograph_prometheus(prometheus: Scraping, panels: Sequence[Panel], file: Path) -> None:
    """Open Prometheus' page of graphs in a browser, with the first query of each panel, and keep
    what it shows once all graphs are drawn."""
    asked: dict[str, str] = {}
    for number, panel in enumerate(panels):
        asked |= {
            f"g{number}.expr": at_intervals(panel.expressions[0], RATE_INTERVAL),
            f"g{number}.tab": "0",
            f"g{number}.range_input": RANGE,
        }
    async with _page(ViewportSize(width=1200, height=3000)) as page:
        await page.goto(f"{prometheus.url}/graph?{urlencode(asked)}")
        drawn = page.locator(".rickshaw_graph svg")
        await expect(drawn).to_have_count(len(panels), timeout=DRAWN_WITHIN)
        _keep(await page.screenshot(full_page=True, animations="disabled"), file)


async def photograph_dashboard(
    prometheus: Scraping, panels: Sequence[Panel], span: tuple[float, float], file: Path
) -> dict[str, int]:
    """Open the dashboard between two moments in epoch seconds, and keep what it shows once all its
    panels are drawn, none with an error. Returns how many curves of each are not 0 all along, by
    its title."""
    began, ended = (datetime.fromtimestamp(moment, UTC).isoformat() for moment in span)
    asked = {"from": began, "to": ended, "interval": f"{SCRAPE_SECONDS}s", "rate": RATE_INTERVAL}
    # As wide as it is read with ease in the column of a page.
    async with _page(ViewportSize(width=1280, height=2400)) as page:
        broken: list[str] = []
        page.on("pageerror", lambda error: broken.append(str(error)))
        # Beside Prometheus, so that the page may ask it.
        await page.route(f"{prometheus.url}/dashboard/**", _serve)
        await page.goto(f"{prometheus.url}/dashboard/?{urlencode(asked)}")
        drawn = page.locator("[data-panel][data-curves]")
        try:
            await expect(drawn).to_have_count(len(panels), timeout=DRAWN_WITHIN)
        finally:
            assert not broken, broken
            await expect(page.locator(MARKS_OF_ERRORS)).to_have_count(0)
        curves: dict[str, int] = await drawn.evaluate_all(
            "all => Object.fromEntries(all.map(each => [each.dataset.panel, +each.dataset.curves]))"
        )
        _keep(await page.locator("main").screenshot(animations="disabled"), file)
    return curves


async def _serve(route: Route) -> None:
    path = route.request.url.partition("?")[0].partition("/dashboard/")[2]
    if path.startswith(ICONS):
        file = LIBRARIES / "@grafana" / "ui" / "dist" / "public" / path.removeprefix(ICONS)
    else:
        file = SERVED.get(path, BUILT / path)
    if file.is_file():
        await route.fulfill(path=file)
    else:
        await route.fulfill(status=404)


@asynccontextmanager
async def _page(size: ViewportSize) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        program = chromium.find()
        assert program is not None, chromium.MISSING
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield await browser.new_page(viewport=size)
        await browser.close()


def _keep(taken: bytes, file: Path) -> None:
    # Pillow's usual method gives two curves one colour.
    whole = Image.open(BytesIO(taken)).convert("RGB")
    whole.quantize(COLOURS, Image.Quantize.FASTOCTREE).save(file, optimize=True)
