#!/usr/bin/env python3
"""Pictures of the running demo: every role's first page and more, Arabic and English, into a folder.

.venv/bin/python scripts/screenshots.py --base http://localhost:8000 --out docs/screenshots
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

PASSWORD = "mithaq-demo-2026"  # noqa: S105 - the demo's, printed on its start
SHOTS = (
    ("noura@mithaq.example", "day", "/day/"),
    ("noura@mithaq.example", "case", "first-case"),
    ("maha@mithaq.example", "team", "/team/"),
    ("maha@mithaq.example", "import-new", "/imports/new/"),
    ("tariq@mithaq.example", "inbox", "/approvals/"),
    ("tariq@mithaq.example", "request", "first-request"),
    ("tariq@mithaq.example", "clients", "/clients/"),
    ("majed@mithaq.example", "audit", "/audit/"),
    ("layla@nakheel.example", "portal", "/portal/"),
    ("admin@mithaq.example", "jobs", "/jobs/"),
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


def shoot(*, browser: Browser, base: str, out: Path, language: str, only: str, width: int, height: int) -> None:
    suffix = f"{language}{'-mobile' if width < 701 else ''}"
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    page.on("console", lambda m: print(f"{language} console {m.type}: {m.text}") if m.type == "error" else None)
    page.on("pageerror", lambda e: print(f"{language} page error: {e}"))
    page.context.add_cookies([{"name": "language", "value": language, "url": base}])
    page.goto(f"{base}/account/login/")
    if not only or only == "signin":
        page.screenshot(path=str(out / f"signin-{suffix}.png"))
    signed_in = ""
    for email, name, path in SHOTS:
        if only and name != only:
            continue
        if email != signed_in:
            page.context.clear_cookies()
            page.goto(f"{base}/account/login/")
            page.fill("#id_login", email)
            page.fill("#id_password", PASSWORD)
            page.click("main .btn.primary")
            page.wait_for_url(lambda url: "/login/" not in url)
            if page.get_attribute("html", "lang") != language:
                page.locator(f"button[name=language][value={language}]").first.click()
            signed_in = email
        if path == "first-case":
            page.goto(f"{base}/day/")
            page.goto(base + (page.get_attribute("tr[data-href]", "data-href") or "/day/"))
        elif path == "first-request":
            page.goto(f"{base}/approvals/")
            page.goto(base + (page.get_attribute("tr[data-href]", "data-href") or "/approvals/"))
        else:
            page.goto(base + path)
        page.wait_for_load_state("networkidle")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            print(f"{name}-{suffix}: {wide}px too wide")
        page.screenshot(path=str(out / f"{name}-{suffix}.png"))
    page.context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", default="http://localhost:8000")
    parser.add_argument("--out", type=Path, default=Path("docs/screenshots"))
    parser.add_argument("--only", default="")
    parser.add_argument("--mobile", action="store_true")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for language in ("ar", "en"):
            width, height = (390, 844) if options.mobile else (1440, 900)
            shoot(
                browser=browser,
                base=options.base,
                out=options.out,
                language=language,
                only=options.only,
                width=width,
                height=height,
            )
        browser.close()


if __name__ == "__main__":
    main()
