"""Starter scenario of a site of one's own: answers to five questions as a commented scenario, tariff, job table and page.

Every number that was not answered is a default that says so; what is written is sound for any answer within its range.
"""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from optimizer.files.mark import NotOursError
from optimizer.files.single import write_file
from optimizer.language.speech import say
from weather.synthetic.climate_table import SITES, climate_of

SCENARIO, TARIFF, JOBS, PAGE = "scenario.yaml", "tariff.yaml", "jobs.csv", "README.md"
BUSY_KW, IDLE_KW, OFF_KW = 0.7, 0.2, 0.01
"""IT power of a card of today's large kind with its share of server and network: planning values."""
LARGEST_BLOCK: Final = 64
FIRST_DAY: Final = datetime.date(2025, 6, 2)
"""A Monday."""
ENERGY_PRICE_PER_MWH: Final = {"CNY": 400.0, "USD": 70.0, "EUR": 90.0, "GBP": 90.0, "JPY": 15000.0, "INR": 6500.0}
"""Order of magnitude of a large user's price; a currency that is not here is asked for its own."""
USUAL_PRICE_PER_MWH: Final = 80.0
DEGREES_OF_A_KM_HIGH: Final = 6.0
"""Degrees of latitude that count as much as a kilometre of height when the most alike climate is chosen."""


@dataclass(frozen=True)
class Answers:
    """Answers to the five questions; the defaults are those of `--yes`."""

    name: str = "My site"
    latitude: float = 36.42
    longitude: float = 94.90
    elevation_m: float = 2808.0
    timezone: str = "Asia/Shanghai"
    cards: int = 2048
    solar_mw: float = 3.0
    wind_mw: float = 0.0
    storage_mw: float = 1.0
    storage_mwh: float = 4.0
    tariff: Literal["flat", "time-of-use"] = "time-of-use"
    currency: str = "CNY"
    energy_price_per_mwh: float = 400.0
    grid_limit_mw: float = 3.0

    @property
    def it_mw(self) -> float:
        """IT power with all cards busy."""
        return self.cards * BUSY_KW / 1000

    @property
    def cards_per_block(self) -> int:
        """Largest block that fills the pool."""
        return next(size for size in range(LARGEST_BLOCK, 0, -1) if self.cards % size == 0)


def cards_of(it_mw: float) -> int:
    """Cards of an IT power, in whole blocks."""
    blocks = max(round(it_mw * 1000 / BUSY_KW / LARGEST_BLOCK), 1)
    return blocks * LARGEST_BLOCK


def usual_price_per_mwh(currency: str) -> float:
    """Energy price to begin with in a currency."""
    return ENERGY_PRICE_PER_MWH.get(currency, USUAL_PRICE_PER_MWH)


def most_alike_climate(latitude: float, elevation_m: float) -> str:
    """Shipped climate whose latitude (of either hemisphere) and height are nearest to a place's."""

    def unlike(site: str) -> float:
        own = climate_of(site).year
        rise_km = (elevation_m - own["elevation_m"]) / 1000
        return (abs(latitude) - own["latitude"]) ** 2 + (DEGREES_OF_A_KM_HIGH * rise_km) ** 2

    return min(SITES, key=unlike)


def write_starter(folder: Path, answers: Answers) -> list[Path]:
    """Write the four files into a folder. Raises NotOursError, before anything is written, where one of them exists; OSError."""
    texts = {
        SCENARIO: scenario_text(answers), TARIFF: tariff_text(answers), JOBS: jobs_text(answers), PAGE: page_text(answers),
    }  # fmt: skip
    if there := [name for name in texts if (folder / name).exists() or (folder / name).is_symlink()]:
        raise NotOursError(f"{folder / there[0]}: exists already and stays; give another folder")
    return [_write(folder / name, text) for name, text in texts.items()]


def _write(path: Path, text: str) -> Path:
    return write_file(path, lambda aside: aside.write_text(text, encoding="utf-8"))


def scenario_text(answers: Answers) -> str:
    """Scenario file of the answers."""
    price = answers.energy_price_per_mwh
    sections = [_place(answers), _plants(answers), _building(answers), _work(answers, price)]
    return "\n".join(section for section in sections if section)


def _place(answers: Answers) -> str:
    climate = most_alike_climate(answers.latitude, answers.elevation_m)
    return f"""\
# {say("Scenario of a site of one's own. Numbers marked `default` were not asked for: replace them first.")}
name: {json.dumps(answers.name, ensure_ascii=False)}
currency: {answers.currency}   # {say("of every price below and in the tariff")}
site:
  latitude: {answers.latitude:g}   # {say("degrees, south is negative")}
  longitude: {answers.longitude:g}   # {say("degrees, west is negative")}
  elevation_m: {answers.elevation_m:g}   # {say("thin air costs fan power and gives the wind less force")}
  timezone: {answers.timezone}   # {say("clock of the tariff and of the job table")}
horizon: {{start: {FIRST_DAY}, days: 7, step_h: 1}}   # {say("a week; 365 days make a year; step_h: 0.25 makes quarters of an hour")}
weather:
  synthetic: {climate}   # {say("nearest shipped climate in latitude and height; replace by a file: weather: {file: mine.epw}")}
  stand_in: true   # {say("it may stand in for a far place; every result says that the weather is synthetic")}
"""


def _plants(answers: Answers) -> str:
    """Own plants, those that there are, and the tie."""
    lines = []
    if answers.solar_mw > 0:
        tilt = min(round(abs(answers.latitude)), 60)
        azimuth = 180 if answers.latitude >= 0 else 0
        lines.append(f"""\
solar:
  field: {{peak_power_mw: {answers.solar_mw:g}, mount: {{kind: fixed, tilt_deg: {tilt}, azimuth_deg: {azimuth}}}, owner_cost: {{sunk: true}}}}   # {say("default (assumption): tilt near the latitude")}""")
    if answers.wind_mw > 0:
        lines.append(f"""\
wind:
  farm: {{power_mw: {answers.wind_mw:g}, turbine: N131/3000, hub_mean_m_per_s: 6.5, owner_cost: {{sunk: true}}}}   # {say("default (assumption): turbine and mean wind")}""")
    if answers.storage_mw > 0 and answers.storage_mwh > 0:
        lines.append(f"""\
storage:
  battery: {{power_mw: {answers.storage_mw:g}, energy_mwh: {answers.storage_mwh:g}, end_value_per_mwh: {answers.energy_price_per_mwh:g}, owner_cost: {{sunk: true}}}}   # {say("default (assumption): 95 % each way")}""")
    lines.append(f"""\
grid:
  tie:
    tariff: {TARIFF}
    import_limit_mw: {answers.grid_limit_mw:g}
    export_limit_mw: {answers.grid_limit_mw if answers.solar_mw + answers.wind_mw > 0 else 0:g}   # {say("default (assumption): as much as may be bought, where there are own plants")}
    carbon_t_per_mwh: 0.5   # {say("default (assumption): take the published factor of your grid")}
""")
    return "\n".join(lines)


def _building(answers: Answers) -> str:
    heat_mw = max(1.15 * answers.it_mw, 0.001)
    block = answers.cards_per_block
    return f"""\
power_train:
  supply: {{design_it_mw: {answers.it_mw:g}}}   # {say("default (assumption): all cards busy")}
cooling:
  halls: {{kind: indirect-evaporative, design_heat_mw: {heat_mw:.4g}}}   # {say("default (assumption): heat of the cards, of the UPS and of small loads")}
cluster:
  gpu:
    cards: {answers.cards}
    cards_per_block: {block}   # {say("default (assumption): cards switched on and off together")}
    busy_kw_per_card: {BUSY_KW}   # {say("default (assumption): with its share of server and network")}
    idle_kw_per_card: {IDLE_KW}   # {say("default (assumption)")}
    off_kw_per_card: {OFF_KW}   # {say("default (assumption)")}
"""


def _work(answers: Answers, price: float) -> str:
    low, middle, high = (max(round(share * answers.cards), 1) for share in (0.1, 0.2, 0.3))
    course = [low] * 8 + [middle] * 4 + [high] * 8 + [middle] * 4
    return f"""\
service:
  inference:   # {say("work of its hour")}
    pool: gpu
    cards: {{hourly: {course}}}   # {say("default (assumption): busy cards from 0 to 23 h")}
    unserved_price_per_card_h: {0.1 * price:g}   # {say("default (assumption): far above its energy, so that it is served")}
jobs:
  training:   # {say("work that may wait until its deadline")}
    pools: [gpu]
    table: {{file: {JOBS}}}
    deadline_h: 48   # {say("default (assumption): for rows without a deadline")}
    late_price_per_card_h_h: {0.01 * price:g}   # {say("default (assumption)")}
    missed_price_per_card_h: {0.1 * price:g}   # {say("default (assumption)")}
    unfinished_price_per_card_h: {0.002 * price:g}   # {say("default (assumption): work left at the end costs its energy later")}
"""


def tariff_text(answers: Answers) -> str:
    """Tariff file of the answers."""
    head = f"""\
# {say("Tariff of the site: replace every price by that of your contract. Without VAT or with it, but all alike.")}
name: my tariff
document: assumption   # {say("or the name and date of the contract")}
currency: {answers.currency}
energy_price_per_mwh: {answers.energy_price_per_mwh:g}   # {say("the part that floats with the time of use")}
transmission_price_per_mwh: 0   # {say("network, does not float")}
demand_price_per_mw_month: 0   # {say("for the month's highest import; 0: none")}
export_price_per_mwh: {0.3 * answers.energy_price_per_mwh:g}   # {say("default (assumption): what the grid pays for surplus")}
"""
    if answers.tariff == "flat":
        return f"{head}# {say('No periods: one price at every hour.')}\n"
    return f"""\
{head}periods:   # {say("local time, hours [from, to); every hour of every month in exactly one row; days: 0 is Monday")}
  - {{band: valley, hours: [[0, 7], [23, 24]], factor: 0.6}}   # {say("default (assumption)")}
  - {{band: peak, hours: [[17, 21]], factor: 1.5}}   # {say("default (assumption)")}
  - {{band: flat, hours: [[7, 17], [21, 23]], factor: 1}}   # {say("default (assumption)")}
"""


def jobs_text(answers: Answers) -> str:
    """Job table of the first week, every column that is known: two small jobs a working day, one large at the weekend."""
    small, large = (max(answers.cards // part, 1) for part in (16, 4))
    rows = ["id,arrival,deadline,cards,hours,priority,group"]
    for day in range(5):
        date = FIRST_DAY + datetime.timedelta(days=day)
        due = date + datetime.timedelta(days=1)
        rows.append(f"small-{day + 1},{date} 09:00,{due} 09:00,{small},3,1,research")
        rows.append(f"urgent-{day + 1},{date} 14:00,{date} 20:00,{small},2,5,product")
    friday = FIRST_DAY + datetime.timedelta(days=4)
    rows.append(f"large-1,{friday} 18:00,,{large},12,1,research")
    return "\n".join(rows) + "\n"


def page_text(answers: Answers) -> str:
    """Page beside the scenario: what to run and what to change first."""
    begin = f"# {answers.name}\n\n    qaidam check {SCENARIO}\n    qaidam run {SCENARIO} --out out/week\n    qaidam table out/week hours\n"
    steps = "\n".join(f"{number}. {text}" for number, text in enumerate(changes(), start=1))
    first = say("Then open `out/week/report.html`. What to change, the weightiest first:")
    last = say(
        "Every line marked `default` is a planning value, not yours. `horizon` plans one week of June; `--start` and `--days` "
        "choose another, and a job table of other days needs `align: start`."
    )
    return f"{begin}\n{first}\n\n{steps}\n\n{last}\n"


def changes() -> list[str]:
    """What to change in a starter, the weightiest first."""
    return [
        say("`tariff.yaml`: prices and hours of your contract, and the demand charge, which is 0 here."),
        say(
            "`scenario.yaml`, `weather`: the climate only stands in. `qaidam weather --help` says how to fetch or inspect a file of "
            "the site; then write `weather: {file: NAME}` in place of `synthetic` and `stand_in`."
        ),
        say(
            "`scenario.yaml`, `cluster`: power of a busy and of an idle card, as measured; `power_train` and `cooling` follow from it."
        ),
        say(
            "`jobs.csv`: your jobs. `arrival` and `deadline` are on the site's clock (or UTC with a `Z`); a job holds its `cards` for "
            "its `hours` all at once; `priority` multiplies the price of being late; `group` is for choosing rows. Logs of Slurm, of "
            "Kubernetes and in SWF are read as they are: `table: {file: log.txt, form: sacct}`."
        ),
        say("`scenario.yaml`, `service`: busy cards by the hour, or `cards: {file: curve.csv, column: cards}`."),
        say("`carbon_t_per_mwh`: the factor of your grid."),
    ]
