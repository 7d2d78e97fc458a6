"""`qaidam export --to pypsa` and `qaidam import`: whole folders, exit codes, nothing of others touched."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from optimizer.cli import main
from optimizer.exchange.from_pypsa import plain_site_of_network
from optimizer.exchange.network_tables import read_network
from optimizer.plan.optimize import optimize, plan_scenario
from optimizer.quantities.columns import total
from optimizer.runs.folder import write_run
from optimizer.runs.tables import opened
from optimizer.scenario.file import load_scenario, load_site

SOUND = (Path(__file__).parents[1] / "cases" / "sound.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six hours of a small center with sun, wind, a battery, cards and a tie with a demand charge."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "small.yaml").write_text(SOUND.replace("days: 1,", "days: 0.25,"), encoding="utf-8")
    return write_run(folder / "out", optimize(load_site(folder / "small.yaml"), workers=1))


def call(*arguments: object) -> Result:
    """The command."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_a_run_goes_out_and_comes_back_at_the_same_cost(run, tmp_path):
    """Demand charge and cards are named as left out and fixed; the network read back costs what the scenario beside it costs."""
    out, back = tmp_path / "network", tmp_path / "back"
    done = call("export", run, "--to", "pypsa", "--out", out)
    assert done.exit_code == 0, done.output
    text = (out / "left-out.txt").read_text(encoding="utf-8")
    assert "tie: left out: charges on the highest import" in text
    assert "supply: its power is fixed as the plan has it" in text
    assert call("import", out, "--from", "pypsa", "--out", back).exit_code == 0
    costs = [
        plan_scenario(load_scenario(folder / "scenario.yaml"), workers=1).cost
        for folder in (out / "same-in-qaidam", back)
    ]
    assert costs[0] == pytest.approx(costs[1], rel=1e-6)  # HiGHS holds rows to 1e-7
    assert costs[0] < opened(run)[0].attrs["cost"]  # the plan is possible in it, and pays the demand charge besides


def test_what_is_fixed_is_what_the_plan_draws(run, tmp_path):
    """The one load of the network is what power train and cooling take in the plan, hour by hour (1e-6 MW: the balance's)."""
    assert call("export", run, "--to", "pypsa", "--out", tmp_path / "network").exit_code == 0
    site = plain_site_of_network(read_network(tmp_path / "network"), tmp_path / "network")
    flows = opened(run)[0]["flow"]
    drawn = -total(flows, bus="electricity", asset=["supply", "halls"])
    assert site.consumers[0].power_mw == pytest.approx(drawn, abs=1e-6)


def test_only_our_own_folder_is_replaced(run, tmp_path):
    """A folder with another's file is refused with exit code 2 and left as it was; our own is replaced, another's file in it stays."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("ten years", encoding="utf-8")
    refused = call("export", run, "--to", "pypsa", "--out", tmp_path / "other")
    assert refused.exit_code == 2
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["thesis.txt"]
    mine = tmp_path / "network"
    assert call("export", run, "--to", "pypsa", "--out", mine).exit_code == 0
    (mine / "note.txt").write_text("keep", encoding="utf-8")
    assert call("export", run, "--to", "pypsa", "--out", mine).exit_code == 0
    assert (mine / "note.txt").read_text(encoding="utf-8") == "keep"


def test_without_a_network_nothing_is_written(tmp_path):
    """No such file, a folder of something else, bytes: exit code 2 with the path and the remedy, no folder."""
    (tmp_path / "bytes.nc").write_bytes(b"\x00" * 99)
    (tmp_path / "empty").mkdir()
    for name in ("nothing.nc", "bytes.nc", "empty"):
        done = call("import", tmp_path / name, "--from", "pypsa", "--out", tmp_path / "out")
        assert done.exit_code == 2, done.output
        assert name in done.output
        assert "Traceback" not in done.output
        assert not (tmp_path / "out").exists()


def test_a_site_that_is_not_in_the_run(run, tmp_path):
    """Exit code 2, and the sites there are."""
    done = call("export", run, "--to", "pypsa", "--site", "moon", "--out", tmp_path / "out")
    assert (done.exit_code, "it has here" in done.output) == (2, True)


def test_results_as_one_table_of_parquet_files(run, tmp_path):
    """Every flow of every hour once, in folders by variable and month, summing to what the run says (1e-9: the same numbers)."""
    pytest.importorskip("pyarrow")
    out = tmp_path / "parquet"
    done = call("export", run, "--to", "parquet-results", "--out", out)
    assert done.exit_code == 0, done.output
    assert (out / "variable=flow" / "month=2025-03" / "part.parquet").is_file()
    table = pd.concat([pd.read_parquet(path) for path in sorted(out.glob("variable=flow/*/*.parquet"))])
    flows = opened(run)[0]["flow"]
    assert len(table) == flows.size
    bought = table[(table["asset"] == "tie") & (table["quantity"] == "import")]["value"].sum()
    assert bought == pytest.approx(float(total(flows, asset="tie", quantity="import").sum()), rel=1e-9)
