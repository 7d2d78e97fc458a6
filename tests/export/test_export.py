"""Exports of a plan: right ceilings, the same names every time, an end, and formats their readers accept."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from optimizer.cli import main
from optimizer.export import writer
from optimizer.export.calendar_file import calendar_text
from optimizer.export.caps import Caps, caps_of, changes
from optimizer.export.kubernetes import apply_script
from optimizer.export.names import kubernetes_name
from optimizer.export.slurm import pool_kw, reservations, rest_document, script
from optimizer.export.writer import FORMATS, files_of, write_export

HEAD = "time_utc,time_local,site,pool,workload,baseline_cards,planned_cards,cap_cards,it_mw,electricity_price,reason\n"


def plan_folder(root: Path, name: str, noon: int = 400, previous: str | None = None) -> Path:
    """A plan of four hours and two pools: 100 cards of inference, and training of `noon` cards in the last hour."""
    folder = root / name
    folder.mkdir(parents=True)
    rows = []
    for hour in range(4):
        stamp, local = f"2026-07-01T{hour:02d}:00Z", f"2026-07-01 {hour + 8:02d}:00"
        training = noon if hour == 3 else 0
        rows.append(f"{stamp},{local},s,ascend,chat,100,100,100,0.08,{50 + hour},must run")
        rows.append(
            f"{stamp},{local},s,ascend,training,0,{training},{training},{training * 7.5e-4:.6f},{50 + hour},moved"
        )
        rows.append(f"{stamp},{local},s,sugon,tuning,64,64,64,0.05,{50 + hour},runs")
    (folder / "schedule.csv").write_text(HEAD + "\n".join(rows) + "\n")
    clusters = {"ascend": {"cards": 512, "busy_kw_per_card": 0.75}, "sugon": {"cards": 64, "busy_kw_per_card": 0.5}}
    (folder / "scenario.json").write_text(json.dumps({"site": {"timezone": "Asia/Shanghai"}, "cluster": clusters}))
    (folder / "run-record.json").write_text(json.dumps({"previous": previous}))
    return folder


@pytest.fixture
def caps(tmp_path: Path) -> Caps:
    return caps_of(plan_folder(tmp_path, "2026-07-01-aaaaaaaaaaaa"))


def test_ceilings_are_the_sum_of_a_pool_s_work(caps: Caps) -> None:
    """100 + 400 cards in the last hour, 100 before; a workload forgotten would show 400 or 100."""
    assert caps.of("ascend")["cards"].tolist() == [100, 100, 100, 500]
    assert caps.of("sugon")["cards"].tolist() == [64] * 4
    assert caps.expires == pd.Timestamp("2026-07-01T04:00")


def test_slurm_withholds_what_the_plan_does_not_give(caps: Caps) -> None:
    """512 cards of 0.75 kW are 384 kW; 100 cards leave 309 kW withheld, 500 cards 9 kW; the full pool has no reservation."""
    assert pool_kw(caps, "ascend") == 384
    found = list(reservations(caps))
    assert [one.withheld_kw for one in found] == [309, 309, 309, 9]
    assert {one.licence for one in found} == {"qaidam_ascend_kw"}
    assert found[3].name == "qaidam_ascend_20260701T0300Z"
    assert all(one.minutes == 60 for one in found)  # each ends with its hour: a dead job withholds nothing


def test_slurm_script_is_a_script_and_its_json_says_the_same(caps: Caps, tmp_path: Path) -> None:
    """`sh -n` accepts it; four reservations in both; times in UTC seconds."""
    path = tmp_path / "reservations.sh"
    path.write_text(script(caps))
    assert subprocess.run(["sh", "-n", str(path)], check=False).returncode == 0
    made = [line for line in path.read_text().splitlines() if line.startswith("scontrol")]
    documents = json.loads(rest_document(caps))["reservations"]
    assert len(made) == len(documents) == 4
    assert documents[0]["start_time"]["number"] == int(pd.Timestamp("2026-07-01T00:00Z").timestamp())
    assert all(one["name"] in line for one, line in zip(documents, made, strict=True))


def test_slurm_script_run_twice_updates_what_it_made(caps: Caps, tmp_path: Path) -> None:
    """With a stand-in `scontrol` that knows what exists: the first run creates four reservations, the second none."""
    stand_in = tmp_path / "bin" / "scontrol"
    stand_in.parent.mkdir()
    stand_in.write_text(
        "#!/bin/sh\nname=${2#reservationname=}\n"
        f'if [ "$1" = update ]; then test -e "{tmp_path}/$name"; else touch "{tmp_path}/$name"; echo "$name" >>"{tmp_path}/created"; fi\n'
    )
    stand_in.chmod(0o755)
    for _ in range(2):
        environment = os.environ | {"PATH": f"{stand_in.parent}:{os.environ['PATH']}"}
        assert subprocess.run(["sh"], input=script(caps), text=True, env=environment, check=False).returncode == 0
    assert len((tmp_path / "created").read_text().splitlines()) == 4


@pytest.mark.parametrize(
    ("form", "kind", "path"),
    [
        ("kueue", "ClusterQueue", ["spec", "resourceGroups", 0, "flavors", 0, "resources", 0, "nominalQuota"]),
        ("volcano", "Queue", ["spec", "capability", "nvidia.com/gpu"]),
        ("keda", "ScaledJob", ["spec", "maxReplicaCount"]),
    ],
)
def test_manifests_hold_the_hour_s_ceiling_and_the_release(
    form: str, kind: str, path: list[str | int], tmp_path: Path
) -> None:
    """Four hours and a release; the last hour 500 cards of ascend (62 replicas of 8), the release all 512 (64)."""
    files, _ = files_of(plan_folder(tmp_path, "2026-07-01-aaaaaaaaaaaa"), form)
    manifests = {name: list(YAML(typ="safe").load_all(text)) for name, text in files.items() if name.endswith(".yaml")}
    assert len(manifests) == 5

    def value(name: str) -> int:
        found = next(one for one in manifests[name] if one["metadata"]["name"] == "qaidam-ascend")
        assert found["kind"] == kind
        for key in path:
            found = found[key]
        return int(found)

    wanted = (62, 64) if form == "keda" else (500, 512)
    assert (value("qaidam-plan-20260701T0300Z.yaml"), value("release.yaml")) == wanted


def test_other_cards_have_their_own_resource(tmp_path: Path) -> None:
    """`huawei.com/Ascend910` for ascend alone; the other pool keeps the default."""
    folder = plan_folder(tmp_path, "2026-07-01-aaaaaaaaaaaa")
    files, _ = files_of(folder, "kueue", {"ascend": "huawei.com/Ascend910"})
    text = files["release.yaml"]
    assert text.count("huawei.com/Ascend910") == 2
    assert text.count("nvidia.com/gpu") == 2


@pytest.mark.parametrize(
    ("now", "applied"),
    [
        ("20260701T0200Z", "qaidam-plan-20260701T0200Z.yaml"),
        ("20260701T0300Z", "qaidam-plan-20260701T0300Z.yaml"),
        ("20260701T0355Z", "qaidam-plan-20260701T0300Z.yaml"),
        ("20260701T0400Z", "release.yaml"),
        ("20260630T2355Z", "release.yaml"),
    ],
)
def test_the_hour_s_manifest_is_applied_and_an_expired_plan_released(now: str, applied: str, tmp_path: Path) -> None:
    """Within the plan its hour; before and after it the release. A script that keeps the last hour would cap for ever."""
    write_export(plan_folder(tmp_path, "2026-07-01-aaaaaaaaaaaa"), "kueue", tmp_path / "out")
    (tmp_path / "date").write_text(f"#!/bin/sh\necho {now}\n")
    (tmp_path / "date").chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "KUBECTL": "echo"}
    told = subprocess.run(
        ["sh", str(tmp_path / "out" / "apply.sh")], env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == applied
    assert "release.yaml" in apply_script(pd.Timestamp("2026-07-01T04:00"))


@pytest.mark.parametrize("minutes", [15, 30, 45])
def test_every_step_sets_its_own_quota(minutes: int, tmp_path: Path) -> None:
    """Steps within an hour: from its first to its last minute each sets its own. By hours alone the full hour set all."""
    start, step = pd.Timestamp("2026-07-01T00:00"), pd.Timedelta(minutes=minutes)
    names = [f"qaidam-plan-{start + number * step:%Y%m%dT%H%MZ}.yaml" for number in range(6)]
    (tmp_path / "apply.sh").write_text(apply_script(start + 6 * step))
    (tmp_path / "release.yaml").touch()
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / "date").write_text('#!/bin/sh\necho "$NOW"\n')
    (tmp_path / "date").chmod(0o755)
    for minute in range(0, 6 * minutes, 5):
        now = f"{start + pd.Timedelta(minutes=minute):%Y%m%dT%H%MZ}"
        environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "KUBECTL": "echo", "NOW": now}
        told = subprocess.run(
            ["sh", str(tmp_path / "apply.sh")], env=environment, capture_output=True, text=True, check=True
        )
        assert told.stdout.strip() == names[minute // minutes]


STEERING = "a;$(touch /tmp/x)`id`\nEND:VEVENT,b\x1b[31m"


def test_names_steer_neither_shell_nor_calendar_nor_spreadsheet(caps: Caps) -> None:
    """A plan and a pool with such names: the script runs no other command, the calendar has one event, cells are text."""
    from dataclasses import replace

    table = caps.table.assign(pool=caps.table["pool"].replace({"ascend": STEERING, "sugon": "=1+1"}))
    other = replace(caps, plan=STEERING, table=table)
    lines = script(other).splitlines()
    assert not any(sign in line for line in lines for sign in "`$\x1b")
    assert not any(";" in line for line in lines if not line.startswith("#"))
    assert all(line.startswith(("#", "set -eu", "export TZ", "scontrol ")) for line in lines)
    calendar = calendar_text(other)
    assert [calendar.count(word) for word in ("\nBEGIN:VEVENT", "\nEND:VEVENT", "\x1b")] == [1, 1, 0]
    sheet = FORMATS["csv"](other, {})["caps.csv"]
    assert isinstance(sheet, str)
    assert ",'=1+1," in sheet
    assert ",=1+1," not in sheet


def test_calendar_has_one_event_for_low_hours(tmp_path: Path) -> None:
    """Three hours with 100 of 512 cards are one event; lines end in CRLF and have at most 75 octets (RFC 5545)."""
    files, _ = files_of(plan_folder(tmp_path, "2026-07-01-aaaaaaaaaaaa"), "ics")
    text = files["plan.ics"]
    assert text.count("BEGIN:VEVENT") == text.count("END:VEVENT") == 1
    assert "DTSTART:20260701T000000Z\r\nDTEND:20260701T030000Z\r\n" in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert not re.search(r"(?<!\r)\n", text)


def test_changes_name_the_hours_that_moved(tmp_path: Path) -> None:
    """300 cards last night, 400 tonight in the last hour, with 100 of inference: one line, 400 -> 500."""
    before = plan_folder(tmp_path, "2026-06-30-bbbbbbbbbbbb", noon=300)
    after = plan_folder(tmp_path, "2026-07-01-aaaaaaaaaaaa", previous=before.name)
    assert changes(caps_of(after), caps_of(before)) == ["2026-07-01 11:00 ascend: 400 -> 500 cards"]
    write_export(after, "csv", tmp_path / "out")
    assert (tmp_path / "out" / "changes.txt").read_text() == "2026-07-01 11:00 ascend: 400 -> 500 cards\n"


@pytest.mark.parametrize("form", FORMATS)
def test_exporting_twice_gives_the_same_files(form: str, tmp_path: Path) -> None:
    """Byte for byte, and a dry run writes nothing."""
    if form == "parquet":
        pytest.importorskip("pyarrow")
    folder = plan_folder(tmp_path, "2026-07-01-aaaaaaaaaaaa")
    said = CliRunner().invoke(main, ["export", str(folder), "--to", form, "--dry-run"])
    assert said.exit_code == 0, said.output
    assert sorted(path.name for path in tmp_path.iterdir()) == [folder.name]
    first, second = tmp_path / "a", tmp_path / "b"
    write_export(folder, form, first)
    write_export(folder, form, first)
    write_export(folder, form, second)
    contents = [{path.name: path.read_bytes() for path in one.iterdir()} for one in (first, second)]
    assert contents[0] == contents[1]


def test_parquet_is_the_table_of_the_csv(tmp_path: Path) -> None:
    """Same rows, same ceilings, times as times."""
    pytest.importorskip("pyarrow")
    folder = plan_folder(tmp_path, "2026-07-01-aaaaaaaaaaaa")
    write_export(folder, "parquet", tmp_path / "parquet")
    write_export(folder, "csv", tmp_path / "csv")
    ours, plain = (
        pd.read_parquet(tmp_path / "parquet" / "caps.parquet"),
        pd.read_csv(tmp_path / "csv" / "caps.csv", parse_dates=["time_utc"]),
    )
    assert ours["cards"].tolist() == plain["cards"].tolist()
    assert pd.DatetimeIndex(ours["time_utc"]).tz_localize(None).tolist() == [
        stamp.tz_localize(None) for stamp in plain["time_utc"]
    ]


def test_without_pyarrow_parquet_tells_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 2 and the name of what is missing, not "is no plan"."""
    monkeypatch.setattr(writer, "find_spec", lambda _: None)
    folder = plan_folder(tmp_path, "2026-07-01-aaaaaaaaaaaa")
    said = CliRunner().invoke(main, ["export", str(folder), "--to", "parquet"])
    assert said.exit_code == 2
    assert "install it, or export to csv" in said.stderr
    assert "is no plan" not in said.stderr


def test_what_is_no_plan_is_told_with_a_remedy(tmp_path: Path) -> None:
    """An empty folder: exit code 3 and no traceback."""
    said = CliRunner().invoke(main, ["export", str(tmp_path), "--to", "csv"])
    assert said.exit_code == 3
    assert "schedule.csv" in said.stderr


def test_names_are_accepted_by_kubernetes() -> None:
    """Underscores and capitals are not; RFC 1123 labels."""
    assert kubernetes_name("qaidam", "Hall_A 2") == "qaidam-hall-a-2"
