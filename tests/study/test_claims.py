"""Claims on hand-made runs, where verdict, range and break-even are known, and the page of a tiny study."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from study_sites import SITE

from optimizer.commands.study import study as study_command
from optimizer.quantities.documents import DocumentError
from optimizer.study.claims import Bench, Finding
from optimizer.study.claims_page import BEGIN, END, page_of
from optimizer.study.load import LoadedStudy, load_study
from optimizer.study.run import perform, wet_days
from optimizer.study.settings import Study
from optimizer.study.task import requested_runs, tasks

HILL, SHORE = {"grid": {"tie": {"limit": 15.0}}}, {"grid": {"tie": {"limit": 15.0}}}


def bench(claim: dict[str, Any], rows: list[dict[str, Any]], **more: Any) -> Bench:
    """Runs of a hill and a shore, a year each; energy costs 100 on the hill and 200 at the shore, all else is asked for."""
    money = {
        "source": "assumption",
        "claims": [{"site": "Hill", "says": "so", "cases": ["hill"], **claim}],
        **more.pop("money", {}),
    }
    settings_of = Study.model_validate(
        {"name": "By hand", "scenario": "s.yaml", "cases": {"hill": {}, "shore": {}, "old": {}}, "money": money, **more}
    )
    year = {
        "part": "grid",
        "weather": "",
        "hours": 8760.0,
        "it_mwh": 1.0,
        "card_hours": 10.0,
        "id": "x",
        "label": "run",
    }
    runs = pd.DataFrame([{**year, **row} for row in rows])
    return Bench(
        LoadedStudy(Path("s.yaml"), settings_of, {"hill": (HILL, Path()), "shore": (SHORE, Path())}, (), ()),
        Path(),
        runs,
    )


def only(found: Bench) -> Finding:
    """The one finding."""
    (finding,) = found.findings()
    return finding


BILLS = [{"case": "hill", "cost": 100.0, "pue": 1.1}, {"case": "shore", "cost": 200.0, "pue": 1.3}]
FIXED = {
    "fixed": {"says": "fixed cost", "paths": ["fixed_cost_per_year"], "low": 50, "high": 400, "source": "assumption"}
}
CHEAPER = {"metric": "running_cost", "kind": "lower_by_share", "value": 0.3, "against": ["shore"]}


def test_the_break_even_of_a_sum_of_money_is_that_of_algebra() -> None:
    """(100 + F) / (200 + F) = .7 at F = 133.3: at 100 the claim holds (.333), at 400 not (.167)."""
    finding = only(bench(CHEAPER, BILLS, money={"fixed_cost_per_year": 100, "assumptions": FIXED}))
    assert finding.base == pytest.approx(1 - 200 / 300)
    assert finding.verdict == "holds if"
    assert finding.deciding is not None
    found = finding.deciding.found
    assert (found[0], found[-1]) == pytest.approx((1 - 150 / 250, 1 - 500 / 600))
    assert finding.deciding.break_even == pytest.approx(400 / 3, abs=1e-3)


def test_a_break_even_outside_the_range_is_found_and_the_claim_fails() -> None:
    """Tried from 200 to 400 no value holds; 133.3 lies below the range and the page says so."""
    fixed = {"fixed": {**FIXED["fixed"], "low": 200}}
    found = bench(CHEAPER, BILLS, money={"fixed_cost_per_year": 300, "assumptions": fixed})
    finding = only(found)
    assert finding.verdict == "fails"
    assert "holds from 133 down, outside its range" in page_of([found])


@pytest.mark.parametrize(
    ("value", "verdict"), [(1.05, "fails"), (1.15, "holds if"), (1.08, "fails unless"), (1.25, "holds")]
)
def test_verdicts_over_a_factor_that_was_run(value: float, verdict: str) -> None:
    """PUE 1.06 and 1.2 at limits of 10 and 20, 1.1 at 15: straight lines between them give the break-even."""
    moved = [
        {"case": "hill", "part": "sensitivity", "factor.limit": at, "pue": pue, "cost": 1.0}
        for at, pue in ((10.0, 1.06), (20.0, 1.2))
    ]
    swing = {"limit": {"paths": ["grid.tie.limit"], "low": 10.0, "high": 20.0}}
    finding = only(bench({"metric": "pue", "kind": "below", "value": value}, [*BILLS, *moved], sensitivity=swing))
    assert finding.verdict == verdict
    assert finding.deciding is not None
    by_hand = {1.05: None, 1.15: 17.5, 1.08: 12.5, 1.25: None}[value]
    assert finding.deciding.break_even == (None if by_hand is None else pytest.approx(by_hand))


def test_another_plant_turns_a_verdict() -> None:
    """The old hill has 1.25: the claim holds if the plant is new, and the range has both."""
    claim = {"metric": "pue", "kind": "below", "value": 1.2, "variants": {"as operated": {"hill": "old"}}}
    found = bench(claim, [*BILLS, {"case": "old", "cost": 1.0, "pue": 1.25}])
    finding = only(found)
    assert finding.verdict == "holds if"
    assert finding.deciding is not None
    assert finding.deciding.assumption == "as operated"
    assert finding.together == pytest.approx((1.1, 1.25))
    assert "as operated: 1.250" in page_of([found])


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.floats(10, 1000), st.floats(10, 1000), st.floats(0.05, 0.6))
def test_at_its_break_even_a_claim_just_holds(hill: float, shore: float, share: float) -> None:
    """Wherever a break-even is found, the quantity there is the claimed value to a ten-thousandth."""
    rows = [{"case": "hill", "cost": hill, "pue": 1.1}, {"case": "shore", "cost": shore, "pue": 1.1}]
    finding = only(bench({**CHEAPER, "value": share}, rows, money={"fixed_cost_per_year": 100, "assumptions": FIXED}))
    for effect in finding.effects:
        if effect.break_even is not None:
            fixed = effect.break_even
            assert 1 - (hill + fixed) / (shore + fixed) == pytest.approx(share, abs=1e-4)


def test_prices_after_planning_scale_their_items_only() -> None:
    """The shore's energy at half its price: 200 − 120 / 2 = 140; the hill is 100 / 140 = 28.6 % below."""
    rows = [BILLS[0], {**BILLS[1], "bill.tie: energy": 120.0}]
    factors = {"shore": {"items": ["tie: energy"], "cases": ["shore"], "factor": 0.5, "source": "assumption"}}
    finding = only(bench({**CHEAPER, "metric": "energy_cost"}, rows, money={"price_factors": factors}))
    assert finding.base == pytest.approx(1 - 100 / 140)


def test_a_payback_that_never_comes_is_said() -> None:
    """Without income neither pays: no difference. With an income that pays on the hill alone: the shore never pays."""
    claim = {"metric": "payback_years", "kind": "earlier_by", "value": 2.0, "against": ["shore"]}
    buy = {"halls": {"amount": 1, "unit_cost": 1000, "source": "assumption"}}
    never = only(bench(claim, BILLS, money={"buy": buy, "revenue_per_card_hour": 5}))
    assert (never.base, never.verdict) == (0.0, "fails")
    one = bench(claim, BILLS, money={"buy": buy, "revenue_per_card_hour": 20, "years": 15})
    assert only(one).verdict == "holds"
    page = page_of([one])
    assert "never pays elsewhere" in page
    assert "| shore | 1.300 | 1.300 to 1.300 | – | 200.0 |" in page  # ranges by center: PUE, running cost, ...


def test_runs_that_are_missing_leave_a_claim_unknown() -> None:
    """Without the shore's run there is nothing to compare with."""
    finding = only(bench(CHEAPER, BILLS[:1]))
    assert math.isnan(finding.base)
    assert finding.verdict == "not known"


def test_arithmetic_and_what_planning_cannot_test_stand_on_the_page() -> None:
    """10,000 P of 10,000 cards need 1 P a card: known .3 to .8 fails, .3 to 2 fails unless."""
    stated = {
        "site": "Hill", "says": "10,000 P", "of": 1e4, "by": 1e4, "unit": "P a card", "kind": "at_least", "known": 0.3,
        "low": 0.3, "decides": "the card", "source": "assumption",
    }  # fmt: skip
    found = bench(
        {"metric": "pue", "kind": "below", "value": 2.0},
        BILLS,
        money={
            "stated": [{**stated, "high": 0.8}, {**stated, "high": 2.0}],
            "untested": [{"site": "Hill", "says": "the first", "why": "history"}],
        },
    )
    page = page_of([found])
    assert "| 10,000 P |  | fails | 1 P a card | known 0.3 (0.3 to 0.8) |" in page
    assert "| 10,000 P |  | fails unless | 1 P a card | known 0.3 (0.3 to 2) |" in page
    assert "| the first |  | not testable by planning |" in page


def test_the_command_writes_the_page_between_its_marks(tmp_path: Path) -> None:
    """A run of the tiny site and its claim; a page without marks is refused with the lines to add."""
    (tmp_path / "site.yaml").write_text(SITE, encoding="utf-8")
    (tmp_path / "tiny.yaml").write_text(
        "name: Tiny\nscenario: site.yaml\nmoney:\n  source: assumption\n  claims:\n"
        "    - {site: Tiny, says: Cool, metric: pue, cases: [base], kind: below, value: 1.5}\n",
        encoding="utf-8",
    )
    page = tmp_path / "claims.md"
    page.write_text("# Claims\n", encoding="utf-8")
    arguments = ["claims", str(tmp_path / "tiny.yaml"), str(page), "--out", str(tmp_path / "out")]
    assert "no run is done" in CliRunner().invoke(study_command, arguments).output
    loaded = load_study(tmp_path / "tiny.yaml")
    for task in tasks(loaded, requested_runs(loaded)):
        perform(tmp_path / "out" / "tiny", task)
    assert BEGIN in CliRunner().invoke(study_command, arguments).output
    page.write_text(f"# Claims\n{BEGIN}\n{END}\nend\n", encoding="utf-8")
    result = CliRunner().invoke(study_command, arguments)
    assert result.exit_code == 0, result.output
    text = page.read_text(encoding="utf-8")
    assert "### Tiny" in text
    assert "| Cool: base |  | holds |" in text
    assert text.endswith(f"{END}\nend\n")


def test_a_study_without_money_has_no_claims() -> None:
    """It is said, with the remedy."""
    found = bench({"metric": "pue", "kind": "below", "value": 2.0}, BILLS)
    bare = found.study.settings.model_copy(update={"money": None})
    with pytest.raises(DocumentError, match="has no money section"):
        list(Bench(LoadedStudy(Path("s.yaml"), bare, {}, (), ()), Path(), found.runs).findings())


def test_wet_days_are_counted_by_the_clock_of_the_site() -> None:
    """Water at 17 h UTC is the next day at UTC+8; a trickle below a tenth of the most counts for nothing."""
    times = pd.date_range("2025-06-01", periods=48, freq="h")
    water = np.zeros((48, 1))
    water[[10, 17, 40], 0] = 1.0, 0.5, 0.05  # 1 June 18 h, 2 June 1 h, 3 June 0 h
    meter = {"asset": "halls", "quantity": "water_m3_per_h", "site": "site", "member": 0}
    coordinates = {f"meter_{name}": ("meter", [value]) for name, value in meter.items()}
    results = xr.Dataset(
        {"metered": (("time", "meter"), water)}, {"time": times, **coordinates}, {"timezone": "UTC+08:00"}
    )
    assert wet_days(results) == 2


def test_a_payback_that_comes_on_one_side_only_holds_in_between() -> None:
    """1,000 paid back in 15 years needs an income of 16.67 on the hill and 26.67 at the shore; below it neither pays, and above
    37.9 the hill is less than two years ahead: 1000 / (10 x - 200) - 1000 / (10 x - 100) = 2 at x = 37.9."""
    claim = {"metric": "payback_years", "kind": "earlier_by", "value": 2.0, "against": ["shore"]}
    buy = {"halls": {"amount": 1, "unit_cost": 1000, "life_years": 15, "source": "assumption"}}
    income = {
        "income": {"says": "income", "paths": ["revenue_per_card_hour"], "low": 5, "high": 90, "source": "assumption"}
    }
    found = bench(claim, BILLS, money={"buy": buy, "revenue_per_card_hour": 90, "assumptions": income})
    finding = only(found)
    assert finding.verdict == "fails unless"
    assert finding.deciding is not None
    assert finding.deciding.break_even == pytest.approx(50 / 3, abs=0.01)
    assert finding.deciding.until == pytest.approx(37.9, abs=0.1)
    assert "holds from 16.7 to 37.9 only" in page_of([found])
