"""Help pages and usage errors in Chinese: every command's, within the terminal's width, however the language is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from optimizer.cli import main
from optimizer.language.speech import LANGUAGE
from optimizer.language.terminal import padded, places, wrapped

EXAMPLES = re.compile(r"^    \S.*$", re.MULTILINE)
STAYS = re.compile(
    r"`[^`]*`|--?[a-z][a-z-]*|'[^']*'|\[[^\]]*\]|\{[^}]*\}|[\w./-]*(?:/|\.[a-z]{2,})[\w./-]*|qaidam [a-z-]+|[a-z-]+(?=[、：；，]|或)|(?<=[、或])[a-z-]+"
)
"""What stays as it is typed: options, choices, files, commands, columns and names in a row."""


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Words that call each command and each group."""
    yield path
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


@pytest.mark.parametrize("path", list(commands(main)), ids=" ".join)
def test_help_is_chinese_and_fits_the_terminal(path):
    """No option, paragraph or heading has words of English left, and no line but an example is wider than 80 places."""
    page = CliRunner().invoke(main, [*path, "--help", "--language", "zh"], terminal_width=80).output
    assert page.startswith("用法：qaidam") or page.startswith("用法：main")
    assert "选项：" in page
    bare = EXAMPLES.sub("", page)
    assert max(map(places, bare.splitlines())) <= 80
    said = "".join(re.sub(r"^  \S+( [A-Z\[{|\]}=a-z]+)*  ", "", line) for line in bare.splitlines()[1:])
    assert re.findall(r"\b[a-z]{3,} [a-z]{3,}\b", STAYS.sub("", said)) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("rum x", "错误：没有命令“rum”，是否应为“run”？"),
        ("run", "错误：缺少参数“SCENARIO”。"),
        ("nightly x", "错误：缺少选项“--plans”。"),
        ("run x --gap 7", "错误：'--gap'的取值有误：7.0不在范围0<x<=1之内。"),
        ("run x --gap much", "错误：'--gap'的取值有误：“much”不是有效的数字。"),
        ("run x --set y", "错误：取值有误：“y”不是“路径=值”的形式，如storage.haixi_share.energy_mwh=40"),
        ("run x --start 2025-02-30", "错误：'--start'的取值有误：“2025-02-30”不是日期；请按YYYY-MM-DD填写存在的日期"),
    ],
)  # fmt: skip
def test_usage_errors_are_chinese(line, said, monkeypatch):
    """By the locale alone, before any option was read; the exit code stays 2."""
    monkeypatch.delenv(LANGUAGE, raising=False)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    answer = CliRunner().invoke(main, line.split())
    assert answer.exit_code == 2
    assert said in answer.output
    assert "-h'查看帮助。" in answer.output


def test_lines_break_between_chinese_signs_but_not_before_a_full_stop():
    """Eight places hold four signs; a sign that closes goes with the word before it, a word of Latin letters stays whole."""
    assert wrapped("储能功率。储能（电量）", 8) == ["储能功", "率。储能", "（电量）"]
    assert wrapped("用summary.json核对", 14) == ["用summary.json", "核对"]
    assert padded("储能", 6) == "  储能"
    assert padded("储能", -6) == "储能  "
