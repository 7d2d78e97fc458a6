"""A tiny study on a tiny site: a day, one battery to be sized, some work that can wait. A run takes half a second."""

from __future__ import annotations

SITE = """
name: Tiny site
site: {latitude: 36.4, longitude: 94.9, elevation_m: 2808, timezone: Asia/Shanghai}
horizon: {start: 2025-06-02, days: 1}
weather: {synthetic: golmud}
planning: {gap: 0.0001}
solar:
  field:
    peak_power_mw: 1
    capacity_factor:
      hourly: [0, 0, 0, 0, 0, 0, 0, 0.1, 0.3, 0.5, 0.7, 0.8, 0.8, 0.8, 0.7, 0.6, 0.4, 0.2, 0.1, 0, 0, 0, 0, 0]
storage:
  battery: {power_mw: 1, energy_mwh: {max: 10, annual_cost: 20000}, opening_state_of_charge: 0}
grid:
  tie:
    tariff:
      energy_price_per_mwh:
        hourly: [300, 300, 300, 300, 300, 300, 500, 700, 700, 500, 300, 200,
                 200, 200, 200, 300, 500, 700, 900, 900, 800, 600, 400, 300]
    import_limit_mw: 3
    carbon_t_per_mwh: 0.2
power_train:
  supply: {design_it_mw: 0.8}
cooling:
  halls: {kind: indirect-evaporative, design_heat_mw: 1.0}
cluster:
  pool:
    {cards: 640, cards_per_block: 64, busy_kw_per_card: 0.756, idle_kw_per_card: 0.198, off_kw_per_card: 0.01,
     least_blocks_on: 1}
service:
  inference: {pool: pool, cards: 200, unserved_price_per_card_h: 50}
queue:
  training:
    pool: pool
    arrival_cards: {hourly: [0, 0, 0, 0, 0, 0, 0, 0, 200, 200, 200, 200, 0, 0, 200, 200, 0, 0, 0, 0, 0, 0, 0, 0]}
    deadline_h: 12
    unfinished_price_per_card_h: 0.5
"""

EIGHT = """
name: Eight runs
scenario: site.yaml
vary:
  lease: {paths: [storage.battery.energy_mwh.annual_cost], values: [5000, 10000, 20000, 40000]}
  sun: {paths: [solar.field.peak_power_mw], values: [0.5, 1]}
seconds_per_run: 60
"""
