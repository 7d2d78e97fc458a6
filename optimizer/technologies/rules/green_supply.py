"""Green supply: rules over a whole site on where its energy comes from, each a promise with a price.

Direct supply (发改能源〔2025〕650号, grid-connected): self-used over available own generation, self-used over load, export
over available generation. Further a cap and a price on carbon, a green share that certificates may fill, and hourly
(24/7) matching. Assumes: green is what own sun and wind give; energy out of a store is as green as what charged it:
hourly matching counts discharge and takes charge off, so that charging from the grid counts against it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Literal

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from optimizer.quantities.series import Series, values_on
from optimizer.solve.pyomo_types import Block, Expr
from optimizer.technologies.base import Contribution, Inputs, Kept, Outside, Record, Settings, State, Technology
from optimizer.technologies.limits import Limit, Scarcity
from optimizer.technologies.linear import Amount, Floats, Linear
from optimizer.technologies.promises import add_shortfall
from optimizer.technologies.rules.book import (
    AT_LEAST,
    ON_REQUEST,
    PROMISED,
    Book,
    Clause,
    ClauseKind,
    strictest,
    strictest_clause,
)
from optimizer.technologies.rules.site_account import it_energy, metered_account, site_account
from optimizer.technologies.tallies import Tally

TOLERANCE = 1e-5
"""A promise sums a year of flows, each held to 1e-7; relative to the year's energy."""


YEARLY_RATIOS = frozenset({*PROMISED.values(), *ON_REQUEST.values(), "hourly_match"})
"""Promises that are shares of a year's energy; a carbon cap is an amount of the plan's own hours."""
MOST_BEHIND_MWH = 1e7
"""Arrears beyond which a number is no such thing."""


IN_TONNES = ("carbon_cap", "carbon_intensity")
"""Promises that are missed by tonnes of CO2; the others by MWh."""


def limit_of(promise: str) -> Limit:
    """Margin of the results that holds the shadow price of a promise."""
    return Limit(f"{promise}_{'t' if promise in IN_TONNES else 'mwh'}")


class Share(Settings):
    """A share that is promised over the plan."""

    share: float = Field(ge=0, le=1)
    """Promised share."""
    price_per_mwh: float = Field(default=2_000.0, gt=0)
    """Penalty for each MWh the promise is missed by."""


class CarbonCap(Settings):
    """Most emissions over the plan."""

    most_t: float = Field(ge=0)
    """Most location-based emissions [t CO2]."""
    price_per_t: float = Field(default=5_000.0, gt=0)
    """Penalty for each tonne above."""


class Certificates(Settings):
    """Green certificates that may be bought; 1 certificate = 1 MWh."""

    price_per_mwh: float = Field(ge=0)
    """Price of a certificate."""
    most_mwh: float = Field(default=1e6, ge=0)
    """Most certificates in the plan."""


class GreenSupply(Technology):
    """Rules on where a site's energy comes from."""

    rules_the_site: ClassVar[bool] = True
    yearly_state: ClassVar[frozenset[str]] = YEARLY_RATIOS

    books: list[Book] = []
    """Rule books that hold, files of scenarios/rules by name: their ratios are promised, their funds paid, all is checked."""
    books_are: Literal["promised", "checked"] = "promised"
    """Whether the plan holds to the books' ratios and pays their funds, or is only counted by them afterwards."""
    spot_runs_continuously: bool = False
    """Whether the province's spot market runs continuously; while it does not, some books allow no export."""
    store_losses_count: bool = True
    """Whether what stores lose counts as self-used; the notices do not say."""
    breach_price_per_mwh: float = Field(default=2_000.0, gt=0)
    """Penalty for each MWh a ratio of a book is missed by; a plan that pays it is not lawful and says so."""
    hold_also_to: list[Literal["pue", "carbon_intensity"]] = []
    """Clauses of the books that the plan is held to beside their ratios, each with a price; the others are only checked."""
    breach_price_per_t: float = Field(default=5_000.0, gt=0)
    """Penalty for each tonne of CO2 above a book's carbon intensity, where the plan is held to it."""
    self_use: Share | None = None
    """Self-used over available own generation at least (60 % in direct supply)."""
    own_supply: Share | None = None
    """Self-used own generation over load at least (30 %, 35 % by 2030, in direct supply)."""
    export: Share | None = None
    """Exported over available own generation at most (20 % in direct supply)."""
    export_of_given: Share | None = None
    """Exported over what own sources gave at most (20 % in Inner Mongolia's draft for hydrogen)."""
    green_share: Share | None = None
    """Self-used own generation, contracted green power and certificates over load at least."""
    hourly_match: Share | None = None
    """Load met by own generation in its own hour, over load, at least (24/7)."""
    certificates: Certificates | None = None
    """Certificates that may fill the green share; none: none may."""
    carbon_cap: CarbonCap | None = None
    """Most emissions; none: no cap."""
    carbon_price_per_t: Series = 0.0
    """Price put on a tonne of CO2 of the whole site, beside any price at its sources."""
    self_use_fee_per_mwh: float = Field(default=0.0, ge=0)
    """Funds and surcharges due on self-used energy (direct supply pays funds on all energy); 0: as the books say."""
    behind_at_end_mwh: dict[str, float] = {}
    """How far each ratio, by its name here, may be behind at the plan's end; below zero: it must be so far ahead. Nights get it from the year's plan."""
    catch_up_prices: dict[str, float] = {}
    """By ratio: penalty for each MWh (tonne) that it is further behind at the plan's end, where later plans can make up for it; none: the breach price."""

    def series(self, outside: Outside) -> dict[str, Floats]:
        return {"carbon_price_per_t": values_on(self.carbon_price_per_t, outside.calendar, outside.member)}

    def build(self, block: Block, inputs: Inputs, opening: State) -> Contribution:
        account = site_account(inputs)
        meters = {f"{name}_mwh": line for name, line in account.items() if name != "carbon"}
        meters["carbon_t"] = account["carbon"]
        cost = [account["carbon"] * inputs["carbon_price_per_t"], account["self_used"] * self.fee_per_self_used_mwh()]
        shortfalls: dict[str, Linear] = {}
        tallies: dict[Tally, Linear] = {}
        bought = self._certificates(block, inputs)
        if bought is not None and self.certificates is not None:
            tallies[Tally.CERTIFICATES_MW] = bought
            cost.append(bought * (self.certificates.price_per_mwh * inputs.step_h))
        if self.hourly_match is not None:
            account["matched"] = meters["matched_mwh"] = self._matched(block, inputs, account)
        if self.held(ClauseKind.PUE) is not None:
            account["it"] = meters["it_mwh"] = it_energy(inputs)
        for name, (gap, asked) in self._promises(account, bought, inputs).items():
            price = self.catch_up_prices.get(name, asked)
            short = add_shortfall(block, name, gap, self._behind(name, opening), inputs)
            shortfalls[f"{name}_short_{'t_per_h' if name in IN_TONNES else 'mw'}"] = short
            cost.append(short * (price * inputs.step_h))
        rows = {name: block.component(f"promise_{name}") for name in (*PROMISED.values(), *ON_REQUEST.values())}
        leave = {limit_of(name): Scarcity(rows=[(0, row, 1.0)]) for name, row in rows.items() if row is not None}
        return Contribution({}, cost, meters=meters, shortfalls=shortfalls, tallies=tallies, scarcity=leave)

    def promised(self, kind: ClauseKind) -> Share | None:
        """Share that the plan holds to: the one set here, else the strictest of the books."""
        own: Share | None = getattr(self, PROMISED[kind])
        if own is not None or self.books_are == "checked":
            return own
        limit = strictest(self.books, kind, spot_runs_continuously=self.spot_runs_continuously)
        return None if limit is None else Share(share=limit, price_per_mwh=self.breach_price_per_mwh)

    def held(self, kind: ClauseKind) -> Clause | None:
        """Strictest clause of the books of a kind that the plan is held to on request."""
        if self.books_are == "checked" or ON_REQUEST[kind] not in self.hold_also_to:
            return None
        return strictest_clause(self.books, kind, spot_runs_continuously=self.spot_runs_continuously)

    def fee_per_self_used_mwh(self) -> float:
        """Funds and surcharges due on a self-used MWh: the fee set here, else the books'."""
        kind = ClauseKind.FUNDS_ON_SELF_USE
        limit = strictest(self.books, kind, spot_runs_continuously=self.spot_runs_continuously)
        return self.self_use_fee_per_mwh or (limit or 0.0) * (self.books_are == "promised")

    def _promises(
        self, account: Mapping[str, Amount], bought: Amount | None, inputs: Inputs
    ) -> dict[str, tuple[Amount, float]]:
        """Slack of each promise (per step, to be summed; below zero: kept) and its price; lines or numbers."""
        gaps: dict[str, tuple[Amount, float]] = {}
        certified = 0.0 if bought is None else bought * inputs.step_h
        counted = account["self_used"]
        kept = counted if self.store_losses_count else counted - account["store_losses"]
        green = counted + account["contracted"] + certified
        parts = {  # promised at least: part, whole; the exports are promised at most
            ClauseKind.SELF_USE: (kept, account["available"]),
            ClauseKind.OWN_SUPPLY: (kept, account["load"]),
            ClauseKind.EXPORT: (account["exported"], account["available"]),
            ClauseKind.EXPORT_OF_GIVEN: (account["exported"], account["given"]),
            ClauseKind.GREEN_SHARE: (green, account["load"]),
        }
        for kind, (part, whole) in parts.items():
            share = self.promised(kind)
            if share is not None:
                sign = 1.0 if kind in AT_LEAST else -1.0
                gaps[PROMISED[kind]] = ((whole * share.share - part) * sign, share.price_per_mwh)
        if self.hourly_match is not None:
            gap = account["load"] * self.hourly_match.share - account["matched"]
            gaps["hourly_match"] = (gap, self.hourly_match.price_per_mwh)
        if (clause := self.held(ClauseKind.PUE)) is not None:
            gaps["pue"] = (account["load"] - account["it"] * (clause.limit or 0.0), self.breach_price_per_mwh)
        if (clause := self.held(ClauseKind.CARBON_INTENSITY)) is not None:
            allowed = account["load"] * ((clause.limit or 0.0) * clause.tce_per_mwh)
            gaps["carbon_intensity"] = (account["carbon"] - allowed, self.breach_price_per_t)
        if self.carbon_cap is not None:
            gaps["carbon_cap"] = (
                account["carbon"] - self.carbon_cap.most_t / inputs.calendar.whole.count,
                self.carbon_cap.price_per_t,
            )
        return gaps

    def _certificates(self, block: Block, inputs: Inputs) -> Linear | None:
        """Certificates bought, as an even power over the plan [MW]."""
        if self.certificates is None or self.promised(ClauseKind.GREEN_SHARE) is None:
            return None
        hours = inputs.calendar.whole.count * inputs.step_h
        block.certificates_mw = pyo.Var(bounds=(0, self.certificates.most_mwh / hours))
        return Linear.of([block.certificates_mw] * inputs.count)

    def _matched(self, block: Block, inputs: Inputs, account: Mapping[str, Linear]) -> Linear:
        """Load met by own generation in its own hour; below zero where the grid charges the store."""
        block.matched_mwh = pyo.Var(inputs.steps)
        matched = Linear.of(block.matched_mwh.values())
        beyond_load, beyond_green = matched - account["load"], matched - account["hourly_green"]

        @block.Constraint(inputs.steps)
        def no_more_matched_than_load(_: Block, t: int) -> Expr:
            return beyond_load.at(t) <= 0

        @block.Constraint(inputs.steps)
        def no_more_matched_than_green(_: Block, t: int) -> Expr:
            return beyond_green.at(t) <= 0

        return matched

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:  # noqa: ARG002
        meters, step_h = record.meters, inputs.step_h
        items = {
            "carbon": meters["carbon_t"] * inputs["carbon_price_per_t"],
            "funds on self-used energy": meters["self_used_mwh"] * self.fee_per_self_used_mwh(),
        }
        if self.certificates is not None and Tally.CERTIFICATES_MW in meters:
            items["certificates"] = meters[Tally.CERTIFICATES_MW] * self.certificates.price_per_mwh * step_h
        for name, (_, price) in self._promises(
            metered_account(record), meters.get(Tally.CERTIFICATES_MW), inputs
        ).items():
            due = self.catch_up_prices.get(name, price)
            items[f"{name.replace('_', ' ')} penalty"] = _missed(record, name) * due * step_h
        return items

    def check(self, record: Record, inputs: Inputs, opening: State) -> list[str]:
        account, violations = metered_account(record), []
        scale = max(float(np.abs(account["load"]).sum()), 1.0)
        for name, (gap, _) in self._promises(account, record.meters.get(Tally.CERTIFICATES_MW), inputs).items():
            missed, said = self._behind(name, opening) + gap.sum(), _missed(record, name).sum() * inputs.step_h
            if missed > said + TOLERANCE * scale:
                violations.append(f"promise {name.replace('_', ' ')} is missed by more than is said")
            if said > max(missed, 0.0) + TOLERANCE * scale:
                violations.append(f"promise {name.replace('_', ' ')} is missed by less than is said")
        if self.hourly_match is not None:
            most = np.minimum(account["load"], account["hourly_green"])
            if (account["matched"] > most + TOLERANCE).any():
                violations.append("more load is said to be matched than there is green energy in its hour")
        return violations

    def _gaps(self, record: Record, inputs: Inputs) -> dict[str, Floats]:
        promises = self._promises(metered_account(record), record.meters.get(Tally.CERTIFICATES_MW), inputs)
        return {name: np.asarray(gap) for name, (gap, _) in promises.items()}

    def closing_state(self, record: Record, inputs: Inputs, opening: State, step: int) -> State:
        """Arrears of each promise so far; below zero: ahead, which later hours may use up."""
        gaps = self._gaps(record, inputs)
        return {name: opening.get(name, 0.0) + float(gap[: step + 1].sum()) for name, gap in gaps.items()}

    def arrears(self, record: Record, inputs: Inputs) -> dict[str, Floats]:
        return {name: np.cumsum(gap) for name, gap in self._gaps(record, inputs).items() if name in YEARLY_RATIOS}

    def following(self, behind: Mapping[str, float], prices: Mapping[str, float]) -> GreenSupply:
        return self.model_copy(update={"behind_at_end_mwh": dict(behind), "catch_up_prices": dict(prices)})

    def state_limits(self) -> dict[str, tuple[float, float]]:
        return dict.fromkeys(YEARLY_RATIOS, (-MOST_BEHIND_MWH, MOST_BEHIND_MWH))

    def _behind(self, promise: str, opening: State) -> float:
        """Arrears that a plan opens with, less what may remain at its end."""
        return float(opening.get(promise, 0.0)) - self.behind_at_end_mwh.get(promise, 0.0)

    def over_windows(self, record: Record, parts: Sequence[Kept], inputs: Inputs, opening: State) -> Record:  # noqa: ARG002
        """Record with missed shares, known at the end only, as an even rate over all hours."""
        hours, shortfalls = inputs.count * inputs.step_h, dict(record.shortfalls)
        for name, gap in self._gaps(record, inputs).items():
            label = next(label for label in shortfalls if label.startswith(f"{name}_short"))
            missed = max(self._behind(name, opening) + float(gap.sum()), 0.0)
            shortfalls[label] = np.full(inputs.count, missed / hours)
        return replace(record, shortfalls=shortfalls)


def _missed(record: Record, promise: str) -> Floats:
    return next(values for name, values in record.shortfalls.items() if name.startswith(f"{promise}_short"))
