"""Numbers, money, energy and units as readers write them: thousands and "million" in English, ten thousands (万) in Chinese."""

from __future__ import annotations

from typing import Final

from optimizer.language.speech import is_chinese, say

KWH_PER_MWH: Final = 1000.0
MONEY: Final = {"CNY": "元", "USD": "美元", "EUR": "欧元", "JPY": "日元", "GBP": "英镑"}
"""Names of currencies in Chinese; others keep their code."""
LEAST_IN_TEN_THOUSANDS: Final = 1e5
"""Sums below stay in the unit: two decimals of 万 would hide what a day saves."""


def big(value: float) -> str:
    """A number with about three significant digits: 38,214,550 -> "38.2 million", in Chinese "3821万"."""
    if value != value:
        return say("not known")
    size = abs(value)
    if is_chinese() and size >= 1e4:
        return _by_ten_thousands(value)
    if size >= 1e6:
        return f"{value / 1e6:,.{2 if size < 1e7 else 1}f} million"
    if size >= 99.95:
        return whole(value)
    return "0" if size < 1e-6 else f"{value:.3g}"


def _by_ten_thousands(value: float) -> str:
    """A number of at least ten thousand in 万 or 亿, three digits at least."""
    unit, sign = (1e8, "亿") if abs(value) >= 0.99995e8 else (1e4, "万")
    part = value / unit
    digits = 2 if abs(part) < 9.995 else 1 if abs(part) < 99.95 else 0
    return f"{part:.{digits}f}{sign}"


def whole(value: float) -> str:
    """A number without decimals; thousands have a comma in English only."""
    return f"{value:z.0f}" if is_chinese() else f"{value:z,.0f}"


def grouped(value: float, form: str = ",.0f") -> str:
    """A number in a given form, whose commas between thousands stand in English only."""
    text = format(value, form)
    return text.replace(",", "") if is_chinese() else text


def share(value: float, digits: int = 1) -> str:
    """A fraction as percent: 0.942 -> "94.2 %", in Chinese "94.2%"."""
    if value != value:
        return say("not known")
    return f"{100 * value:.{digits}f}{'%' if is_chinese() else ' %'}"


def money(value: float, currency: str) -> str:
    """Money, rounded: "CNY 12.4 million", in Chinese "1237.73万元"."""
    return _money_in_chinese(value, currency) if is_chinese() else f"{currency} {big(value)}"


def money_to_the_unit(value: float, currency: str) -> str:
    """Money to the whole unit: "12,377,348 CNY", in Chinese "1237.73万元"."""
    return _money_in_chinese(value, currency) if is_chinese() else f"{value:,.0f} {currency}"


def _money_in_chinese(value: float, currency: str) -> str:
    """Money in 万 to two decimals, as bills have it; small sums in the currency's unit."""
    name = currency_name(currency)
    name = name if name in MONEY.values() else f" {name}"
    if abs(value) >= 0.999999e8:
        return f"{value / 1e8:.4f}亿{name}"
    return f"{value / 1e4:.2f}万{name}" if abs(value) >= LEAST_IN_TEN_THOUSANDS else f"{value:.2f}{name}"


def currency_name(currency: str) -> str:
    """Currency on an axis or below a number: "CNY", in Chinese "元"."""
    return MONEY.get(currency, currency) if is_chinese() else currency


def energy(mwh: float) -> str:
    """Energy of a span, its unit named beside it in English: "1,050" [MWh], in Chinese "105万千瓦时"."""
    return f"{big(mwh * KWH_PER_MWH)}千瓦时" if is_chinese() else big(mwh)


def unit(text: str) -> str:
    """Unit, or a quotient of units: "CNY/MWh", in Chinese "元/兆瓦时"."""
    return "/".join(currency_name(part) if part in MONEY else say(part) for part in text.split("/"))


def amount(number: str, name: str) -> str:
    """A written number with the name of its unit; between a number and a Chinese unit stands no space."""
    gap = "" if is_chinese() and not name.isascii() else " "
    return f"{number}{gap}{name}".strip()


def listed(texts: list[str]) -> str:
    """Things in a row: "a, b, c", in Chinese "a、b、c"."""
    return "、".join(texts) if is_chinese() else ", ".join(texts)


def sentences(*texts: str) -> str:
    """Sentences in a row, those that are empty left out; between Chinese ones stands no space."""
    return ("" if is_chinese() else " ").join(text for text in texts if text)
