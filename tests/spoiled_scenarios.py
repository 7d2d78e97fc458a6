"""Wrong scenarios, files and options, each with the exact words the command line must say to them."""

from __future__ import annotations

SPOILED: dict[str, tuple[str, str, str]] = {
    # name: (text of tests/cases/sound.yaml, what takes its place, words)
    "negative power": (
        "peak_power_mw: 1", "peak_power_mw: -1",
        "s.yaml:7  solar > field > peak_power_mw: must be at least 0, is -1. Give: DC peak power [MW], a number or a size to be found.",
    ),
    "unknown key": (
        "import_limit_mw: 2", "import_limit_mw: 2, exprot_limit_mw: 1",
        "s.yaml:13  grid > tie > exprot_limit_mw: unknown key. Did you mean 'export_limit_mw'?",
    ),
    "unknown section": ("storage:", "storrage:", "s.yaml:10  storrage: unknown key. Did you mean 'storage'?"),
    "tilt of 400": (
        "tilt_deg: 36", "tilt_deg: 400",
        "s.yaml:7  solar > field > mount > tilt_deg: must be at most 90, is 400. Give: slope of the modules against the ground.",
    ),
    "mount of no kind": (
        "kind: fixed, ", "",
        "s.yaml:7  solar > field > mount: needs the key 'kind' that says which form it is. Give: rack or tracker.",
    ),
    "turbine that does not exist": (
        "N131/3300", "N13/3300",
        "s.yaml:9  wind > farm > turbine: N13/3300: no turbine type with a power curve; 67 are known, e.g. N131/3000. "
        "Did you mean N131/3300 or N131/3600 or N131/3000?",
    ),
    "unknown pool": (
        "pool: pool, cards", "pool: pol, cards",
        "s.yaml:21  service > inference: runs on pool 'pol', which no cluster is; the clusters are: pool.",
    ),
    "unknown tariff": (
        "tariff: qinghai", "tariff: qinghi",
        "s.yaml:13  grid > tie > tariff: no tariff 'qinghi'; known are gansu, inner_mongolia_west, qinghai, yunnan.",
    ),
    "wrong currency": (
        "name: small", "name: small\ncurrency: EUR",
        "s.yaml:14  grid > tie > tariff: is in CNY, the scenario in EUR; use one currency.",
    ),
    "currency of four letters": (
        "name: small", "name: small\ncurrency: yuan",
        "s.yaml:3  currency: must be three capital letters such as CNY, is 'yuan'. Give: three letters, for all money in the scenario.",
    ),
    "tariff with a hole": (
        "tariff: qinghai",
        "tariff: {energy_price_per_mwh: 100, periods: [{months: [1, 2, 3], band: a, hours: [[0, 24]], factor: 1}]}",
        "s.yaml:13  grid > tie > tariff: periods cover April, Monday 00:00 0 times; "
        "every hour of every month must lie in exactly one row.",
    ),
    "no cooling for heat": (
        "cooling:\n  halls: {kind: indirect-evaporative, design_heat_mw: 0.6}\n", "",
        "s.yaml:1  scenario: nothing takes the heat of air_heat away; add a cooling plant for it.",
    ),
    "text for a number": (
        "energy_mwh: 0.4", "energy_mwh: much",
        "s.yaml:11  storage > battery > energy_mwh: must be a number, is 'much'. Give: usable energy [MWh].",
    ),
    "yes for a number": (
        "design_it_mw: 0.5", "design_it_mw: yes",
        "s.yaml:15  power_train > supply > design_it_mw: must be a number, is 'yes'. Give: IT power it is built for [MW].",
    ),
    "missing latitude": ("latitude: 36.42, ", "", "s.yaml:3  site > latitude: is missing. Give: degrees north."),
    "infinite limit": (
        "import_limit_mw: 2", "import_limit_mw: .inf",
        "s.yaml:13  grid > tie > import_limit_mw: must be a finite number, is inf. Give: most power taken from the grid: a number, a daily course, months or a file (orders, maintenance), also by member.",
    ),
    "efficiency in percent": (
        "energy_mwh: 0.4", "energy_mwh: 0.4, charge_efficiency: 95",
        "s.yaml:11  storage > battery > charge_efficiency: must be at most 1, is 95. Give: share of the power taken in that is stored.",
    ),
    "opens below its least": (
        "energy_mwh: 0.4", "energy_mwh: 0.4, least_state_of_charge: 0.6",
        "s.yaml:11  storage > battery: opening_state_of_charge is below least_state_of_charge; open with at least that much.",
    ),
    "time zone that does not exist": (
        "Asia/Shanghai", "Asia/Shanghay",
        "s.yaml:3  site > timezone: 'Asia/Shanghay' is not a time zone; give an IANA name such as Asia/Shanghai.",
    ),
    "no days": ("days: 1", "days: 0", "s.yaml:4  horizon > days: must be above 0, is 0. Give: length in days."),
    "day that does not exist": (
        "2025-03-01", "2025-02-30", "s.yaml:4  not YAML: day is out of range for month; give a day that exists",
    ),
    "date in another form": (
        "start: 2025-03-01", "start: 1.3.2025",
        "s.yaml:4  horizon > start: must have the form YYYY-MM-DD, is '1.3.2025'. Give: first local day, YYYY-MM-DD.",
    ),
    "holiday without a date": (
        "name: small", "name: small\nholidays: [mayday]",
        "s.yaml:3  holidays: 'mayday' is not a date; give a day that exists as YYYY-MM-DD.",
    ),
    "step that does not divide a day": (
        "step_h: 1", "step_h: 0.7",
        "s.yaml:4  horizon > step_h: must divide a day into equal steps of at least 5 minutes, e.g. 1, 0.5, 0.25.",
    ),
    "less than a step": (
        "days: 1, step_h: 1", "days: 0.01, step_h: 1",
        "s.yaml:4  horizon: 0.01 days are less than one step of 1 h; plan at least one step.",
    ),
    "cards not whole blocks": (
        "cards: 256", "cards: 250", "s.yaml:19  cluster > pool: 250 cards are not a whole number of blocks of 64.",
    ),
    "half a card": (
        "cards: 256", "cards: 256.5", "s.yaml:19  cluster > pool > cards: must be a whole number, is 256.5. Give: cards in the pool.",
    ),
    "idle above busy": (
        "idle_kw_per_card: 0.3", "idle_kw_per_card: 3",
        "s.yaml:19  cluster > pool: power must not fall from off to idle to busy.",
    ),
    "three hours of a day": (
        "cards: 100}", "cards: {hourly: [1, 2, 3]}}",
        "s.yaml:21  service > inference > cards > hourly: must have at least 24 entries, has 3. Give: 24 values, local hours 0..23.",
    ),
    "series file missing": (
        "cards: 100}", "cards: {file: no.csv, column: a}}",
        "s.yaml:21  service > inference > cards: {folder}/no.csv: no such file; give its path relative to the scenario file.",
    ),
    "unknown synthetic climate": (
        "golmud", "golmd",
        "s.yaml:5  weather > synthetic: no synthetic climate 'golmd'; known are golmud, delingha, xining, kunming, qingyang, "
        "hohhot, shanghai, guangzhou, beijing; did you mean 'golmud'?",
    ),
    "weather file missing": (
        "synthetic: golmud", "file: no.epw",
        "s.yaml:5  weather > file: {folder}/no.epw: no such file; give its path relative to the scenario file.",
    ),
    "asset twice in its section": (
        "  field: {", "  field: {peak_power_mw: 2}\n  field: {", 's.yaml:8  not YAML: found duplicate key "field"; mend the line',
    ),
    "asset name twice": (
        "  farm:", "  field:", "s.yaml:9  wind > field: the name is taken by an asset of solar; give each asset its own.",
    ),
    "asset name with spaces": (
        "  battery:", "  My Battery:",
        "s.yaml:11  storage > My Battery: must consist of small letters, digits and _, as own_battery does, is 'My Battery'.",
    ),
    "a list of assets": (
        "  tie: {tariff", "  - {tariff",
        "s.yaml:12  grid: must be a mapping of names to settings, is [{'tariff': 'qinghai', 'import_limit_mw': 2, 'carbon_t_per_mwh': 0}]. "
        "Give: ties to the public grid.",
    ),
    "number for a key": ("name: small", "name: small\n5: 3", "s.yaml:3  5: a key must be text; write it in quotes."),
    "size without a price": (
        "energy_mwh: 0.4", "energy_mwh: {max: 2}",
        "s.yaml:11  storage > battery > energy_mwh: give either annual_cost or capex, one of the two.",
    ),
    "size upside down": (
        "energy_mwh: 0.4", "energy_mwh: {min: 3, max: 2, annual_cost: 1}",
        "s.yaml:11  storage > battery > energy_mwh: min 3 is above max 2.",
    ),
    "tab": ("name: small", "name: small\n\tx: 1", r"s.yaml:3  not YAML: found character '\t' that cannot start any token; mend the line"),
    "colon in a value": ("name: small", "name: small: x", "s.yaml:2  not YAML: mapping values are not allowed here; mend the line"),
    "object of another language": (
        "name: small", "name: !!python/object:os.system x",
        "s.yaml:2  not YAML: could not determine a constructor for the tag 'tag:yaml.org,2002:python/object:os.system'; mend the line",
    ),
    "extends itself": (
        "name: small", "name: small\nextends: s.yaml", "s.yaml:3  extends: leads back to s.yaml; extend a file that stands by itself.",
    ),
    "extends nothing": ("name: small", "name: small\nextends: none.yaml", "{folder}/none.yaml: no such file; check the path"),
}  # fmt: skip

BYTES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "s.yaml:1  must be a mapping of keys to values; see scenarios/README.md"),
    "a list": (b"- 1\n- 2\n", "s.yaml:1  must be a mapping of keys to values; see scenarios/README.md"),
    "not UTF-8": (b"name: small\nsite: K\xf6ln\n", "s.yaml:2  not UTF-8 text (byte 0xf6); save the file as UTF-8"),
    "binary": (
        b"\x00\x00",
        "s.yaml:1  not YAML: unacceptable character #x0000: special characters are not allowed; mend the file",
    ),
}

OPTIONS: dict[str, tuple[list[str], str]] = {
    "no days": (["--days", "0"], "Error: Invalid value for '--days': 0.0 is not in the range 0<x<=1096."),
    "less than a step": (["--days", "0.01"], "0.01 days are less than one step of 1 h; plan at least one step"),
    "day that does not exist": (
        ["--start", "2025-02-30"],
        "Error: Invalid value for '--start': '2025-02-30' is not a date; give a day that exists as YYYY-MM-DD",
    ),
    "override of nothing": (
        ["--set", "storage.batery.energy_mwh=3"],
        "override storage.batery.energy_mwh: 'batery' is not in the scenario; did you mean 'battery'?",
    ),
    "override below a value": (
        ["--set", "queue.training.arrival_cards.x=3"],
        "override queue.training.arrival_cards.x: 'arrival_cards' holds a value, not a mapping; set it as a whole",
    ),
    "override out of range": (
        ["--set", "storage.battery.energy_mwh=-3"],
        "s.yaml:11  storage > battery > energy_mwh: must be at least 0, is -3. Give: usable energy [MWh].",
    ),
    "override without a value": (
        ["--set", "storage.battery"],
        "Error: Invalid value: 'storage.battery' is not PATH=VALUE, e.g. storage.haixi_share.energy_mwh=40",
    ),
    "override that is no YAML": (
        ["--set", "storage.battery.energy_mwh=["],
        "Error: Invalid value: '[' in 'storage.battery.energy_mwh=[' is not a YAML value; put text in quotes",
    ),
    "out is a file": (["--out", "{folder}/taken"], "{folder}/taken: is a file; give a folder with --out"),
    "out below a file": (
        ["--out", "{folder}/taken/run"], "{folder}/taken/run: cannot be made, taken is a file; give another folder with --out",
    ),
    "out holds other files": (
        ["--out", "{folder}/mine"], "{folder}/mine: holds other files (thesis.txt) and no .qaidam.json says that it is a run of ours; give a new folder "
        "with --out, or move what is in it away (an output of an older version has no such mark)",
    ),
}  # fmt: skip
