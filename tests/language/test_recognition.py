"""Messages, notes and reasons that were made in English, shown in Chinese."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from optimizer.cli import main
from optimizer.language.catalogue import recognised
from optimizer.language.recognition import shown
from optimizer.language.speech import spoken
from optimizer.nightly.attempt import Rung
from optimizer.nightly.ladder import LEVEL_NAMES, LEVELS
from optimizer.nightly.metrics import FORECAST_LEVELS
from optimizer.nightly.solving import BY_RULE, OPTIMISE
from optimizer.nightly.state import SOURCES
from optimizer.plan.causes import Cause
from optimizer.scenario.complaints import RULES

BAD = """
format: 1
name: wrong
currency: CNY
storage: 5
grid:
  tie:
    import_limit_mw: -5
    effciency: 1
"""


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("qaidam.yaml:42  grid > main > ramp_mw_per_h: must be above 0, is -5.", "qaidam.yaml 第42行，grid > main > ramp_mw_per_h：应大于0，当前为-5。"),
        ("site.yaml:3  effciency: unknown key. Did you mean 'efficiency'?", "site.yaml 第3行，effciency：未识别的键，是否应为“efficiency”？"),
        ("my/rate.json  flatdemandunit: is in kVA; only kW are known: turn the prices into those of a kW", "my/rate.json  flatdemandunit：单位为kVA；只能读取kW：请换算为每kW的价格"),
        ("storage > own > energy_mwh: is missing.", "storage > own > energy_mwh：缺失。"),
        ("no.yaml: no such file; check the path", "no.yaml：没有该文件；请检查路径"),
        ("plan: gap 1.80%, more than the 0.50% requested", "方案：间隙1.80%，高于设定的0.50%"),
        ("state: no telemetry given", "状态：未提供遥测数据"),
        ("runs as it arrives", "到达即运行"),
        ("moved here from 07-01 03:00: power bought costs 201 CNY/MWh here, 342 then", "自07-01 03:00转移至此时段：下网电价：本时段201 CNY/MWh，彼时段342"),
        ("synthetic year 2025 of Golmud from monthly statistics", "由月度统计生成的格尔木 2025年合成气象"),
        ("fresh: none given", "最新预报：未提供"),
        ("past-weather: no.csv: no such file; check the path", "历史气象：no.csv：没有该文件；请检查路径"),
        ("solver: optimise ended with exit code 1", "求解器：优化求解结束：退出码1"),
        ("check: the rounded plan is not sound and was passed over: its bill is 1.0000, its cost 2.0000", "校核：取整后的方案未通过，未采用：账单为1.0000，费用为2.0000"),
        ("scenario: changed since d-1: old is gone; new is new; s > mw: 0.5 -> 1", "场景：自d-1以来的改动：old已移除；new为新增；s > mw: 0.5 -> 1"),
        ("b has another weather than a: x, not y", "b与a的气象数据不同：为x，而非y"),
        ("site.yaml:3  weathr: unknown key. Did you mean 'weather'?", "site.yaml 第3行，weathr：未识别的键，是否应为“weather”？"),
        ("with links closed 12,382, together 12,383: moving saves 0", "关闭互联时为12382，协同为12383：转移节省0"),
        ("no store, no plan: not possible: there was no time left", "无储能、无优化：不可行：已无剩余时间"),
    ],
)  # fmt: skip
def test_kept_sentences_are_shown_in_chinese(english, chinese):
    """Whole or by their fixed parts; file and line before them, what stands in their places translated in turn."""
    with spoken("zh"):
        assert shown(english) == chinese
    assert shown(english) == english


@pytest.mark.parametrize("cause", list(Cause))
def test_every_reason_has_its_chinese(cause):
    """A reason as a plan words it leaves no English word but its currency and unit."""
    reason = cause.format(low=201.0, high=342.0, part=0.012, money="CNY", cheap="here", dear="then")
    with spoken("zh"):
        said = shown(f"moved to 07-01 03:00: {reason}")
    assert not set("abdfgijklmnopqrstuvwxz") & set(said.replace("CNY", "").replace("MWh", ""))
    assert "时段" in said or "截止时间" in said


@pytest.mark.parametrize("rule", sorted(set(RULES.values())))
def test_every_rule_of_a_key_has_its_chinese(rule):
    """What a check says of a value is known with any value in it."""
    values = {"gt": 1, "ge": 1, "lt": 1, "le": 1, "value": "-5", "form": "be 3", "expected": "a, b", "min_length": 1, "actual_length": 0,
              "max_length": 2, "expected_tags": "'a', 'b'", "tag": "'c'", "discriminator": "kind"}  # fmt: skip
    with spoken("zh"):
        assert shown(rule.format(**values)) != rule.format(**values)


def test_values_that_a_night_s_record_may_hold_are_known():
    """The banner and the notes of a night are Chinese whatever came about: each enumerated value is recognised in a sentence."""
    values = (*LEVEL_NAMES, *FORECAST_LEVELS, *LEVELS, OPTIMISE, BY_RULE, *SOURCES, *(rung.value for rung in Rung))
    assert [value for value in values if value not in recognised("zh")] == []


def test_check_answers_in_chinese(tmp_path: Path):
    """All problems at once, each with its line, its place in the file as it is written there, and the rule."""
    path = tmp_path / "site.yaml"
    path.write_text(BAD, encoding="utf-8")
    answer = CliRunner().invoke(main, ["check", "--language", "zh", str(path)])
    assert answer.exit_code == 2
    assert "site.yaml 第5行，storage：应为名称到设定的映射，当前为5" in answer.output
    assert "grid > tie > effciency：未识别的键" in answer.output
    assert "个问题" in answer.output


def test_json_stays_english(tmp_path: Path):
    """What machines read does not change with the language."""
    path = tmp_path / "site.yaml"
    path.write_text(BAD, encoding="utf-8")
    in_english = CliRunner().invoke(main, ["check", "--json", str(path)]).output
    assert CliRunner().invoke(main, ["check", "--json", "--language", "zh", str(path)]).output == in_english
