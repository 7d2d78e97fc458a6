"""Made-up results in the form of a real run: balanced buses, plausible shapes, seeded. No solver, no weather file."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from optimizer.technologies.flows import Role

ROLES = {
    ("compute", "busy"): Role.CARDS, ("compute", "serve"): Role.SERVED_WORK, ("compute", "run"): Role.MOVABLE_WORK,
    ("it", "draw"): Role.IT_LOAD, ("it", "output"): Role.FEED,
    ("powertrain", "draw"): Role.SUPPLY, ("cooling", "draw"): Role.COOLING, ("electricity", "output"): Role.GREEN_GENERATION,
    **{("electricity", role.value): role for role in (Role.IMPORT, Role.EXPORT, Role.CHARGE, Role.DISCHARGE)},
}  # fmt: skip
"""Role by kind of bus, or technology, and label."""

POOLS = {"ascend": 5000, "cambricon": 3000, "sugon": 2000}


def made_up_results(
    *,
    days: int = 365,
    start: str = "2024-12-31 16:00",
    planned: bool = True,
    synthetic: bool = True,
    broken: bool = True,
    seed: int = 7,
    site: str = "qaidam",
) -> xr.Dataset:
    """A results Dataset of `days` days from `start` (UTC; 16:00 is local midnight at UTC+08:00)."""
    rng = np.random.default_rng(seed)
    time = pd.date_range(start, periods=days * 24, freq="h")
    local = time + pd.Timedelta(hours=8)
    hour, day = local.hour.to_numpy(), local.dayofyear.to_numpy()
    sun = np.clip(np.sin((hour - 6.5) / 12 * np.pi), 0, None) * (0.75 - 0.2 * np.cos(day / 365 * 2 * np.pi))
    sun = sun * np.repeat(rng.uniform(0.55, 1.0, days), 24)
    wind = 10 * np.clip(0.18 + 0.25 * np.convolve(rng.normal(0, 1, len(time)), np.ones(9) / 3, "same"), 0, 1)
    flows, stored, metered = [], [], []

    def flow(bus, asset, role, technology, values, units="MW"):
        at = {
            "bus": bus,
            "asset": asset,
            "flow": role,
            "role": ROLES.get((technology, role)) or ROLES[bus.partition(".")[0], role],
        }
        flows.append((at | {"technology": technology, "units": units}, values))

    cards_mw = np.zeros(len(time))
    for pool, size in POOLS.items():
        serve = size * (0.35 + 0.15 * np.sin((hour - 9) / 24 * 2 * np.pi))
        shape = np.exp(-(((hour - 13) / 3.5) ** 2)) if planned else np.full(len(time), 0.29)
        run = np.minimum(size * 0.45 * shape * rng.uniform(0.8, 1.1, len(time)), size - serve)
        flow(f"compute.{pool}", pool, "busy", "cluster", serve + run, "cards")
        flow(f"compute.{pool}", f"{pool}_inference", "serve", "service", -serve, "cards")
        flow(f"compute.{pool}", f"{pool}_training", "run", "queue", -run, "cards")
        it_mw = (serve + run) * 6e-4 + size * 1.5e-4
        flow("it", pool, "draw", "cluster", -it_mw)
        cards_mw += it_mw
        arrived = np.cumsum(np.full(len(time), run.mean()))
        waiting = np.maximum(arrived - np.cumsum(run) + 2 * size, 0)
        stored.append(
            (
                {"asset": f"{pool}_training", "quantity": "backlog_card_h", "technology": "queue", "units": "card-h"},
                waiting * (1 if planned else 0.05),
            )
        )
        blocks = {"asset": pool, "quantity": "blocks_on", "technology": "cluster", "units": "1"}
        metered.append((blocks, np.ceil((serve + run) / 64)))
    summer = np.clip(np.sin((day - 110) / 365 * 2 * np.pi), 0, 1)
    warm = 0.05 + 0.04 * summer * np.clip(np.sin((hour - 8) / 12 * np.pi), 0.2, 1)
    cooling, loss = cards_mw * warm, cards_mw * 0.035
    flow("it", "power_train", "output", "powertrain", cards_mw)
    draw = cards_mw + cooling + loss
    water = {"asset": "hall_cooling", "quantity": "water_m3_per_h", "technology": "cooling", "units": "m3/h"}
    metered.append((water, 60 * cooling * summer))
    solar_fixed, solar_tracker = 20 * sun, 10 * np.minimum(1, sun * 1.2)
    net = solar_fixed + solar_tracker + wind - draw
    level, charge, discharge = np.zeros(len(time)), np.zeros(len(time)), np.zeros(len(time))
    held = 4.0
    for step in range(len(time)) if planned else []:
        charge[step] = np.clip(net[step], 0, min(5, (20 - held) / 0.95))
        discharge[step] = np.clip(-net[step], 0, min(5, held * 0.95)) if hour[step] >= 17 else 0
        held += 0.95 * charge[step] - discharge[step] / 0.95
        level[step] = held
    net = net - charge + discharge
    exported = np.clip(net, 0, 6)
    curtailed = np.clip(net - 6, 0, None)
    used = 1 - curtailed / np.maximum(solar_fixed + solar_tracker + wind, 1e-9)
    flow("electricity", "wind_farm", "output", "wind", wind * used)
    flow("electricity", "fixed_field", "output", "solar", solar_fixed * used)
    flow("electricity", "tracker_field", "output", "solar", solar_tracker * used)
    flow("electricity", "haixi_share", "discharge", "storage", 0.8 * discharge)
    flow("electricity", "own_battery", "discharge", "storage", 0.2 * discharge)
    flow("electricity", "grid", "import", "grid", np.clip(-net, 0, None))
    flow("electricity", "power_train", "draw", "powertrain", -(cards_mw + loss))
    flow("electricity", "hall_cooling", "draw", "cooling", -0.7 * cooling)
    flow("electricity", "liquid_cooling", "draw", "cooling", -0.3 * cooling)
    flow("electricity", "haixi_share", "charge", "storage", -0.8 * charge)
    flow("electricity", "own_battery", "charge", "storage", -0.2 * charge)
    flow("electricity", "grid", "export", "grid", -exported)
    for asset, part in (("haixi_share", 0.8), ("own_battery", 0.2)):
        stored.append(
            ({"asset": asset, "quantity": "energy_mwh", "technology": "storage", "units": "MWh"}, part * level)
        )
    late = np.zeros(len(time))
    if broken and days > 200:
        late[3000:3012] = 40.0
    price = np.select(
        [(hour >= 9) & (hour < 17), ((hour >= 7) & (hour < 9)) | ((hour >= 17) & (hour < 23))], [201.0, 503.0], 354.0
    )
    value = np.where(net > 6, 0.0, np.where(net > 0, 82.6, price))
    series = {
        "flow": ("series", flows),
        "stored": ("store", stored),
        "metered": ("meter", metered),
        "price": ("balance", [({"bus": "electricity"}, value)]),
        "shortfall": ("promise", [
            ({"asset": "ascend_training", "quantity": "late_card_h", "units": "card-h"}, late),
            ({"asset": "grid", "quantity": "overload_mw", "units": "MW"}, np.zeros(len(time))),
        ]),
        "input": ("exogenous", [
            ({"asset": "grid", "quantity": "import_price_per_mwh"}, price),
            ({"asset": "grid", "quantity": "export_price_per_mwh"}, np.full(len(time), 82.6)),
            ({"asset": "grid", "quantity": "carbon_t_per_mwh"}, np.full(len(time), 0.1796)),
            ({"asset": "fixed_field", "quantity": "available_mw"}, solar_fixed),
        ]),
    }  # fmt: skip
    results = xr.Dataset(
        {name: spread(dimension, rows, site) for name, (dimension, rows) in series.items()},
        coords={"time": time.to_numpy()},
    )
    results.attrs = {
        "step_h": 1.0, "timezone": "UTC+08:00", "currency": "CNY",
        "scenario_name": "Qaidam green microgrid compute center",
        "weather": "Synthetic year 2025 for Golmud, seed 7" if synthetic else "Golmud, CSWD typical year",
        "weights": [1.0], "synthetic": int(synthetic), "status": "certified",
        "cost": 21.4e6, "bound": 21.2e6, "gap": 0.0093,
    }  # fmt: skip
    return results


def spread(dimension: str, rows: list[tuple[dict[str, str], np.ndarray]], site: str) -> xr.DataArray:
    """Rows of (labels, values) as one array (time, dimension) with the labels as coordinates."""
    labels = pd.DataFrame([{"site": site, "member": 0, **labels} for labels, _ in rows])
    plain = {"site", "member", "bus", "asset", "technology", "role"} if dimension == "series" else set()
    coords = {
        name if name in plain else f"{dimension}_{name}": (
            dimension,
            labels[name].to_numpy(dtype=int if name == "member" else str),
        )
        for name in labels
    }
    return xr.DataArray(np.column_stack([values for _, values in rows]), dims=("time", dimension), coords=coords)


def made_up_bill(results: xr.Dataset, *, dearer: float = 1.0) -> pd.DataFrame:
    """Money by local month and "asset: item" of a made-up run."""
    flow, local = results["flow"], pd.DatetimeIndex(results.indexes["time"]) + pd.Timedelta(hours=8)
    months = local.to_period("M")

    def one(asset: str, role: str) -> np.ndarray:
        picked = (flow.coords["asset"].values == asset) & (flow.coords["series_flow"].values == role)
        return flow.values[:, picked].sum(axis=1)

    price = results["input"].values[:, 0]
    columns = {
        "grid: energy": pd.Series(one("grid", "import") * price, months).groupby(level=0).sum(),
        "grid: demand charge": pd.Series(one("grid", "import"), months).groupby(level=0).max() * 31200,
        "grid: export": pd.Series(one("grid", "export") * 82.6, months).groupby(level=0).sum(),
        "haixi_share: lease": pd.Series(1.0, months).groupby(level=0).first() * 85_000.0,
        "haixi_share: wear": pd.Series(one("haixi_share", "discharge") * 3.0, months).groupby(level=0).sum(),
    }
    return pd.DataFrame(columns) * dearer


def made_up_summary(**changes: object) -> dict[str, object]:
    """A summary with every key of a run."""
    return {
        "scenario": "Qaidam green microgrid compute center",
        "weather": "Synthetic year 2025 for Golmud, seed 7",
        "status": "certified",
        "currency": "CNY",
        **{"cost": 21.4e6, "bound": 21.2e6, "gap": 0.0093, "baseline_cost": 24.9e6, "saving": 3.5e6},
        **{"pue": 1.102, "wue_l_per_kwh": 0.31, "it_mwh": 51_200.0, "facility_mwh": 56_400.0, "solar_mwh": 52_000.0},
        **{"wind_mwh": 21_000.0, "curtailed_mwh": 3_100.0, "import_mwh": 17_400.0, "export_mwh": 13_200.0},
        **{"storage_discharge_mwh": 4_100.0, "green_share": 0.74, "self_use_share": 0.81, "cfe_hourly_share": 0.71},
        **{"carbon_location_t": 3125.0, "carbon_market_t": 2890.0, "card_hours": 5.1e7},
        **{"shifted_card_hours": 6.3e6, "late_card_hours": 480.0},
        "shortfalls": {"ascend_training: late_card_h": 480.0},
        "seconds": {"inputs": 1.2, "relax": 8.0, "windows": 92.0},
        "versions": {"qaidam": "0.1.0", "highspy": "1.15.1"},
        "repairs": ["Radiation clock shifted by -62 min to the sun", "DNI re-decomposed from GHI (capped at 836 W/m2)"],
        **changes,
    }


def made_up_jobs() -> pd.DataFrame:
    """A timetable of two jobs on the first day."""
    start = pd.Timestamp("2024-12-31 16:00")
    rows = [("a", "ascend", 2, 6, 12, False), ("b", "sugon", 8, 14, 12, True)]
    return pd.DataFrame(
        {
            "site": "qaidam", "workload": "research", "job": job, "pool": pool, "cards": 64.0, "late": late,
            "arrival": start, "start": start + pd.Timedelta(hours=first), "end": start + pd.Timedelta(hours=end),
            "deadline": start + pd.Timedelta(hours=due),
        }
        for job, pool, first, end, due, late in rows
    )  # fmt: skip


def made_up_members(results: xr.Dataset) -> xr.Dataset:
    """The same hours with two members of a 20 MW field's capacity factor."""
    factors = np.column_stack([np.full(results.sizes["time"], 0.4), np.full(results.sizes["time"], 0.6)])
    rows = [
        ({"asset": "fixed_field", "quantity": "capacity_factor", "member": member}, factors[:, member])
        for member in (0, 1)
    ]
    size = {"site": "qaidam", "asset": "fixed_field", "quantity": "size_mw"}
    sized = {f"sized_{name}": ("sized", [value]) for name, value in size.items()}
    made = xr.Dataset({"input": spread("exogenous", rows, "qaidam"), "size": ("sized", [20.0])}, coords=sized)
    return made.assign_coords(time=results["time"]).assign_attrs(results.attrs | {"weights": [0.5, 0.5]})
