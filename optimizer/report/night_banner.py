"""Banner of a night: level of the plan, source of forecast and state, what changed, promises at risk. What is wrong stands out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from optimizer.language.numbers import listed, share
from optimizer.language.recognition import shown
from optimizer.language.speech import counted, noted, say
from optimizer.report.opening import BAD, GOOD, WARN, Banner, Fact, missed_in_words

BY_RULE = 3
"""Level from which on a plan is not optimised."""
FORECASTS = {
    "fresh": (noted("fresh"), GOOD),
    "tail": (noted("the rest of last night's"), WARN),
    "climatology": (noted("none: the season's mean"), BAD),
    "still air": (noted("none: still air"), BAD),
}
"""Level of a forecast → in words, and how good it is."""
MEASURED, STALE = noted("measured"), noted("measured, stale")
"""Sources of an opening state that the banner weighs; others are named as the record has them."""
SHOWN_RISKS = 3
CAUSES = {
    "Plan": noted("not optimised"), "Forecast": noted("without a forecast"), "At risk": noted("promises at risk"),
}  # fmt: skip
"""What is wrong with a night where a fact of this name is bad."""
ISSUED = ("fresh", "tail")
"""Levels of a forecast that somebody issued."""


def night_banner(night: Mapping[str, Any], change: str) -> Banner:
    """Banner from a run record and a sentence on what changed since last night."""
    facts = [level_fact(night), forecast_fact(night), state_fact(night), Fact(say("Changed"), change), risk_fact(night)]
    state = next((state for state in (BAD, WARN) if any(fact.state == state for fact in facts)), GOOD)
    bad = [
        say(cause) for name, cause in CAUSES.items() for fact in facts if (fact.label, fact.state) == (say(name), BAD)
    ]
    titles = {
        GOOD: noted("Plan for {day}: as intended."),
        WARN: noted("Plan for {day}: to be used with care."),
        BAD: noted("Plan for {day}: {causes}."),
    }
    notes = [shown(str(note)) for note in night["notes"]]
    return Banner(say(titles[state], day=night["day"], causes=say(", ").join(bad)), state, facts, notes)


def level_state(night: Mapping[str, Any]) -> str:
    """How good the level of a plan is."""
    return GOOD if night["level"] == 0 else WARN if night["level"] < BY_RULE else BAD


def level_fact(night: Mapping[str, Any]) -> Fact:
    """Level of the plan and its proven gap."""
    gap = say("no gap is known") if night["gap"] is None else say("gap {gap}", gap=share(night["gap"], 2))
    text = say("level {level}, {name} ({gap})", level=night["level"], name=say(night["level_name"]), gap=gap)
    return Fact(say("Plan"), text, level_state(night))


def forecast_state(night: Mapping[str, Any]) -> str:
    """How good a forecast is."""
    return FORECASTS.get(night["forecast_level"], ("", BAD))[1]


def forecast_name(night: Mapping[str, Any]) -> str:
    """Where a forecast comes from, in a few words."""
    return say(FORECASTS.get(night["forecast_level"], (night["forecast_level"], BAD))[0])


def forecast_fact(night: Mapping[str, Any]) -> Fact:
    """Forecast: where it comes from, when it was issued, by how many members."""
    members = counted(night["members"], noted("one member"), noted("{number} members"))
    text = say("{name}, {members}", name=forecast_name(night), members=members)
    if night["forecast_level"] in ISSUED:
        time = str(night["forecast_issued_utc"]).replace("T", " ")[:16]
        text = say("{name}, issued {time} UTC, {members}", name=forecast_name(night), time=time, members=members)
    return Fact(say("Forecast"), text, forecast_state(night))


def state_of_measurements(night: Mapping[str, Any]) -> str:
    """How good the opening state is: all measured, measured long ago, or neither (a site may measure nothing)."""
    sources = set(night["state_sources"].values())
    return WARN if STALE in sources else GOOD if sources == {MEASURED} else ""


def state_fact(night: Mapping[str, Any]) -> Fact:
    """Opening state: how many of its values are measured, expected or the scenario's."""
    counts = Counter(str(source) for source in night["state_sources"].values())
    text = listed(
        [say("{number} {source}", number=number, source=say(source)) for source, number in counts.most_common()]
    )
    return Fact(say("State"), text or say("nothing to measure"), state_of_measurements(night))


def risk_fact(night: Mapping[str, Any]) -> Fact:
    """Promises that are expected to break."""
    risks = [missed_in_words(name, amount) for name, amount in night["shortfalls"].items()]
    if not risks:
        return Fact(say("At risk"), say("no promise"), GOOD)
    more = say("and {number} more", number=len(risks) - SHOWN_RISKS) if len(risks) > SHOWN_RISKS else ""
    return Fact(say("At risk"), listed([*risks[:SHOWN_RISKS], *([more] if more else [])]), BAD)
