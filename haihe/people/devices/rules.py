"""What a browser calls itself, in words that people know. Pure."""

from __future__ import annotations

from typing import Final

from haihe.base.i18n import N_, translate

AGENT_CHARACTERS_MAX: Final = 500
_BROWSERS: Final = (
    ("MicroMessenger", "WeChat"),
    ("AlipayClient", "Alipay"),
    ("HuaweiBrowser", "Huawei Browser"),
    ("MiuiBrowser", "Mi Browser"),
    ("SamsungBrowser", "Samsung Internet"),
    ("UCBrowser", "UC Browser"),
    ("QQBrowser", "QQ Browser"),
    ("YaBrowser", "Yandex Browser"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""Marks in a User-Agent, the more particular first: nearly all of them also say Chrome and Safari."""
_SYSTEMS: Final = (
    ("OpenHarmony", "HarmonyOS"),
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
BOTH: Final = N_("{browser} on {system}")
UNKNOWN: Final = N_("Another program")


def browser_of(agent: str) -> str:
    """Name the browser of a User-Agent; "" for what is none that we know."""
    return next((name for mark, name in _BROWSERS if mark in agent[:AGENT_CHARACTERS_MAX]), "")


def system_of(agent: str) -> str:
    """Name the system of a User-Agent; "" for what does not say."""
    return next((name for mark, name in _SYSTEMS if mark in agent[:AGENT_CHARACTERS_MAX]), "")


def device_name(browser: str, system: str, lang: str) -> str:
    """Name a device as people read it: "Chrome on Android"."""
    if browser and system:
        return translate(lang, BOTH, browser=browser, system=system)
    return browser or system or translate(lang, UNKNOWN)
