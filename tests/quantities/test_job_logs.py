"""Job logs as clusters write them: no row is lost silently, and one broken row never refuses the file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from optimizer.quantities.calendar import Calendar
from optimizer.quantities.job_files.rows import WorkloadError
from optimizer.quantities.job_table import Job, JobTable

BERLIN = Calendar.at_local_midnight("2025-10-25", 2, 1.0, "Europe/Berlin")
HEAD = "JobIDRaw|Submit|Start|End|ElapsedRaw|State|Partition|AllocTRES|ReqTRES\n"
RAN = "{}|2025-01-06T01:00:00|2025-01-06T01:00:00|2025-01-06T05:00:00|14400|COMPLETED|train|cpu=8,{}|\n"


def table(folder: Path, text: str, form: str = "sacct", **settings: object) -> JobTable:
    """A log with that text."""
    (folder / "log").write_text(text, encoding="utf-8")
    return JobTable.model_validate({"file": str(folder / "log"), "form": form, **settings})


def card_h(jobs: list[Job]) -> float:
    """Card-hours of jobs."""
    return sum(job.cards * job.hours for job in jobs)


def test_a_waiting_array_counts_task_by_task(tmp_path: Path) -> None:
    """Tasks 5 to 9 of 4 cards for two hours: 40 card-hours; one job would be 8. Steps and lists count too."""
    head = "JobIDRaw|JobID|Submit|ElapsedRaw|AllocTRES|ReqTRES|State|TimelimitRaw\n"
    row = "24|{}|2025-10-25T08:00:00|0||cpu=8,gres/gpu=4|PENDING|120\n"
    five = table(tmp_path, head + row.format("24_[5-9]")).jobs(BERLIN)
    assert (len(five), card_h(five), five[0].id) == (5, 40.0, "24_5")
    assert len(table(tmp_path, head + row.format("24_[1,3,10-20:5%2]")).jobs(BERLIN)) == 5
    assert len(table(tmp_path, head + row.format("24_[0-99%10]")).jobs(BERLIN)) == 100


def test_every_row_of_a_mixed_log_is_kept_or_named(tmp_path: Path) -> None:
    """GPUs, NPUs, DCUs and MLUs alike; a step, a job without cards and a cancelled one named; running and waiting kept.

    4 × 8 × 4 h finished; running with a limit of 10 h, waiting with one of 2 h, waiting unlimited: the assumed 24 h.
    """
    text = HEAD.replace("ReqTRES", "ReqTRES|Timelimit")
    rows = [RAN.format(number, f"gres/{kind}=8") for number, kind in enumerate(("gpu", "npu", "dcu", "mlu"), start=1)]
    text += "".join(row.replace("|\n", "||\n") for row in rows)
    text += "4.batch|2025-01-06T01:00:00|||14400|COMPLETED||cpu=8||\n"
    text += "5|2025-01-06T01:00:00|2025-01-06T01:00:00|Unknown|500|RUNNING|train|gres/gpu=8||10:00:00\n"
    text += "6|2025-01-06T01:00:00|Unknown|Unknown|0|PENDING|train||gres/gpu=8|02:00:00\n"
    text += "7|2025-01-06T01:00:00|Unknown|Unknown|0|PENDING|train||gres/gpu=1|UNLIMITED\n"
    text += "8|2025-01-06T01:00:00|Unknown|Unknown|0|CANCELLED by 7|train||gres/gpu=8|02:00:00\n"
    text += "9|2025-01-06T01:00:00|||60|COMPLETED|train|cpu=4|cpu=4|\n"
    text += "10|2025-01-06T01:00:00|||60|COMPLETED|train|gres/qpu=4||\n"
    text += "11|soon|||60|COMPLETED|train|gres/gpu=4||\n"
    log = table(tmp_path, text)
    assert card_h(log.jobs(BERLIN)) == pytest.approx(4 * 8 * 4 + 80 + 16 + 24)
    account = "\n".join(log.account(BERLIN))
    assert "12 rows read, 7 kept, 5 left out" in account
    assert log.read().read == len({row.place for row in log.read().rows}) + sum(map(len, log.read().left_out.values()))
    for said in (
        "left out: a step of a job, counted with its job: row 6",
        "left out: ended before it ran (CANCELLED): row 10",
        "left out: requested no card (gpu, npu, dcu, mlu): row 11",
        "requested gres/qpu, which `accelerators` does not name; add it if it is cards: row 12",
        "Submit 'soon' is not a time",
        "RUNNING, not done yet: taken as long as its time limit: row 7",
        "PENDING, not done yet and without a time limit: taken as 24 h long (unknown_hours): row 9",
    ):
        assert said in account
    assert len(table(tmp_path, text, accelerators=["qpu"]).jobs(BERLIN)) == 1
    assert card_h(table(tmp_path, text, unknown_hours=5).jobs(BERLIN)) == pytest.approx(4 * 8 * 4 + 80 + 16 + 5)


@pytest.mark.parametrize(
    "text",
    [
        "JobID|Submit|Elapsed|AllocTRES\n1|2025-01-06T01:00:00|1-06:00:00|gres/gpu=8\n",
        "JobID|Submit|Start|End|AllocTRES\n1|2025-01-06T01:00:00|2025-01-06T02:00:00|2025-01-07T08:00:00|gres/gpu=8\n",
        "JobID|Submit|Start|End|AllocTRES\n1|1736121600|1736125200|1736233200|gres/gpu=8\n",
        "JobID|Submit|ElapsedRaw|AllocTRES|\n1|2025-01-06T01:00:00|108000|gres/gpu=8|\n",
        "JobID,Submit,Elapsed,NNodes,ReqGRES\n1,2025-01-06T01:00:00,30:00:00,2,gpu:a100:4\n",
        "JobID|JobName|Submit|ElapsedRaw|AllocTRES\n1|a|b|2025-01-06T01:00:00|108000|gres/gpu=8,gres/gpu:a100=8\n",
        "1|2025-01-06T01:00:00|2025-01-06T02:00:00|2025-01-07T08:00:00|COMPLETED|gres/gpu=8,cpu=1|gres/gpu=8\n",
        "2|train|2025-01-06T01:00:00|2025-01-06T02:00:00|COMPLETED|108000|cpu=8,gres/gpu=8\n",
        "jobid|submit|elapsedraw|alloctres\n1|2025-01-06T01:00:00|108000|gres/GPU=8\n",
        "JobID%30|Submit|ElapsedRaw|AllocTRES\n1|2025-01-06T01:00:00|108000|gres/gpu=8\n",
        'JobID,Submit,ElapsedRaw,AllocTRES\n1,2025-01-06T01:00:00,108000,"cpu=8,gres/gpu=8"\n',
        "JobID,Submit,ElapsedRaw,AllocTRES\n1,2025-01-06T01:00:00,108000,cpu=8,gres/gpu=8\n",
        "JobID|JobName|Submit|ElapsedRaw|AllocTRES|\n1|a|b|2025-01-06T01:00:00|108000|gres/gpu=8|\n",
        "JobID|JobName|Submit|ElapsedRaw|AllocTRES|ReqTRES\n1|a|b|2025-01-06T01:00:00|108000|gres/gpu=8|\n",
        "JobID|Submit|State|Timelimit|ElapsedRaw|ReqTRES\n1|2025-01-06T01:00:00|PD|1-06:00:00|0|gres/gpu=8\n",
        "JobID|Submit|State|Timelimit|ElapsedRaw|ReqTRES\n1|2025-01-06T01:00:00|REQUEUE_HOLD|30:00:00|0|gres/gpu=8\n",
        "JobID|Submit|Start|End|Timelimit|ReqTRES\n1|2025-01-06T01:00:00|Unknown|Unknown|30:00:00|gres/gpu=8\n",
        "JobID|Submit|Start|End|Timelimit|ReqTRES\n1|2025-01-06T01:00:00|2025-01-06T02:00:00|Unknown|30:00:00|gres/gpu=8\n",
    ],
    ids=[
        "elapsed",
        "start-end",
        "epochs",
        "parsable",
        "commas-gres",
        "bar-in-name",
        "no-header",
        "no-header-raw",
        "small-letters",
        "width",
        "commas-quoted",
        "commas-bare",
        "parsable-bar-in-name",
        "empty-end-bar-in-name",
        "short-state",
        "held",
        "no-state-waits",
        "no-state-runs",
    ],
)
def test_every_way_to_say_eight_cards_for_thirty_hours(tmp_path: Path, text: str) -> None:
    """240 card-hours, however sacct was asked."""
    jobs = table(tmp_path, text).jobs(BERLIN)
    assert [(job.cards, job.hours) for job in jobs] == [(8.0, pytest.approx(30.0))]
    assert jobs[0].arrival.tzinfo is None


@pytest.mark.parametrize(("row", "why"), [
    ("1|2025-01-06T01:00:00|7200|COMPLETED|gres/gpu=1K", "gres/gpu=1K is no whole number"),
    ("24_[1-5,...]|2025-01-06T01:00:00|0|PENDING|gres/gpu=1", "is no list of array tasks, or was cut off"),
    ("JobID|Submit|ElapsedRaw|State|AllocTRES", "the header again"),
    ("1|2025-01-06T01:00:00|0||gres/gpu=1", "neither State nor End says whether it waits"),
])  # fmt: skip
def test_a_row_that_is_no_job_is_named_with_its_own_reason(tmp_path: Path, row: str, why: str) -> None:
    """1K was once one card, a list cut off a step, a second header a job without cards."""
    head = "JobID|Submit|ElapsedRaw|State|AllocTRES\n"
    log = table(tmp_path, f"{head}7|2025-01-06T01:00:00|7200|COMPLETED|gres/gpu=4\n{row}\n")
    assert card_h(log.jobs(BERLIN)) == 8
    assert f"{why}" in "\n".join(log.account(BERLIN))


def test_cards_are_named_as_people_write_them(tmp_path: Path) -> None:
    """With capitals, and as Slurm's own `gres/NAME`."""
    text = "JobID|Submit|ElapsedRaw|AllocTRES\n1|2025-01-06T01:00:00|7200|gres/ascend910b=4\n"
    for name in ("Ascend910B", "gres/ascend910b"):
        assert card_h(table(tmp_path, text, accelerators=[name]).jobs(BERLIN)) == 8


def test_start_to_end_over_a_clock_change_is_as_long_as_it_was(tmp_path: Path) -> None:
    """From 0:00 to 6:00 are 7 h when summer time ends and 5 h when it begins; 6 h where the log's own count says so."""
    text = "JobID|Submit|Start|End|ElapsedRaw|AllocTRES\n"
    text += "1|2025-10-25T08:00:00|2025-10-26T00:00:00|2025-10-26T06:00:00||gres/gpu=1\n"
    text += "2|2025-10-25T08:00:00|2025-03-30T00:00:00|2025-03-30T06:00:00||gres/gpu=1\n"
    text += "3|2025-10-25T08:00:00|2025-03-30T00:00:00|2025-03-30T06:00:00|21600|gres/gpu=1\n"
    assert [job.hours for job in table(tmp_path, text).jobs(BERLIN)] == [7, 5, 6]


def test_columns_without_a_header_can_be_named(tmp_path: Path) -> None:
    """Where the cells do not tell, the refusal says what to do, and the setting does it."""
    text = "a|2025-01-06T01:00:00|7200|gres/gpu=8\n"
    with pytest.raises(ValueError, match="name the columns in `columns`"):
        table(tmp_path, text)
    named = table(tmp_path, text, columns=["JobID", "Submit", "ElapsedRaw", "AllocTRES"])
    assert card_h(named.jobs(BERLIN)) == 16


def test_a_requeued_job_ran_twice(tmp_path: Path) -> None:
    """The same number twice: both runs held their cards."""
    log = table(tmp_path, HEAD + 2 * RAN.format(7, "gres/gpu=2"))
    assert [job.id for job in log.jobs(BERLIN)] == ["7", "7#2"]
    assert card_h(log.jobs(BERLIN)) == 16


def test_numbers_names_and_comments_of_a_tidy_table(tmp_path: Path) -> None:
    """No other script's digits and no 1_0; control signs of a name are replaced; a job called #5 is told."""
    text = "id,arrival,cards,hours\n\x1b[2Ja,2025-03-01,1,1\n#5,2025-03-01,1,1\nb,2025-03-01,1_0,1\nc,2025-03-01,١,1\n"
    log = table(tmp_path, text, form="tidy", broken_rows="leave_out")
    assert [job.id for job in log.jobs(BERLIN)] == ["?[2Ja"]
    account = log.account(BERLIN)
    assert any("cards '1_0' is not a number: row 4" in sentence for sentence in account)
    assert any("begins with # and was taken as a comment" in sentence for sentence in account)


def test_a_start_written_after_the_rows_holds_for_all(tmp_path: Path) -> None:
    """One clock for one file, wherever the header stands; an indented comment is a comment."""
    row = "{} 0 -1 3600 4 -1 -1 4 -1 -1 1 1 1 -1 1 -1 -1 -1\n"
    log = table(tmp_path, f" ; note\n{row.format(1)}; UnixStartTime: 1761379200\n{row.format(2)}", form="swf")
    assert {str(job.arrival) for job in log.jobs(BERLIN)} == {"2025-10-25 08:00:00"}
    assert log.account(BERLIN) == []


def test_a_broken_row_of_a_tidy_table_is_refused_or_left_out(tmp_path: Path) -> None:
    """What people wrote is refused row by row; a night leaves the row out and names it."""
    text = "id,arrival,cards,hours\na,2025-03-01,1,1\nb,2025-03-01,1e300,1\nc,0001-01-01,1,1\n" + "d," + "9" * 200_000
    with pytest.raises(ValueError, match=r"row 3: cards is 1e\+300 cards; at most 10,000,000 cards are believed"):
        table(tmp_path, text, form="tidy")
    lenient = table(tmp_path, text, form="tidy", broken_rows="leave_out")
    assert [job.id for job in lenient.jobs(BERLIN)] == ["a"]
    assert max(map(len, lenient.account(BERLIN))) < 250


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "id,arrival,cards,hours,dealine\nx,2025-06-09 01:00,64,3,\n",
            "unknown column 'dealine'; did you mean 'deadline'",
        ),
        ("id,arrival,cards,hours\nx,09/06/2025 01:00,64,3\n", "row 2: arrival '09/06/2025 01:00' is not a time"),
        (
            "id,arrival,cards,hours,deadline\nx,2025-06-09 10:00,64,3,2025-06-09 05:00\n",
            "row 2: due '2025-06-09 05:00' before it arrives",
        ),
        ("id,arrival,cards,hours,hours\nx,2025-06-09,64,3,3\n", "column hours stands there twice"),
    ],
)
def test_misspelled_and_impossible_rows_are_reported(tmp_path: Path, text: str, message: str) -> None:
    """With row, value and remedy."""
    with pytest.raises(ValueError, match=message):
        table(tmp_path, text, form="tidy")


def test_columns_nobody_reads_are_reported(tmp_path: Path) -> None:
    """A user's own column is no mistake, but he should know that it has no effect."""
    log = table(tmp_path, "id,arrival,cards,hours,owner\nx,2025-06-09,64,3,me\n", form="tidy")
    assert log.account(BERLIN) == ["columns that nothing reads: owner"]


def test_a_rewritten_file_is_read_again(tmp_path: Path) -> None:
    """One hour, then four; also where the new file has the old one's size and time of change."""
    text = "id,arrival,cards,hours\na,2025-01-06 00:00,1,{}\n"
    assert card_h(table(tmp_path, text.format(1), form="tidy").jobs(BERLIN)) == 1
    was = os.stat(tmp_path / "log")
    assert card_h(table(tmp_path, text.format(4), form="tidy").jobs(BERLIN)) == 4
    (tmp_path / "other").write_text(text.format(7), encoding="utf-8")
    os.utime(tmp_path / "other", ns=(was.st_atime_ns, was.st_mtime_ns))
    os.replace(tmp_path / "other", tmp_path / "log")
    assert card_h(JobTable(file=str(tmp_path / "log")).jobs(BERLIN)) == 7


def test_a_pipe_is_no_job_file(tmp_path: Path) -> None:
    """Opening it would wait for ever."""
    os.mkfifo(tmp_path / "log")
    with pytest.raises(ValueError, match="is a pipe or a device"):
        JobTable(file=str(tmp_path / "log"))


def test_local_times_that_the_clock_skips_or_doubles(tmp_path: Path) -> None:
    """02:30 of 26 October is 00:30 UTC the first time; 02:30 of 30 March is the jump, 01:00 UTC. Both are told."""
    text = "id,arrival,cards,hours\na,2025-10-26 02:30,1,1\nb,2025-03-30 02:30,1,1\nc,2025-10-26 02:30+01:00,1,1\n"
    log = table(tmp_path, text, form="tidy")
    assert [f"{job.arrival:%m-%d %H:%M}" for job in log.jobs(BERLIN)] == ["10-26 00:30", "03-30 01:00", "10-26 01:30"]
    skipped, doubled = log.account(BERLIN)
    assert skipped.startswith("row 3: arrival 2025-03-30 02:30 is skipped by the clock")
    assert doubled.startswith("row 2: arrival 2025-10-26 02:30 is shown twice by the clock")


def test_nothing_but_broken_rows_is_refused_with_the_reasons(tmp_path: Path) -> None:
    """An empty plan would look like a quiet week."""
    with pytest.raises(ValueError, match=r"no job in it that ran on a card.*requested no card"):
        table(tmp_path, HEAD + RAN.format(1, "mem=1"))
    assert issubclass(WorkloadError, Exception)
