"""Somebody at a real browser: windows in which a person is signed in, and what their pages complained of."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from django.db import connections
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response

from accounts.models import User
from tests.doors import enter

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@dataclass
class Surfer:
    """Opens windows, one a person, and listens to every page in them."""

    browser: Browser
    base: str
    cookie: str
    complaints: list[str] = field(default_factory=list)
    windows: list[BrowserContext] = field(default_factory=list)

    def window(
        self, user: User | None = None, language: str = "ar", *, size: dict[str, int] | None = None, **options: Any
    ) -> Page:
        """A window of its own in which this person is signed in and reads this language."""
        context = self.browser.new_context(
            base_url=self.base, viewport=size or DESK, locale="en-US", timezone_id="Asia/Riyadh",
            reduced_motion="reduce", **options,
        )  # fmt: skip
        context.set_default_timeout(15_000)
        self.windows.append(context)
        cookies: list[Any] = [{"name": "language", "value": language, "url": self.base}]
        if user is not None:
            session = self._session(user, language)
            cookies.append({"name": self.cookie, "value": session, "url": self.base})
        context.add_cookies(cookies)
        page = context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("response", self._answered)
        return page

    def _session(self, user: User, language: str) -> str:
        """The key of a session that is committed whatever transaction the test itself runs in."""

        def sign_in() -> str:
            try:
                return str(enter(User.objects.get(pk=user.pk), language).cookies[self.cookie].value)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(max_workers=1) as aside:
            return aside.submit(sign_in).result()

    def _heard(self, message: ConsoleMessage) -> None:
        # A status that is not 200 is said by the response itself, below, with its address.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(f"{message.location.get('url', '')}: {message.text}")

    def _answered(self, response: Response) -> None:
        document = response.request.resource_type == "document"
        if response.status >= 500 or (response.status >= 400 and not document):
            self.complaints.append(f"{response.status} {response.url}")

    def leave(self) -> None:
        """Close all windows. Raises AssertionError when a page complained."""
        for context in self.windows:
            context.close()
        assert not self.complaints, "\n".join(self.complaints)


def overflow(page: Page) -> int:
    """By how many pixels a page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def direction(page: Page) -> tuple[str | None, str | None]:
    """The language and the direction a page says it has."""
    root = page.locator("html")
    return root.get_attribute("lang"), root.get_attribute("dir")
