from __future__ import annotations

import json
import os
import re
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plenary.strategy.parsing import (
    ParsedClause,
    ParsedStrategy,
    StrategyFormatError,
    parse_strategy,
    to_json,
)

SHARED = Path(os.environ.get("PLENARY_SHARED") or Path(__file__).resolve().parents[5] / "shared")
SOURCE = SHARED / "strategy" / "source.zh.txt"


def of_kind(parsed: ParsedStrategy, kind: str) -> list[ParsedClause]:
    return [clause for clause in parsed.walk() if clause.kind == kind]


def by_ref(parsed: ParsedStrategy) -> dict[str, ParsedClause]:
    return {clause.ref: clause for clause in parsed.walk()}


def codes(parsed: ParsedStrategy) -> list[str]:
    return [doubt.code for doubt in parsed.doubts]


def outline(parsed: ParsedStrategy) -> list[str]:
    """Every goal, principle, commitment and section as "ref number title", indented by depth."""
    lines: list[str] = []

    def walk(clauses: tuple[ParsedClause, ...], depth: int) -> None:
        for clause in clauses:
            if clause.kind != "paragraph":
                named = " ".join(part for part in (clause.ref, clause.number, clause.title) if part)
                lines.append("  " * depth + named)
            walk(clause.children, depth + 1)

    walk(parsed.clauses, 0)
    return lines


def words_of(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


# The published strategy


@pytest.fixture(scope="module")
def source() -> ParsedStrategy:
    if not SOURCE.exists():
        pytest.skip(f"the published strategy is not at {SOURCE}")
    return parse_strategy(SOURCE.read_bytes(), language="zh", name=SOURCE.name)


def test_source_outline(source: ParsedStrategy) -> None:
    assert (source.title, source.edition, source.language) == ("联合国秘书长的新技术战略", "2018 年", "zh")
    assert outline(source) == [
        "G1 目标",
        "S1 执行摘要",
        "S2 导言",
        "S3 1 新技术和联合国的新前沿",
        "  S4 1.1 联合国应对措施的指导原则",
        "    P1 1 保护和促进全球价值观",
        "    P2 2 促进包容性和透明度",
        "    P3 3 开展伙伴合作",
        "    P4 4 发展能力执行现有任务",
        "    P5 5 保持谦逊继续学习",
        "  S5 1.2 2018-2019 年战略承诺",
        "    C1 1 深化联合国内部能力，扩大利用新技术",
        "    C2 2 增进了解、宣传和对话",
        "    C3 3 支持关于规范与合作框架的对话",
        "    C4 4 加强联合国系统对政府能力发展的支持",
        "S6 2 监督和监测",
    ]


def test_source_texts_are_the_fullest(source: ParsedStrategy) -> None:
    clauses = by_ref(source)
    lines = SOURCE.read_text(encoding="utf-8").splitlines()
    assert clauses["G1"].text == lines[8]
    for number, line in enumerate((88, 90, 92, 93, 94), 1):
        assert f"{number}. {clauses[f'P{number}'].title}：{clauses[f'P{number}'].text}" == lines[line - 1]
    for ref, first, last in (("C1", 102, 112), ("C2", 116, 134), ("C3", 138, 146)):
        assert clauses[ref].text == "\n\n".join(line for line in lines[first - 1 : last] if line)
    assert clauses["C4"].text == "\n\n".join([lines[149], lines[151], lines[153] + lines[155]])
    assert "提供分析、设计政策方案，" in clauses["C4"].text
    assert clauses["C4"].text.endswith("这项战略下的承诺将利用现有的监督和报告手段和机制。")


def test_source_loses_no_word(source: ParsedStrategy) -> None:
    kept = source.title + source.edition + "".join(c.number + c.title + c.text for c in source.walk())
    original = words_of(SOURCE.read_text(encoding="utf-8"))
    # The labels "承诺 1：" of four headings are the only words that become structure.
    assert len(original) - len(words_of(kept)) == 4 * len("承诺")
    assert all(mark not in kept for mark in ("**", "\t"))


def test_source_occurrences(source: ParsedStrategy) -> None:
    clauses = by_ref(source)
    assert len({found.within for found in source.occurrences}) == len(source.occurrences) == 19
    counted = {ref: sum(found.of == ref for found in source.occurrences) for ref in clauses}
    assert all(counted[f"P{n}"] == 2 for n in range(1, 6)) and all(counted[f"C{n}"] == 2 for n in range(1, 5))
    assert counted["G1"] == 1
    variants = {(found.of, found.variant_title) for found in source.occurrences if found.variant_title}
    assert {("P3", "开展伙伴协作"), ("P4", "发展能力扩大任务"), ("C2", "增加了解、宣传和对话")} <= variants
    assert all(clauses[found.within].kind == "paragraph" for found in source.occurrences)


def test_source_doubts(source: ParsedStrategy) -> None:
    found = [(doubt.line, doubt.code) for doubt in source.doubts if doubt.code != "variant_title"]
    assert found == [
        (5, "edition"),
        *((line, "stray_markup") for line in range(28, 33)),
        (40, "skipped_number"),
        (50, "unusual_character"),
        (72, "rejoined_sentence"),
        (146, "foreign_word"),
        (156, "rejoined_sentence"),
    ]
    assert codes(source).count("variant_title") == 8
    skipped = next(doubt for doubt in source.doubts if doubt.code == "skipped_number")
    assert by_ref(source)[skipped.refs[0]].text.startswith("这些承诺是")


def test_source_keeps_odd_words(source: ParsedStrategy) -> None:
    everything = "".join(clause.text for clause in source.walk())
    assert "任務" in everything and "分析 and 报告" in everything


@pytest.mark.parametrize("blank", ["", "\n"], ids=["no blank lines", "a blank line after each"])
def test_source_with_other_spacing(source: ParsedStrategy, blank: str) -> None:
    text = re.sub(r"\n+", "\n" + blank, SOURCE.read_text(encoding="utf-8"))
    again = parse_strategy(text, language="zh")
    assert outline(again) == outline(source)
    assert [clause.text for clause in again.walk()] == [clause.text for clause in source.walk()]


# The same difficulties in words of our own

HARBOUR_ZH = """港口计划

2022 年修订版

总体目标

让港口对所有人开放。

原则\t承诺
1. 公开透明\t1. 定期公布水质
2. 照顾弱者\t2. 降低小船费用
3. 先试后行\t

摘要

我们依据三项原则行事。

- 公开透明：**我们公布工作。
- 关照弱者：**我们先想到小船。
- 先试后行：**我们从小处开始。

根据这些原则，我们作出两项承诺：

1. 我们每周公布水质：方法公开。
2. 我们降低费用：小船优先。
3. 这些承诺只是开端。

一、背景

港口已有百年历史，来往船只越来越多，码头上的工作人员一直在努力维护水质和秩序，然而今天的港口，

需要新的办法。

二、我们的指导原则

1. 公开透明：我们把水质数据、费用和决定都公布出来，让每个人都能查看。
2. 关照弱者：我们先考虑小船和行动不便的人，再考虑大船。
3. 先试后行：我们先在一个码头上试行，再推广到整个港口。

三、我们的承诺

承诺一：每周公布水质

我们每周测量三次，并在当天公布结果。

公布的方法本身也公开。

承诺二：降低小船费用

小船的费用降低一半。

四、监督

委员会每年报告一次。
"""


def test_chinese_with_every_difficulty() -> None:
    parsed = parse_strategy(HARBOUR_ZH, language="zh-Hans")
    assert (parsed.title, parsed.edition) == ("港口计划", "2022 年修订版")
    assert outline(parsed) == [
        "G1 总体目标",
        "S1 摘要",
        "S2 一 背景",
        "S3 二 我们的指导原则",
        "  P1 1 公开透明",
        "  P2 2 关照弱者",
        "  P3 3 先试后行",
        "S4 三 我们的承诺",
        "  C1 一 每周公布水质",
        "  C2 二 降低小船费用",
        "S5 四 监督",
    ]
    clauses = by_ref(parsed)
    assert clauses["C1"].text == "我们每周测量三次，并在当天公布结果。\n\n公布的方法本身也公开。"
    assert len(parsed.occurrences) == 10
    assert any(
        clause.text.endswith("然而今天的港口，需要新的办法。") for clause in of_kind(parsed, "paragraph")
    )
    assert codes(parsed).count("stray_markup") == 3
    assert codes(parsed).count("skipped_number") == 1
    assert "照顾弱者" in {found.variant_title for found in parsed.occurrences}


def test_table_rows_may_lack_their_trailing_tab_and_lines_may_end_in_crlf() -> None:
    trimmed = HARBOUR_ZH.replace("先试后行\t\n", "先试后行\n").replace("\n", "\r\n")
    expected = parse_strategy(HARBOUR_ZH, language="zh")
    assert to_json(parse_strategy(b"\xef\xbb\xbf" + trimmed.encode(), language="zh")) == to_json(expected)


# English


SERVICES = """---
title: "Digital Services Strategy"
date: 2024
---
# Digital Services Strategy

<!-- a draft -->
## Our aim

Make public services **simple**, [open](https://example.org/a_(b)) and fair
for everybody who lives in the region.

## Executive summary

We follow three guiding principles:

* **Openness.** We publish.
* **Fair treatment.** We treat all alike.
* **Prudence.** We test first.

On the basis of these principles we make two commitments:

1. Train every official.
2. Publish all source code.
3. These commitments are part of a broader reform.

## 1 Background

The region has changed, and the people who

live in it have changed with it.

### 1.1 Guiding principles

Principle 1 – Openness: We publish all we do, in open formats, so that everybody may check it.

Principle 2 – Fairness: We treat all alike, whoever they are, and measure that we do.

Principle 3 – Prudence: We test first, on a small scale, and stop what fails.

### 1.2 What we commit to

#### Commitment I: Train every official

By 2027 each official has had a course.

We will:

- open a school
- pay for the time

#### Commitment II: Publish all source code

All code that was written with public money is published.

## 2 Oversight of our commitments

- The council reports each year.
- The auditor checks.
"""


def test_english_markdown_with_summary() -> None:
    parsed = parse_strategy(SERVICES, language="en")
    assert (parsed.title, parsed.edition) == ("Digital Services Strategy", "2024")
    assert outline(parsed) == [
        "G1 Our aim",
        "S1 Executive summary",
        "S2 1 Background",
        "  S3 1.1 Guiding principles",
        "    P1 1 Openness",
        "    P2 2 Fairness",
        "    P3 3 Prudence",
        "  S4 1.2 What we commit to",
        "    C1 I Train every official",
        "    C2 II Publish all source code",
        "S5 2 Oversight of our commitments",
    ]
    clauses = by_ref(parsed)
    assert clauses["G1"].text == (
        "Make public services simple, open and fair for everybody who lives in the region."
    )
    assert clauses["C1"].text == (
        "By 2027 each official has had a course.\n\nWe will:\n\n• open a school\n• pay for the time"
    )
    assert [found.of for found in parsed.occurrences] == ["P1", "P2", "P3", "C1", "C2"]
    assert [found.variant_title for found in parsed.occurrences] == ["", "Fair treatment", "", "", ""]
    assert codes(parsed) == ["comment_removed", "variant_title", "skipped_number", "rejoined_sentence"]


def test_setext_headings_and_lettered_lists() -> None:
    parsed = parse_strategy(
        """Open City Plan
==============

Goal
----
A city that listens.

Guiding principles
------------------

1. **Openness** – We show our work.
2. **Care** – We mind
   the weakest first.

   And we check it.

We commit to
------------

(a) publish every decision within ten days;
(b) answer every letter within a month;
(c) ask before we build.

Oversight
---------
The council watches.
""",
        language="en",
    )
    assert outline(parsed) == [
        "G1 Goal",
        "S1 Guiding principles",
        "  P1 1 Openness",
        "  P2 2 Care",
        "S2 We commit to",
        "  C1 a",
        "  C2 b",
        "  C3 c",
        "S3 Oversight",
    ]
    clauses = by_ref(parsed)
    assert clauses["P2"].text == "We mind the weakest first.\n\nAnd we check it."
    assert (clauses["C3"].text, clauses["C3"].heading) == ("ask before we build.", "ask before we build.")
    assert parsed.doubts == ()


def test_plain_text_with_wrapped_lines_and_numbered_headings() -> None:
    parsed = parse_strategy(
        """HARBOUR STRATEGY

Version 3, May 2021

1. Purpose

The purpose of this strategy is to keep the harbour clean and open for
all who work in it and live from it.

2. Principles

2.1 Clean water

We discharge nothing into the basin that we would not swim in
ourselves.

2.2 Fair access

Every boat pays the same fee for the same berth.

3. Commitments

Commitment 1: Measure the water
We will measure the water every week and publish
the results on the same day.

Commitment 2: Lower the fees
We will lower the fees for small boats.

4. Monitoring

The board meets twice a year.
""",
        language="en",
    )
    assert (parsed.title, parsed.edition) == ("HARBOUR STRATEGY", "Version 3, May 2021")
    assert outline(parsed) == [
        "G1 1 Purpose",
        "S1 2 Principles",
        "  P1 2.1 Clean water",
        "  P2 2.2 Fair access",
        "S2 3 Commitments",
        "  C1 1 Measure the water",
        "  C2 2 Lower the fees",
        "S3 4 Monitoring",
    ]
    assert by_ref(parsed)["C1"].text == (
        "We will measure the water every week and publish the results on the same day."
    )


def test_bold_headings_and_numbers_in_words() -> None:
    parsed = parse_strategy(
        """**Plan for the Port**

**I. Our goal**

A clean port.

**II. Principles**

1. Care
2. Trust

**III. Pledges**

Pledge One – Clean water
We clean it.

Pledge Two – Fair fees
We lower them.

**IV. Monitoring**

Yearly.
""",
        language="en",
    )
    assert outline(parsed) == [
        "G1 I Our goal",
        "S1 II Principles",
        "  P1 1 Care",
        "  P2 2 Trust",
        "S2 III Pledges",
        "  C1 One Clean water",
        "  C2 Two Fair fees",
        "S3 IV Monitoring",
    ]
    assert by_ref(parsed)["P1"].text == "Care"
    assert codes(parsed) == ["title_only", "title_only"]


# Shapes in which commitments come


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "## Commitment 1: Train\n\nWe train.\n\n## Commitment 2: Publish\n\nWe publish.",
            ["Train", "Publish"],
        ),
        (
            "## Commitment No. 1 Train\n\nWe train.\n\n## Commitment No. 2 Publish\n\nWe do.",
            ["Train", "Publish"],
        ),
        ("## Our commitments\n\n### Train\n\nWe train.\n\n### Publish\n\nWe publish.", ["Train", "Publish"]),
        ("## Our commitments\n\n- **Train.** We train.\n- **Publish.** We do.", ["Train", "Publish"]),
        ("## Our commitments\n\n**Train.** We train.\n\n**Publish.** We do.", ["Train", "Publish"]),
        ("## Pledges\n\n1) Train: we train.\n2) Publish: we do.", ["Train", "Publish"]),
        ("- **Commitment 1: Train.** We train.\n- **Commitment 2: Publish.** We do.", ["Train", "Publish"]),
        ("First commitment: train everybody.\n\nSecond commitment: publish all.", ["", ""]),
        ("We commit to:\n\n- train everybody.\n- publish all.", ["", ""]),
        ("We promise two things. These are our two commitments:\n1. Train all.\n2. Publish all.", ["", ""]),
        ("## What comes\n\n- We will train everybody.\n- We will publish all.", ["", ""]),
        ("## Commitments\n\nWe train everybody.\n\nWe publish all.", ["", ""]),
        (
            "| No | Commitment | Owner |\n|--|--|--|\n| 1 | Train | A |\n| 2 | Publish | B |",
            ["Train", "Publish"],
        ),
        ("## Commitments\n\n1. Train\n\nWe train.\n\n2. Publish\n\nWe do.", ["Train", "Publish"]),
        ("## ４．Commitments\n\n１．Train all.\n２．Publish all.", ["", ""]),
    ],
)
def test_shapes_of_commitments(body: str, expected: list[str]) -> None:
    parsed = parse_strategy(f"# Plan\n\n## Goal\n\nTo be open.\n\n{body}\n", language="en")
    found = of_kind(parsed, "commitment")
    assert [clause.title for clause in found] == expected
    assert all(clause.text for clause in found)
    assert len(of_kind(parsed, "goal")) == 1


def test_a_heading_about_commitments_lists_none() -> None:
    text = "# Plan\n\n## Commitments\n\n- Train all.\n\n## Reporting on our commitments\n\n- Yearly.\n- Openly.\n"
    assert len(of_kind(parse_strategy(text, language="en"), "commitment")) == 1


def test_two_different_lists_of_commitments_are_all_kept() -> None:
    text = (
        "# Plan\n\n## Commitments to citizens\n\n1. Answer letters quickly.\n2. Open the archives.\n\n"
        "## Commitments to staff\n\n1. Raise salaries yearly.\n2. Build kindergartens nearby.\n"
    )
    parsed = parse_strategy(text, language="en")
    assert len(of_kind(parsed, "commitment")) == 4 and parsed.occurrences == ()


def test_a_list_in_parts_is_one_list() -> None:
    text = (
        "# Plan\n\n## Commitments\n\nTo citizens:\n\n- Answer.\n- Open up.\n\nTo staff:\n\n- Pay.\n- Train.\n"
    )
    assert len(of_kind(parse_strategy(text, language="en"), "commitment")) == 4


def test_the_nearest_word_for_the_goal_wins() -> None:
    text = (
        "# Plan\n\n## Purpose of this document\n\nIt informs readers about all the many things that were agreed.\n\n"
        "## Goal\n\nA clean port.\n\n## Objectives\n\n1. Cranes\n2. Ships\n\n## Commitments\n\n- Clean it.\n"
    )
    parsed = parse_strategy(text, language="en")
    assert [clause.text for clause in of_kind(parsed, "goal")] == ["A clean port."]
    assert codes(parsed) == ["second_goal", "second_goal"]


def test_labels_begin_a_paragraph_without_a_blank_line() -> None:
    text = "# Plan\n\nCommitment 1 – Train\nWe train all the staff.\nCommitment 2 – Publish\nWe publish.\n"
    found = of_kind(parse_strategy(text, language="en"), "commitment")
    assert [(clause.title, clause.text) for clause in found] == [
        ("Train", "We train all the staff."),
        ("Publish", "We publish."),
    ]


def test_a_sentence_about_a_commitment_is_no_label() -> None:
    text = "# Plan\n\n## Commitment 1: Train\n\nWe train.\n\nCommitment 1 was kept in 2020.\n"
    parsed = parse_strategy(text, language="en")
    assert [clause.text for clause in of_kind(parsed, "commitment")] == [
        "We train.\n\nCommitment 1 was kept in 2020."
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("The goal of this plan is a clean port.", ["goal_from_sentence"]),
        ("Goal: a clean port.", []),
        ("", ["no_goal"]),
    ],
)
def test_goals_without_a_heading(body: str, code: list[str]) -> None:
    parsed = parse_strategy(f"# Port\n\n{body}\n\n## Commitments\n\n- Clean it.\n", language="en")
    assert codes(parsed) == code


def test_inline_markup_is_taken_off() -> None:
    text = (
        "# Plan\n\n## Commitments\n\n- Train *all* staff.\n\n## Notes\n\n"
        "> A quote with ***force***\n> over two lines.\n\n"
        "```python\n# Commitment 9: not this\n```\n\n"
        "Snake_case stays, 5 * 3 = 15, a\\*b, [link](http://a.b/c_(d)), ~~gone~~<br>and `code` &amp; more.\n"
    )
    parsed = parse_strategy(text, language="en")
    assert [clause.text for clause in of_kind(parsed, "paragraph")] == [
        "A quote with force over two lines.",
        "# Commitment 9: not this",
        "Snake_case stays, 5 * 3 = 15, a*b, link, gone and code & more.",
    ]
    assert len(of_kind(parsed, "commitment")) == 1


def test_sentences_are_rejoined_by_script_and_only_where_they_break() -> None:
    long = "The institution has worked with its many partners for years, and it is now the Secretariat that"
    text = (
        f"# Plan\n\n## Commitments\n\n- Train,\n- publish\n\n## Notes\n\nThis is\n\nbroken.\n\nWe want:\n\nThis.\n\n"
        f"{long}\n\nCoordinates them.\n"
    )
    parsed = parse_strategy(text, language="en")
    assert [clause.text for clause in of_kind(parsed, "paragraph")] == [
        "This is broken.",
        "We want:",
        "This.",
        long,
        "Coordinates them.",
    ]
    assert codes(parsed).count("rejoined_sentence") == 1 and "unfinished_paragraph" in codes(parsed)


# Other languages


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            "fr",
            "# Stratégie\n\n## Objectif\n\nDes services simples.\n\n## Principes directeurs\n\n"
            "1. Ouverture : nous publions nos travaux.\n2. Équité : nous traitons chacun de même.\n\n"
            "## Nos engagements\n\n### Engagement n° 1 : Former les agents\n\nChaque agent suit un cours.\n\n"
            "### Engagement n° 2 : Publier le code\n\nLe code est publié.\n\n## Suivi\n\nUn rapport par an.\n",
            ["Ouverture", "Équité", "Former les agents", "Publier le code"],
        ),
        (
            "es",
            "# Estrategia\n\n## Nuestro objetivo\n\nServicios sencillos.\n\n## Principios rectores\n\n"
            "1. Apertura: publicamos.\n2. Equidad: tratamos a todas por igual.\n\n## Nuestros compromisos\n\n"
            "Compromiso 1. Formación: formamos a todos.\n\nCompromiso 2. Código: lo publicamos.\n\n"
            "## Seguimiento\n\nUn informe al año.\n",
            ["Apertura", "Equidad", "Formación", "Código"],
        ),
        (
            "ru",
            "# Стратегия\n\n## Цель\n\nГород, который слушает.\n\n## Принципы\n\n- **Открытость.** Мы публикуем.\n"
            "- **Равенство.** Мы равны.\n\nМы берем на себя два обязательства:\n\n"
            "1. **Обучение.** Обучить каждого служащего.\n2. **Данные.** Публиковать все данные.\n\n"
            "## Контроль\n\nОтчет раз в год.\n",
            ["Открытость", "Равенство", "Обучение", "Данные"],
        ),
        (
            "ar",
            "# استراتيجية المدينة\n\n## الهدف\n\nمدينة تصغي إلى سكانها.\n\n## المبادئ التوجيهية\n\n"
            "١. الانفتاح: ننشر أعمالنا.\n٢. العدالة: نعامل الجميع بالمثل.\n\n## التزاماتنا\n\n"
            "### الالتزام الأول: تدريب الموظفين\n\nيتلقى كل موظف دورة.\n\n"
            "### الالتزام 2: نشر البيانات\n\nننشر كل البيانات.\n\n## المتابعة\n\nتقرير كل سنة.\n",
            ["الانفتاح", "العدالة", "تدريب الموظفين", "نشر البيانات"],
        ),
    ],
)
def test_other_languages(language: str, text: str, expected: list[str]) -> None:
    parsed = parse_strategy(text, language=language)
    kinds = ("goal", "principle", "commitment")
    assert [len(of_kind(parsed, kind)) for kind in kinds] == [1, 2, 2]
    assert [clause.title for kind in kinds[1:] for clause in of_kind(parsed, kind)] == expected
    assert parsed.statistics.goals == 1 and parsed.statistics.doubts == 0
    # A language that is not listed is read with the words of all.
    unlisted = parse_strategy(text, language="und")
    assert [len(of_kind(unlisted, kind)) for kind in kinds] == [1, 2, 2]


# Output


def test_json_has_the_promised_keys() -> None:
    printed = to_json(parse_strategy(SERVICES, language="en"))
    assert json.loads(json.dumps(printed)) == printed
    assert set(printed) == {"title", "edition", "language", "clauses", "occurrences", "doubts", "counts"}
    assert set(printed["clauses"][0]) == {"kind", "ref", "number", "title", "text", "children", "line"}
    assert printed["counts"]["commitments"] == 2


def test_the_result_is_frozen_and_deterministic() -> None:
    parsed = parse_strategy(SERVICES, language="en")
    assert parsed == parse_strategy(SERVICES.encode(), language="en")
    with pytest.raises(FrozenInstanceError):
        parsed.title = "Other"  # type: ignore[misc]


# Bad input


@pytest.mark.parametrize(
    ("data", "says", "line", "column"),
    [
        (b"", "empty", None, None),
        (b" \n\t\n", "empty", None, None),
        (b"\xef\xbb\xbf", "empty", None, None),
        (b"***\n---\n", "no readable text", None, None),
        (b"%PDF-1.7 \xff", "PDF", None, None),
        (b"\x89PNG\r\n", "PNG", None, None),
        (b"PK\x03\x04....word/document.xml", "Word document", None, None),
        (b"PK\x03\x04....", "ZIP", None, None),
        (b"<!DOCTYPE html><p>", "HTML", 1, 1),
        ("战略".encode("utf-16"), "UTF-16", None, None),
        ("Strategy one".encode("utf-16-le"), "UTF-16", None, None),
        (("第一行\n" * 3 + "我们的承诺和原则以及目标").encode("gb18030"), "GB18030", 1, 1),
        ("Plan\n\nEngagé".encode("latin-1"), "byte 11 (0xE9)", 3, 6),
        ("Plan\nstraté".encode()[:-1], "cut short", 2, 6),
        (b"Plan\n\nab\x00c", "NUL", 3, 3),
        (b"x" * 101, "limit is 100", None, None),
        ("a\ud800", "surrogate", 1, 2),
    ],
)
def test_files_that_are_no_strategy(
    data: bytes | str, says: str, line: int | None, column: int | None
) -> None:
    with pytest.raises(StrategyFormatError) as caught:
        parse_strategy(data, language="fr", max_bytes=100)
    assert says in caught.value.message
    assert (caught.value.line, caught.value.column) == (line, column)


def test_no_commitments_says_what_was_seen_and_what_to_do() -> None:
    with pytest.raises(StrategyFormatError, match=r"“Why” \(line 3\), “How” \(line 7\).*Commitment 1: …"):
        parse_strategy("# Plan\n\n## Why\n\nBecause.\n\n## How\n\nSo.\n", language="en")


@given(st.text("#*-_`|>[]()1.a\n\t Commitment:：承诺原则", max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parsed = parse_strategy(text, language="en")
    except StrategyFormatError:
        return
    refs = [clause.ref for clause in parsed.walk()]
    assert len(refs) == len(set(refs))
    assert all(found.of in refs and found.within in refs for found in parsed.occurrences)
    assert all(clause.text for clause in parsed.walk() if clause.kind in ("principle", "commitment", "goal"))


def test_a_footnote_keeps_its_words_and_is_reported():
    parsed = parse_strategy(
        """# Our plan

## Commitments

### Commitment 1: Wetlands

We will restore ten wetlands.[^1]

### Commitment 2: Schools

We will equip every school.

## Notes

[^1]: Subject to funding.
""",
        language="en",
    )
    words = [clause.text for clause in parsed.walk()]
    assert "We will restore ten wetlands." in words
    assert "Subject to funding." in words
    assert [doubt.line for doubt in parsed.doubts if doubt.code == "footnote"] == [15]


def test_a_list_that_turns_out_to_hold_no_commitment_is_refused():
    with pytest.raises(StrategyFormatError, match="No commitment was recognized"):
        parse_strategy(
            """# Plan

## Strategic objectives

### Objective 1: Clean water

We will restore wells. We commit to clean water.

### Objective 2: Schools

We will equip every school.
""",
            language="en",
        )


GOAL = "# Plan\n\n## Goal\n\nClean water for everybody.\n\n"


def kinds_and_titles(parsed: ParsedStrategy, kind: str) -> list[str]:
    return [clause.title or clause.text for clause in of_kind(parsed, kind)]


def test_a_numbered_sibling_of_principles_is_one_whatever_its_words():
    text = GOAL + (
        "## 2 Principles\n\n### 2.1 People first\n\nPeople come first.\n\n### 2.2 Openness\n\nAll is open.\n\n"
        "### 2.3 Measure in the open\n\nWe publish figures.\n\n### Monitoring\n\nEvery year.\n\n"
        "## 3 Commitments\n\n- We will build wells.\n- We will mend wells.\n"
    )
    parsed = parse_strategy(text, language="en")
    assert kinds_and_titles(parsed, "principle") == ["People first", "Openness", "Measure in the open"]


@pytest.mark.parametrize(
    "lead",
    ["## Action\n\nTo get there, we will:", "## What we will do", "We will:"],
)
def test_a_list_led_in_by_we_will_holds_the_commitments(lead):
    parsed = parse_strategy(GOAL + f"{lead}\n\n1. Build ten wells.\n2. Mend old wells.\n", language="en")
    assert kinds_and_titles(parsed, "commitment") == ["Build ten wells.", "Mend old wells."]
    assert "taken_by_wording" in codes(parsed)


def test_a_list_of_what_we_will_not_do_or_will_measure_holds_none():
    for heading in ("What we will not do", "How we will measure progress"):
        with pytest.raises(StrategyFormatError):
            parse_strategy(GOAL + f"## {heading}\n\n- Wells dug.\n- Wells mended.\n", language="en")


@pytest.mark.parametrize(
    "heading", ["Summary of our commitments", "Executive summary: our commitments", "In brief: commitments"]
)
def test_a_summary_does_not_hold_the_clauses_where_fuller_ones_follow(heading):
    text = GOAL + (
        f"## {heading}\n\n- Dig\n- Teach\n\n## The work\n\nWe make these commitments:\n\n"
        "1. Wells: ten new wells will be dug before the end of next year.\n"
        "2. Schools: each pupil will learn to keep the water of the village clean.\n"
    )
    parsed = parse_strategy(text, language="en")
    assert kinds_and_titles(parsed, "commitment") == ["Wells", "Schools"]


def test_a_numbered_goal_in_capitals_directly_above_its_text_is_the_goal():
    text = "PLAN FOR WATER\n\n1. GOAL\nClean water for everybody\nin the valley.\n\n2. COMMITMENTS\n\n" + (
        "a) We will build wells.\nb) We will mend wells.\n"
    )
    parsed = parse_strategy(text, language="en")
    assert [clause.text for clause in of_kind(parsed, "goal")] == ["Clean water for everybody in the valley."]


def test_a_word_broken_at_its_hyphen_is_joined_without_a_space():
    text = (
        GOAL
        + "## Commitments\n\n- We will restore wet-\n  lands and short-\n  and long-term care.\n- We will plant.\n"
    )
    words = kinds_and_titles(parse_strategy(text, language="en"), "commitment")
    assert words[0] == "We will restore wet-lands and short- and long-term care."


@pytest.mark.parametrize("note", ["[^1]:Subject to funding.", "[^1]:\n    Subject to funding."])
def test_a_footnote_may_begin_without_a_space_or_on_the_next_line(note):
    text = GOAL + f"## Commitments\n\n- We will dig.[^1]\n- We will plant.\n\n## Notes\n\n{note}\n"
    words = [clause.text for clause in parse_strategy(text, language="en").walk()]
    assert "Subject to funding." in words and "We will dig." in words
