"""Somebody in front of a browser: what they see, and what they do there."""

from collections.abc import Sequence
from dataclasses import dataclass

from playwright.async_api import BrowserContext, Locator, Page, expect

LIVE = "Live"
# For machines that are busy with other things as well: what holds is seen at once.
expect.set_options(timeout=30_000)


@dataclass(frozen=True)
class Visitor:
    """A page of the app, and the name of whoever uses it. Waits for what it looks for."""

    page: Page
    name: str

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    @property
    def user_id(self) -> str:
        return self.name.lower().replace(" ", "-")

    # What they do

    async def signs_in(self) -> None:
        await self.page.get_by_label("Your name").fill(self.name)
        await self.page.get_by_role("button", name="Sign in").click()
        await self.is_connected()

    async def starts_group(self, name: str, *others: "Visitor") -> None:
        """And is in its conversation then."""
        await self.page.get_by_role("button", name="New conversation").click()
        await self.page.get_by_role("button", name="Group", exact=True).click()
        await self.page.get_by_label("Name of the group").fill(name)
        for other in others:
            await self.page.get_by_label("Members", exact=True).fill(f"{other.name},")
        await self.page.get_by_role("button", name="Create group").click()
        await expect(self.page.get_by_role("heading", name=name, level=2)).to_be_visible()

    async def starts_dm(self, other: "Visitor") -> None:
        await self.page.get_by_role("button", name="New conversation").click()
        await self.page.get_by_label("Who").fill(other.name)
        await self.page.get_by_role("button", name="Start chat").click()
        await expect(self.page.locator("main h2")).to_have_text(other.name)

    async def opens(self, conversation: str) -> None:
        await self.row(conversation).click()
        await expect(self.page.get_by_role("heading", name=conversation, level=2)).to_be_visible()

    async def writes(self, text: str) -> None:
        await self.composer.fill(text)
        await self.composer.press("Enter")

    async def deletes(self, text: str) -> None:
        await self.bubble(text).hover()
        await self.bubble(text).get_by_role("button", name="Message options").click()
        await self.page.get_by_role("button", name="Delete").click()
        dialog = self.page.get_by_role("dialog", name="Delete the message?")
        await dialog.get_by_text("Delete", exact=True).click()
        await expect(self.page.get_by_role("dialog")).to_have_count(0)

    async def opens_details(self) -> Locator:
        await self.page.get_by_role("button", name="Details").click()
        return self.page.get_by_role("dialog", name="Group")

    async def deletes_group(self) -> None:
        """The one whose conversation is open."""
        dialog = await self.opens_details()
        await dialog.get_by_text("Settings").click()
        await dialog.get_by_role("button", name="Delete group").click()
        confirm = self.page.get_by_role("dialog", name="Delete the group?")
        await confirm.get_by_role("button", name="Delete group").click()

    # What they see

    @property
    def composer(self) -> Locator:
        return self.page.get_by_label("Message", exact=True)

    @property
    def bell(self) -> Locator:
        return self.page.get_by_role("button", name="Notifications")

    def row(self, conversation: str) -> Locator:
        """A conversation in the list."""
        rows = self.page.get_by_role("navigation", name="Your conversations").get_by_role("link")
        return rows.filter(has=self.page.get_by_text(conversation, exact=True))

    def bubble(self, text: str) -> Locator:
        contents = self.page.locator(".content").get_by_text(text, exact=True)
        return self.page.locator(".message").filter(has=contents)

    async def is_connected(self, words: str = LIVE) -> None:
        await expect(self.page.locator(".connection")).to_have_text(words)

    async def sees(self, *texts: str) -> None:
        """Exactly these messages of people, in this order, each once."""
        shown = self.page.locator(".message .content")
        await expect(shown).to_have_text(list(texts))

    async def sees_tick(self, text: str, state: str) -> None:
        """How far a message of their own has come: sent, delivered, read."""
        ticks = self.bubble(text).locator(".ticks")
        await expect(ticks).to_have_attribute("data-state", state)


def numbered(count: int, word: str = "Message") -> Sequence[str]:
    return [f"{word} {number}" for number in range(1, count + 1)]
