"""Looks at the pages in a Chromium: run by `pages.py` in its virtual environment, with the server described on standard input.

Prints a JSON object for each check, and leaves a picture of each page, theme, width and language that it looked at.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from checks import Checks, expect
from outcome import Verdict
from playwright.sync_api import Browser, Page, Request, Response, Route, sync_playwright

LANGUAGES = {"en": "ltr", "de": "ltr", "ru": "ltr", "ar": "rtl"}
THEMES = ("light", "dark")
# The narrowest that WCAG 2.2 asks for (1.4.10), a phone, and a laptop, in CSS pixels.
WIDTHS = {"narrow": (320, 640), "phone": (390, 844), "laptop": (1280, 900)}
# The least size of what is pressed, in CSS pixels (WCAG 2.2, 2.5.8).
TARGET = 24
APPS = 6

# The size of each thing that can be pressed and is shown, and what it says.
TARGETS = """() => [...document.querySelectorAll('a, button, summary')]
    .map(e => [e.textContent.trim(), e.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0)
    .map(([text, box]) => [text, Math.min(box.width, box.height)])"""

HEADINGS = "() => [...document.querySelectorAll('h1, h2, h3, h4')].map(e => Number(e.tagName[1]))"

OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"

# What a long word could push out of its box, where the page itself would not scroll.
CLIPPED = """() => [...document.querySelectorAll('main *')]
    .filter(e => { const box = e.getBoundingClientRect(); return box.width > 0 && (box.left < -1 || box.right > innerWidth + 1); })
    .map(e => e.tagName)"""

OPENED = "() => [...document.querySelectorAll('details')].filter(e => e.open).length"


@dataclass
class Watch:
    """What a page does besides being shown."""

    host: str
    said: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def request(self, request: Request) -> None:
        if urlsplit(request.url).netloc != self.host:
            self.foreign.append(request.url)


@dataclass(frozen=True)
class Look:
    """How a page is looked at."""

    language: str = "en"
    theme: str = "light"
    width: str = "laptop"
    script: bool = True

    def __str__(self) -> str:
        return f"{self.language}, {self.theme}, {self.width}"


class Desk:
    """A browser, a server, and a folder for pictures."""

    def __init__(self, browser: Browser, told: dict[str, Any]) -> None:
        self.browser = browser
        self.url: str = told["url"]
        self.links: dict[str, str] = told["links"]
        self._pictures = Path(told["pictures"])

    @contextmanager
    def page(self, look: Look) -> Iterator[tuple[Page, Watch]]:
        """A browser that has never been here."""
        width, height = WIDTHS[look.width]
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=look.theme,
            locale=look.language,
            java_script_enabled=look.script,
        )
        watch = Watch(urlsplit(self.url).netloc)
        page = context.new_page()
        page.on("request", watch.request)
        # Chromium tells there what its policy has refused.
        page.on("console", lambda message: watch.said.append(message.text))
        page.on("pageerror", lambda error: watch.said.append(str(error)))
        try:
            yield page, watch
        finally:
            context.close()

    def keep(self, page: Page, what: str, look: Look) -> None:
        name = f"{what}-{look.language}-{look.theme}-{look.width}.png"
        page.screenshot(path=self._pictures / name, full_page=True)


def settled(page: Page, watch: Watch) -> None:
    """What is asked of every page."""
    expect(not watch.said, f"the console says {watch.said}")
    expect(not watch.foreign, f"other hosts are asked: {watch.foreign}")
    expect(page.evaluate(OVERFLOW) <= 0, "the page scrolls sideways")
    expect(not page.evaluate(CLIPPED), f"out of the window: {page.evaluate(CLIPPED)}")
    small = [(text, size) for text, size in page.evaluate(TARGETS) if size < TARGET]
    expect(not small, f"too small to be pressed: {small}")
    levels = page.evaluate(HEADINGS)
    expect(levels[:1] == [1] and levels.count(1) == 1, f"headings: {levels}")
    expect(all(deeper - level <= 1 for level, deeper in zip(levels, levels[1:], strict=False)), f"headings: {levels}")
    found = Axe().run(page).response["violations"]
    named = [f"{one['id']} at {one['nodes'][0]['target']}" for one in found]
    expect(not named, f"axe-core finds {named}")


def opened(page: Page, url: str) -> Response:
    answer = page.goto(url)
    assert answer is not None
    return answer


def open_all(page: Page) -> None:
    """All apps at once, so that all steps are looked at."""
    page.evaluate("() => document.querySelectorAll('details').forEach(e => { e.removeAttribute('name'); e.open = true; })")


def looks() -> Iterator[Look]:
    for language in LANGUAGES:
        for theme in THEMES:
            for width in WIDTHS:
                yield Look(language, theme, width)


def home(checks: Checks, desk: Desk) -> None:
    for look in looks():
        with checks.check(f"/ ({look})"), desk.page(look) as (page, watch):
            expect(opened(page, desk.url).status == 200, "it is not there")
            root = page.locator("html")
            expect(root.get_attribute("lang") == look.language, "it is in another language")
            expect(root.get_attribute("dir") == LANGUAGES[look.language], "its direction is wrong")
            expect("setup-" not in page.content(), "a message is missing")
            desk.keep(page, "home", look)
            open_all(page)
            desk.keep(page, "home-steps", look)
            settled(page, watch)


def without_script(checks: Checks, desk: Desk) -> None:
    with checks.check("/ works without a script"), desk.page(Look(script=False)) as (page, watch):
        opened(page, desk.url)
        apps = page.locator("summary")
        expect(apps.count() == APPS, f"{apps.count()} apps")
        for at in range(APPS):
            apps.nth(at).click()
            steps = page.locator("details").nth(at).locator("li")
            expect(steps.first.is_visible(), "no steps are shown")
        expect(not page.locator("button").first.is_visible(), "a button is shown that does nothing")
        page.locator("nav a[hreflang=de]").click()
        expect(page.locator("html").get_attribute("lang") == "de", "German is not there")
        expect(not watch.said, f"the console says {watch.said}")


def by_keyboard(checks: Checks, desk: Desk) -> None:
    with checks.check("apps are chosen with the keyboard, one at a time, and the focus is seen"), desk.page(Look()) as (page, _):
        opened(page, desk.url)
        page.locator("summary").first.focus()
        page.keyboard.press("Enter")
        expect(page.evaluate(OPENED) == 1, "Enter opens nothing")
        page.locator("summary").nth(1).focus()
        page.keyboard.press("Space")
        expect(page.evaluate(OPENED) == 1, "two are open")
        expect(page.locator("details").nth(1).evaluate("e => e.open"), "Space opens nothing")
        page.keyboard.press("Tab")
        outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
        expect(outline == "solid", f"the outline is {outline}")


def enlarged(checks: Checks, desk: Desk) -> None:
    with checks.check("letters of twice the size fit on a phone"), desk.page(Look("de", width="phone")) as (page, watch):
        opened(page, desk.url)
        page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
        open_all(page)
        settled(page, watch)


def codes(checks: Checks, desk: Desk) -> None:
    with checks.check("a code for the phone is on a laptop, and not on a phone"):
        for width, shown in (("laptop", True), ("phone", False)):
            with desk.page(Look(width=width)) as (page, _):
                opened(page, desk.url)
                code = page.get_by_role("img").first if shown else page.locator("svg.code")
                expect(code.is_visible() == shown, f"{width}: it is shown: {not shown}")
    for theme in THEMES:
        with checks.check(f"the code is dark on light ({theme})"), desk.page(Look(theme=theme)) as (page, _):
            opened(page, desk.url)
            fills = page.locator("svg.code > *").evaluate_all("all => all.map(e => getComputedStyle(e).fill)")
            expect(fills == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"], f"it is {fills}")


def protected(checks: Checks, desk: Desk) -> None:
    with checks.check("the policy lets no foreign script or picture in"), desk.page(Look()) as (page, watch):
        opened(page, desk.url)
        ran = page.evaluate("""() => {
            try { const script = document.createElement('script'); script.text = 'window.ran = true'; document.body.append(script); }
            catch { /* Trusted Types refuse the text already. */ }
            const picture = document.createElement('img'); picture.src = 'https://example.org/x.png'; document.body.append(picture);
            return Boolean(window.ran);
        }""")
        expect(not ran, "a script of another ran")
        page.wait_for_function("() => document.images.length === 1 && document.images[0].complete")
        expect(any("Content Security Policy" in said for said in watch.said), "nothing was refused")


def answered(headers: dict[str, str], body: str, route: Route) -> None:
    route.fulfill(status=200, headers=headers, body=body)


def device(checks: Checks, desk: Desk) -> None:
    for look in looks():
        link = desk.links[look.language]
        with checks.check(f"the page of a link ({look})"), desk.page(look) as (page, watch):
            expect(opened(page, link).status == 200, "it is not there")
            expect(page.locator("html").get_attribute("lang") == look.language, "it is in another language")
            desk.keep(page, "link", look)
            settled(page, watch)
    for language, link in desk.links.items():
        look = Look(language, "dark" if language in ("de", "ar") else "light", "phone" if language in ("ru", "ar") else "laptop")
        with checks.check(f"a password is shown without a script ({language})"), desk.page(Look(language, script=False)) as (page, _):
            opened(page, link)
            form = page.locator("form[action$=password] button")
            form.click()
            expect(page.locator("dl code").count() == 3, "server, username and password are not there")
            shown = page.content()
        with checks.check(f"the page of a password ({look})"), desk.page(look) as (page, watch):
            # Shown once: what came is shown again, with the headers of a page that is there.
            there = opened(page, desk.url).headers
            # Not those of the other body: its length and its compression.
            headers = {name: there[name] for name in ("content-type", "content-security-policy")}
            page.route(link, partial(answered, headers, shown))
            opened(page, link)
            page.locator("details[open]").first.wait_for()
            desk.keep(page, "password", look)
            settled(page, watch)
        with checks.check(f"the page of a used link ({look})"), desk.page(look) as (page, watch):
            expect(opened(page, link).status == 410, "it can be used again")
            desk.keep(page, "used", look)
            # That it is gone is an error to the console.
            watch.said.clear()
            settled(page, watch)


def copied(checks: Checks, desk: Desk) -> None:
    with checks.check("a button copies, and says so"), desk.page(Look()) as (page, watch):
        page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=desk.url)
        opened(page, desk.url)
        page.get_by_role("button", name="Copy").first.click()
        page.get_by_role("button", name="Copied").first.wait_for()
        expect(not watch.said, f"the console says {watch.said}")


def main() -> None:
    told = json.load(sys.stdin)
    checks = Checks()
    with sync_playwright() as playwright:
        # The sandbox of a browser needs rights that a container has not, and only our own pages are opened.
        browser = playwright.chromium.launch(executable_path=told["browser"], args=["--no-sandbox"])
        desk = Desk(browser, told)
        for part in (home, without_script, by_keyboard, enlarged, codes, protected, copied, device):
            part(checks, desk)
        browser.close()
    for one in checks.outcomes:
        print(json.dumps({"name": one.name, "passed": one.verdict is Verdict.PASSED, "detail": one.detail}))


if __name__ == "__main__":
    main()
