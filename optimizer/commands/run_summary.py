"""Summary of a run for the terminal: cost and proof, the ladder, prices, green shares, carbon, broken promises."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from optimizer.language.numbers import big, currency_name, grouped, listed, money_to_the_unit
from optimizer.language.recognition import shown
from optimizer.language.speech import counted, is_chinese, noted, say
from optimizer.language.words import words


def key_figures(summary: dict[str, Any]) -> str:
    """PUE and green shares, as far as the site has them (without servers there is no PUE)."""
    parts = (
        ("pue", noted("PUE {value}")),
        ("own_supply_share", noted("own supply {value} of the energy used, losses of stores included")),
        ("contract_share", noted("contracted green power {value}")),
        ("grid_clean_share", noted("clean grid {value}")),
        ("cfe_hourly_share", noted("carbon-free by the hour {value}")),
        ("certificate_share", noted("certificates for {value}")),
    )
    always = ("pue", "own_supply_share", "cfe_hourly_share")
    return say(", ").join(
        say(text, value=f"{summary[key]:.3f}" if key == "pue" else f"{summary[key]:.1%}")
        for key, text in parts if summary[key] or (key in always and summary[key] is not None)
    )  # fmt: skip


def carbon(summary: dict[str, Any]) -> str:
    """Carbon of a plan beside its baseline's, location- and market-based."""
    from optimizer.plan.summary import beside_baseline

    parts = (
        ("carbon_location_t", noted("{tonnes} t CO2 location-based{baseline}")),
        ("carbon_market_t", noted("{tonnes} t CO2 market-based{baseline}")),
    )
    return say("; ").join(
        say(text, tonnes=big(summary[key]), baseline=beside_baseline(summary, key))
        for key, text in parts
        if summary[key] is not None
    )


PENALTIES = noted("what broken promises cost is in the bill and in the saving: qaidam table {path} money")


def proof(summary: dict[str, Any]) -> str:
    """Proven optimality gap of a plan in words, where it is known."""
    if summary["gap"] is None:
        return say("its gap is not known")
    return say("at most {gap} above the optimum", gap=f"{summary['gap']:.2%}")


def against_the_lowest(summary: dict[str, Any]) -> str:
    """What the plan saves against the lowest rung of the ladder that can be, named."""
    from optimizer.plan.ladder import base_of, saving_in_words, steps_in

    base = base_of(steps_in(summary))
    if base is None or base["total"] is None:
        return say("without a plan the site cannot run")
    saving = saving_in_words(summary["costs"]["total"], base["total"], summary["currency"])
    return say("{saving} against: {base}", saving=saving, base=say(base["name"]))


def cost_lines(summary: dict[str, Any]) -> list[str]:
    """Running cost, capital and total, what a kWh and a card-hour cost, sizes that were found, and plants without a stated cost."""
    costs, currency = summary["costs"], summary["currency"]
    sums = {name: money_beside(costs[name], currency) for name in ("running", "capital", "total")}
    units = {
        "per_it_kwh": noted("{price} a kWh of IT"), "per_facility_kwh": noted("{price} a kWh used"),
        "per_card_hour": noted("{price} a card-hour"),
    }  # fmt: skip
    prices = [say(text, price=f"{p:.4f}") for name, text in units.items() if (p := costs[name]["total"]) is not None]
    begin = say(
        "{currency}: {running} running, {capital} capital, {total} total", currency=currency_name(currency), **sums
    )
    lines = [f"  {begin}" + (say("; ") + say(", ").join(prices) if prices else "")]
    for size in summary["sizes_found"]:
        found = say(
            "found: {asset} {quantity} {size}, {money}", asset=words(size["asset"]), quantity=words(size["quantity"]),
            size=grouped(size["size"], ",.2f"), money=money_to_the_unit(size["money"], currency),
        )  # fmt: skip
        lines.append(f"  {found}")
    if costs["not_stated"]:
        lines.append(
            f"  {say('capital not stated: {plants}', plants=listed([words(plant) for plant in costs['not_stated']]))}"
        )
    return lines


def money_beside(amount: float, currency: str) -> str:
    """A sum in a row of sums whose currency stands before them."""
    return money_to_the_unit(amount, currency) if is_chinese() else f"{amount:,.0f}"


def ladder_lines(summary: dict[str, Any]) -> list[str]:
    """Rungs below the plan, and what saves each step up."""
    from optimizer.plan.ladder import cause_in_words, gains_and_losses, lines, on_the_store, steps_in

    steps, currency = steps_in(summary), summary["currency"]
    sums = [
        say(verb, causes=say(", ").join(
            say("{money} by {cause}", money=money_beside(amount, currency), cause=cause_in_words(cause))
            for cause, amount in parts.items()
        ))
        for verb, parts in zip((noted("saved: {causes}"), noted("lost: {causes}")), gains_and_losses(steps), strict=True)
        if parts
    ]  # fmt: skip
    verdict = on_the_store(steps, currency)
    return [f"  {line}" for line in (*lines(steps, currency), *sums, verdict) if line]


def law_line(summary: dict[str, Any]) -> list[str]:
    """Whether the plan is lawful by the rule books that its scenario names; nothing where it names none."""
    from optimizer.rulebook.verdicts import verdicts_in
    from optimizer.rulebook.wording import in_words

    verdicts = verdicts_in(summary)
    return [f"  {say('law: {verdict}', verdict=in_words(verdicts, summary['currency']))}"] if verdicts else []


def headline(summary: dict[str, Any], folder: Path, said: Collection[str] = ()) -> str:
    """Summary of a run for the terminal, in a few lines; without the notes that were said before."""
    from optimizer.plan.summary import said_of_members

    begin = noted("{scenario}: {steps}, {weather}")
    if summary["synthetic"]:
        begin = noted("{scenario}: {steps}, {weather} (synthetic weather)")
    steps = counted(summary["steps"], noted("one step"), noted("{number} steps"))
    cost = say(
        "bill {money}, {proof}",
        money=money_to_the_unit(summary["cost"], summary["currency"]),
        proof=proof(summary),
    )
    saved = say("with capital: {saving}", saving=against_the_lowest(summary))
    lines = [
        say(begin, scenario=say(summary["scenario"]), steps=steps, weather=shown(summary["weather"])),
        f"  {cost}",
        *cost_lines(summary),
        f"  {saved}",
        *ladder_lines(summary),
        f"  {key_figures(summary)}",
        f"  {carbon(summary)}",
        *([f"  {members}"] if (members := said_of_members(summary)) else []),
        *law_line(summary),
        *(f"  {say('weather: {weather}', weather=shown(note))}" for note in summary["repairs"]),
        *(f"  {shown(line)}" for line in summary.get("notes", []) if line not in said),
        *(f"  {broken(summary, name)}" for name in summary["shortfalls"]),
        *([f"  {say(PENALTIES, path=folder)}"] if summary["shortfalls"] else []),
        f"  {say('report: {path}', path=folder / 'report.html')}",
    ]
    return "\n".join(lines)


def broken(summary: dict[str, Any], name: str) -> str:
    """A promise that was broken, and by how much."""
    from optimizer.plan.summary import promise_in_words

    return say("promise broken: {name}: {amount}", name=name, amount=promise_in_words(summary, name))
