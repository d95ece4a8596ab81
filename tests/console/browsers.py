"""Chromium, as people use it, at the sizes of a laptop and of a phone."""

from contextlib import asynccontextmanager
from shutil import which

from playwright.async_api import ConsoleMessage, Error, Page, ViewportSize, async_playwright

LAPTOP = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=390, height=844)


class Watched:
    """A page, and what its browser complained about."""

    def __init__(self, page: Page):
        self.page = page
        self.complaints: list[str] = []
        page.on("pageerror", self._failed)
        page.on("console", self._said)

    def _failed(self, error: Error):
        self.complaints.append(str(error))

    def _said(self, message: ConsoleMessage):
        if message.type == "error":
            self.complaints.append(message.text)

    async def is_wider_than_its_window(self):
        return await self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )

    async def faults(self):
        """What a screen reader, a keyboard or somebody with weak eyes would stumble over."""
        return await self.page.evaluate(_FAULTS)


@asynccontextmanager
async def opened(size=LAPTOP, **options):
    """A window of a fresh browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=which("chromium"), args=["--no-sandbox"]
        )
        try:
            context = await browser.new_context(viewport=size, **options)
            context.set_default_timeout(30_000)
            yield Watched(await context.new_page())
        finally:
            await browser.close()


#: Unnamed controls, fields without label, ids used twice, and text too faint for WCAG AA.
_FAULTS = """() => {
  const faults = [];
  const seen = (one) => one.checkVisibility({visibilityProperty: true}) && one.getClientRects().length;
  for (const one of document.querySelectorAll('a[href], button, [role=button], summary')) {
    if (!(one.textContent.trim() || one.getAttribute('aria-label') || one.querySelector('title')))
      faults.push('no name: ' + one.outerHTML.slice(0, 90));
  }
  for (const one of document.querySelectorAll('input:not([type=hidden]), select')) {
    if (!one.labels.length && !one.getAttribute('aria-label')) faults.push('no label: ' + one.outerHTML);
  }
  const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push('twice: ' + id);
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const over = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !seen(one) || one.closest('.unseen, .skip')) continue;
    const below = [];
    for (let up = one; up; up = up.parentElement) below.unshift(getComputedStyle(up).backgroundColor);
    const ground = over(below), ink = over([...below, getComputedStyle(one).color]);
    const [low, high] = [light(ground), light(ink)].sort((a, b) => a - b);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) faults.push(`faint (${ratio.toFixed(1)}): ${walker.currentNode.textContent.trim().slice(0, 40)}`);
  }
  return faults;
}"""
