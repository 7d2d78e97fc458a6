"""The page of claims: a verdict, a range and the assumption that decides for each, as Markdown between two marks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from optimizer.study.answers import front
from optimizer.study.claims import FAR, Bench, Effect, Finding
from optimizer.study.money_settings import Claim, Stated

BEGIN, END = "<!-- claims: made by `make claims` -->", "<!-- end of claims -->"

RANGED = {
    "pue": "PUE",
    "running_cost": "running cost a year",
    "investment": "investment",
    "payback_years": "payback [years]",
}
"""What is shown of every center: metric → heading."""


def page_of(benches: Sequence[Bench]) -> str:
    """Claims of several studies by site, what was found at each center, and the assumptions with their ranges."""
    rows: dict[str, list[list[str]]] = {}
    for bench in benches:
        for finding in bench.findings():
            rows.setdefault(finding.claim.site, []).append(_row(finding))
        for stated in bench.money.stated:
            rows.setdefault(stated.site, []).append(_stated_row(stated))
        for untested in bench.money.untested:
            rows.setdefault(untested.site, []).append(
                [untested.says, "", "not testable by planning", "", "", "", untested.why]
            )
    head = ["claim", "against", "verdict", "found", "one assumption at a time", "all together", "what decides"]
    tables = [f"### {site}\n\n{_table([head, *listed])}" for site, listed in rows.items()]
    runs = [_ranges(bench) for bench in benches if bench.money.buy]
    runs += [part for bench in benches for part in (_runs(bench), *_fronts(bench))]
    return "\n\n".join([READING, *tables, *runs, _assumptions(benches)])


READING = (
    "*found*: all assumptions at their base, first weather year. *one assumption at a time*: least and most over weather years, "
    "other plants, factors that were run, and values of the money. *all together*: the sum of these single effects (of the plants, "
    "the one that does most). A verdict "
    "is *holds* or *fails* if no single assumption turns it; *holds if* and *fails unless* name the one that does, with its "
    "break-even (on straight lines between the runs of a factor, exact for money)."
)


def _row(finding: Finding) -> list[str]:
    claim, values = finding.claim, finding.values
    shown = [_shown(claim, value) for value in (min(values), max(values), *finding.together)]
    case = finding.case.replace("_", " ")
    return [
        f"{claim.says}: {case}",
        finding.against.replace("_", " "),
        finding.verdict,
        _shown(claim, finding.base),
        f"{shown[0]} to {shown[1]}",
        f"{shown[2]} to {shown[3]}",
        _decides(finding),
    ]


def _decides(finding: Finding) -> str:
    effect = finding.deciding
    if effect is None:
        return "nothing moves it"
    ends = [_shown(finding.claim, value) for value in dict.fromkeys((effect.found[0], effect.found[-1]))]
    text = f"{effect.assumption}: {' to '.join(ends)}"
    if effect.ends is not None:
        text += f" over {_number(effect.ends[0])} to {_number(effect.ends[1])}"
    return text + _break_even(finding, effect)


def _break_even(finding: Finding, effect: Effect) -> str:
    """What the assumption must be for the claim to hold, where that is a number."""
    if effect.ends is None:
        return ""
    if effect.break_even is None:
        return "; no value of it turns the verdict"
    if effect.until is not None:
        return f"; holds from {_number(effect.break_even)} to {_number(effect.until)} only"
    rising = (effect.found[-1] > effect.found[0]) == (finding.claim.kind != "below")
    outside = "" if effect.ends[0] <= effect.break_even <= effect.ends[1] else ", outside its range"
    return f"; holds from {_number(effect.break_even)} {'up' if rising else 'down'}{outside}"


def _stated_row(stated: Stated) -> list[str]:
    claimed = stated.of / stated.by
    kept = [
        known >= claimed if stated.kind == "at_least" else known <= claimed
        for known in (stated.known, stated.low, stated.high)
    ]
    verdict = "holds" if all(kept) else "fails" if not any(kept) else "holds if" if kept[0] else "fails unless"
    need = f"holds from {_number(claimed)} {'up' if stated.kind == 'at_least' else 'down'}"
    known = f"known {_number(stated.known)} ({_number(stated.low)} to {_number(stated.high)})"
    return [
        stated.says, "", verdict, f"{_number(claimed)} {stated.unit}", known, "",
        f"{stated.decides}; {need}; {stated.source}",
    ]  # fmt: skip


def _ranges(bench: Bench) -> str:
    """Money and efficiency of every center that a claim is about, base and range, and what moves each most."""
    rows = [["center", *(f"{name}{each}" for name in RANGED.values() for each in ("", ", range", ", moved most by"))]]
    for case in dict.fromkeys(case for claim in bench.money.claims for case in (*claim.cases, *claim.against)):
        row = [case.replace("_", " ")]
        for metric in RANGED:
            finding = bench.range_of(case, metric)
            values, most = finding.values, finding.deciding
            row += [
                _figure(finding.base),
                f"{_figure(min(values))} to {_figure(max(values))}",
                most.assumption if most else "–",
            ]
        rows.append(row)
    return f"### Ranges by center, `{bench.study.path.name}`\n\n{_table(rows)}"


def _runs(bench: Bench) -> str:
    """What each run found: the facts behind the verdicts; runs of a moved factor are folded away."""
    parts = [
        f"### Runs of `{bench.study.path.name}`\n\n{_table(_run_rows(bench, 'grid'))}",
        f"<details><summary>Runs with one factor moved</summary>\n\n{_table(_run_rows(bench, 'sensitivity'))}\n\n</details>",
    ]
    return "\n\n".join(parts if bench.study.settings.sensitivity else parts[:1])


def _run_rows(bench: Bench, part: str) -> list[list[str]]:
    runs = bench.runs[bench.runs["part"] == part]
    wanted = [name for name in bench.study.settings.metrics if name in runs]
    rows = [["run", *(name.replace("_", " ") for name in wanted)]]
    for _, run in runs.iterrows():
        rows.append([str(run["label"]).replace("_", " "), *(_figure(run[name]) for name in wanted)])
    return rows


def _fronts(bench: Bench) -> Iterable[str]:
    """What each point of a limited measure costs, by case; the first row is the plan without a limit."""
    for asked in bench.study.settings.pareto:
        for case in asked.cases or list(bench.study.settings.cases):
            points = front(bench.runs, asked, case)
            rows = [[asked.measure.replace("_", " "), "cost of a year", "bound", "more than without a limit"]]
            for _, point in points.iterrows():
                more = point["cost"] / points["cost"].iloc[0] - 1
                rows.append([f"{point['value']:.4g}", _figure(point["cost"]), _figure(point["bound"]), f"{more:.1%}"])
            yield f"### {asked.measure.replace('_', ' ').capitalize()} held, {case.replace('_', ' ')}\n\n{_table(rows)}"


def _assumptions(benches: Iterable[Bench]) -> str:
    rows = [["assumption", "range", "source"]]
    for bench in benches:
        for assumption in bench.money.assumptions.values():
            rows.append(
                [assumption.says, f"{_number(assumption.low)} to {_number(assumption.high)}", assumption.source]
            )
        for name, swing in bench.study.settings.sensitivity.items():
            cases = f" ({', '.join(swing.cases)})" if swing.cases else ""
            rows.append([f"{name.replace('_', ' ')}{cases}", f"{swing.low} to {swing.high}", swing.source])
    return f"### Assumptions that were moved\n\n{_table(rows)}"


def _table(rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows]
    return "\n".join([lines[0], f"|{'---|' * len(rows[0])}", *lines[1:]])


def _shown(claim: Claim, value: float) -> str:
    """Claimed quantity with its unit."""
    if math.isnan(value):
        return "–"
    if claim.kind == "lower_by_share" or claim.metric.endswith("_share"):
        return f"{100 * value:.1f} %"
    if claim.metric.endswith("_days"):
        return f"{value:.0f}"
    if claim.kind == "earlier_by":
        return f"{value:.1f}" if abs(value) < FAR / 2 else ("never pays elsewhere" if value > 0 else "never pays here")
    return _figure(value)


def _figure(value: float) -> str:
    if math.isnan(value):
        return "–"
    if math.isinf(value) or (abs(value) >= FAR and math.isclose(abs(value), FAR)):
        return "never"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
