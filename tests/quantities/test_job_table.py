"""Job files: each form read by what it says of itself, and every wrong row told by file, row, value and remedy."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from optimizer.quantities.calendar import Calendar
from optimizer.quantities.job_table import JobRow, JobTable, WorkloadError, read_rows

BEIJING = Calendar.at_local_midnight("2025-03-01", 2, 1.0, "Asia/Shanghai")
LINE = "{} {} -1 {} {} -1 -1 {} -1 -1 1 1 1 -1 {} -1 -1 -1\n"
"""A line of SWF: job, submit, run time, allocated and requested processors, queue."""


def write(folder: Path, name: str, text: str) -> str:
    """A file with that text."""
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def test_tidy_times_are_the_sites_clock_unless_they_say_otherwise(tmp_path: Path) -> None:
    """08:00 in Beijing is 00:00 UTC; with Z it is 08:00 UTC, with +09:00 it is 23:00 of the day before."""
    file = write(
        tmp_path,
        "jobs.csv",
        "id,arrival,deadline,cards,hours,priority,group\n"
        "a,2025-03-01 08:00,2025-03-02 08:00,64,2.5,3,train\n"
        "b,2025-03-01T08:00Z,,8,1,,tune\n"
        "c,2025-03-01T08:00+09:00,,8,1,,tune\n",
    )
    first, second, third = JobTable(file=file).jobs(BEIJING)
    assert (first.arrival, first.deadline) == (pd.Timestamp("2025-03-01 00:00"), pd.Timestamp("2025-03-02 00:00"))
    assert (first.cards, first.hours, first.priority) == (64.0, 2.5, 3.0)
    assert (second.arrival, second.deadline, second.priority) == (pd.Timestamp("2025-03-01 08:00"), None, 1.0)
    assert third.arrival == pd.Timestamp("2025-02-28 23:00")
    assert [job.id for job in JobTable(file=file, groups=["tune"]).jobs(BEIJING)] == ["b", "c"]


def test_swf_counts_from_its_own_start(tmp_path: Path) -> None:
    """Seconds from UnixStartTime; unknown allocation (-1) falls back to the request; jobs that never ran are left out."""
    text = "; Version: 2.2\n; UnixStartTime: 1740787200\n"
    text += LINE.format(1, 3600, 7200, 16, -1, 0) + LINE.format(2, 0, 60, -1, 4, 1) + LINE.format(3, 0, -1, 8, 8, 1)
    jobs = JobTable(file=write(tmp_path, "log.swf", text), form="swf").jobs(BEIJING)
    assert [(job.id, job.cards, job.hours) for job in jobs] == [("1", 16.0, 2.0), ("2", 4.0, pytest.approx(1 / 60))]
    assert jobs[0].arrival == pd.Timestamp("2025-03-01 01:00")


def test_swf_without_a_start_is_laid_on_the_plan(tmp_path: Path) -> None:
    """Without UnixStartTime a submit of 3,600 s is one hour after the plan's start; gzip reads the same."""
    text = LINE.format(7, 3600, 60, 1, 1, 0)
    plain = JobTable(file=write(tmp_path, "log.swf", text), form="swf").jobs(BEIJING)
    (tmp_path / "log.swf.gz").write_bytes(gzip.compress(text.encode()))
    zipped = JobTable(file=str(tmp_path / "log.swf.gz"), form="swf").jobs(BEIJING)
    assert plain == zipped
    assert plain[0].arrival == BEIJING.start + pd.Timedelta(hours=1)


def test_real_swf_log(shared_file: Callable[[str], Path]) -> None:
    """NASA iPSC 1993: 18,239 jobs in the archive, 18,066 that ran longer than 0 s; the first at 00:00:03 Pacific summer time."""
    file = shared_file("data/compute/nasa_ipsc_swf/NASA-iPSC-1993-3.1-cln.swf.gz")
    jobs = JobTable(file=str(file), form="swf").jobs(BEIJING)
    assert len(jobs) == 18_066
    assert jobs[0].arrival == pd.Timestamp("1993-10-01 07:00:03")
    assert max(job.cards for job in jobs) == 128


def test_sacct_rows(tmp_path: Path) -> None:
    """GPUs from AllocTRES (typed or not), job steps and jobs without a GPU left out, a pending job by its time limit."""
    file = write(
        tmp_path,
        "sacct.txt",
        "JobIDRaw|Submit|ElapsedRaw|TimelimitRaw|State|Partition|AllocTRES|ReqTRES\n"
        "11|2025-03-01T08:00:00|3600|120|COMPLETED|train|billing=8,gres/gpu=8,node=1|gres/gpu=8\n"
        "11.batch|2025-03-01T08:00:00|3600||COMPLETED||cpu=4|\n"
        "12|2025-03-01T09:00:00|1800|120|COMPLETED|tune|gres/gpu:a100=4|\n"
        "13|2025-03-01T09:30:00|1800|120|COMPLETED|cpu|cpu=4|cpu=4\n"
        "14|2025-03-01T10:00:00|0|120|PENDING|train||gres/gpu=16\n"
        "15|2025-03-01T10:00:00|0|120|CANCELLED by 0|train||gres/gpu=16\n",
    )
    jobs = JobTable(file=file, form="sacct").jobs(BEIJING)
    assert [(job.id, job.cards, job.hours) for job in jobs] == [("11", 8, 1.0), ("12", 4, 0.5), ("14", 16, 2.0)]
    assert jobs[0].arrival == pd.Timestamp("2025-03-01 00:00")
    assert [job.id for job in JobTable(file=file, form="sacct", groups=["tune"]).jobs(BEIJING)] == ["12"]


def test_real_pod_list(shared_file: Callable[[str], Path]) -> None:
    """Alibaba openb 2023: 51,471 GPU-hours ran, of which 1,312 best effort; whole-card pods would give more than 60,000."""
    file = str(shared_file("data/compute/alibaba_openb_2023/openb_pod_list_default.csv"))
    every, batch = (JobTable(file=file, form="kubernetes", groups=groups).jobs(BEIJING) for groups in ([], ["BE"]))
    assert sum(job.cards * job.hours for job in every) == pytest.approx(51_470.7, abs=0.1)
    assert sum(job.cards * job.hours for job in batch) == pytest.approx(1_312, abs=1)
    assert min(job.arrival for job in every) == BEIJING.start


def test_aligned_to_the_start(tmp_path: Path) -> None:
    """A log of another year laid on the plan: the first job arrives with the first step, the others keep their distance."""
    text = "id,arrival,deadline,cards,hours\nb,2019-05-02 10:00,2019-05-03 10:00,1,1\na,2019-05-01 10:00,,1,1\n"
    late, first = JobTable(file=write(tmp_path, "old.csv", text), align="start").jobs(BEIJING)
    assert first.arrival == BEIJING.start
    assert late.arrival == BEIJING.start + pd.Timedelta(days=1)
    assert late.deadline == BEIJING.start + pd.Timedelta(days=2)


TIDY = "id,arrival,cards,hours\n"
WRONG = (
    ("tidy", "id,arrival,hours\na,2025-03-01,1\n", "no column cards; the file has id, arrival, hours"),
    ("tidy", "", "the file has nothing"),
    ("tidy", TIDY, "no job in it that ran on a card"),
    ("tidy", TIDY + "a,soon,1,1\n", "row 2: arrival 'soon' is not a time; write 2025-03-01 08:00"),
    ("tidy", TIDY + "a,2025-03-01,eight,1\n", "row 2: cards 'eight' is not a number"),
    ("tidy", TIDY + "a,2025-03-01,1,1\nb,2025-03-01,1,-2\n", "row 3: hours must be above 0, is -2"),
    ("tidy", TIDY + "a,2025-03-01,nan,1\n", "row 2: cards 'nan' is not a finite number"),
    ("tidy", TIDY + ",2025-03-01,1,1\n", "row 2: has no job id"),
    ("tidy", TIDY + "a,2025-03-01,1\n", "row 2: has not the 4 columns of the header"),
    ("tidy", TIDY + "a,2025-03-01,1,1,9\n", "row 2: has not the 4 columns of the header"),
    ("tidy", TIDY + "a,2025-03-01,1,1\na,2025-03-01,1,1\n", "job id 'a' stands there more than once"),
    ("swf", "1 2 3\n", "line 1: has 3 columns, SWF has 18"),
    ("swf", LINE.format(1, "soon", 1, 1, 1, 1), "line 1: could not convert string to float: 'soon'"),
    (
        "sacct",
        "JobID|Start\n1|x\n",
        "no column ElapsedRaw, Elapsed, or Start and End; AllocTRES or ReqTRES; the file has JobID, Start",
    ),
    ("sacct", "JobID|Submit|ElapsedRaw|AllocTRES\n1|Unknown|60|gres/gpu=1\n", "row 2: Submit 'Unknown' is not a time"),
    ("kubernetes", "name,num_gpu\np,1\n", "no column creation_time, deletion_time, scheduled_time"),
)


@pytest.mark.parametrize(("form", "text", "message"), WRONG, ids=[message[:40] for _, _, message in WRONG])
def test_wrong_files_are_reported(tmp_path: Path, form: str, text: str, message: str) -> None:
    """Every message names the file, the row where there is one, the value, and what to do."""
    file = write(tmp_path, f"wrong.{form}", text)
    with pytest.raises(WorkloadError) as caught:
        read_rows(file, form)  # type: ignore[arg-type]
    assert message in str(caught.value)
    assert "wrong." in str(caught.value)


def test_all_wrong_rows_are_reported_at_once(tmp_path: Path) -> None:
    """12 wrong rows: ten are named, the rest counted."""
    file = write(tmp_path, "many.csv", TIDY + "".join(f"j{k},2025-03-01,0,1\n" for k in range(12)))
    with pytest.raises(WorkloadError) as caught:
        read_rows(file, "tidy")
    assert len(caught.value.problems) == 11
    assert "row 11: cards must be above 0" in caught.value.problems[9]
    assert "and 2 more like these" in caught.value.problems[10]


def test_a_missing_file_a_folder_and_a_wrong_encoding_are_reported(tmp_path: Path) -> None:
    """Each is no traceback but a line with the path; names in Latin-1 are read."""
    (tmp_path / "latin.csv").write_bytes(b"id,arrival,cards,hours\n\xe9,2025-03-01,1,1\n")
    assert read_rows(str(tmp_path / "latin.csv"), "tidy")[0].id == "é"
    (tmp_path / "binary.csv").write_bytes(b"id,arrival\x00\x01")
    for name, message in (("none.csv", "no such file"), (".", "is a folder"), ("binary.csv", "holds binary data")):
        with pytest.raises(WorkloadError, match=message):
            read_rows(str(tmp_path / name), "tidy")


def test_unknown_group_is_reported(tmp_path: Path) -> None:
    """A group nobody is in would silently plan nothing."""
    file = write(tmp_path, "jobs.csv", "id,arrival,cards,hours,group\na,2025-03-01,1,1,train\n")
    with pytest.raises(ValueError, match="no jobs of group tune; the groups are train"):
        JobTable(file=file, groups=["tune"])


def test_no_time_is_no_arrival() -> None:
    """An empty or impossible time is refused, not read as the epoch."""
    for text in ("", "NaT", "2025-02-30", "25:00"):
        with pytest.raises(ValueError, match="is not a time"):
            JobRow(id="a", arrival=text, cards=1, hours=1)
