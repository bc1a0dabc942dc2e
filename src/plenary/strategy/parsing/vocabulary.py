"""The generic words by which each language names the parts of a strategy.

To add a language, add one `Vocabulary` to `VOCABULARIES`: word forms are fragments of regular
expressions, tried without regard to case; stems may end in `\\w*`. A language that is not listed is
read with the words of all languages together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import cache

KINDS = ("goal", "principle", "commitment")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of one language, each field an alternation of regular expressions."""

    goal: str
    # Of several chapters that could be the goal, those named by these words give way.
    lesser_goal: str
    principle: str
    commitment: str
    # Words around a kind that do not change what is named: "our", "strategic", "of the strategy".
    fillers: str
    # "These commitments …" speaks about commitments, it is not one.
    these: str
    # Chapters that are about commitments or stand before and after them, never lists of them.
    oversight: str
    # Chapters that stand at the top level even where they carry no number.
    frame: str
    # How the headings of summaries begin.
    summary: str
    # "Article 4", "Chapter II": a label of a section.
    sections: str
    # "We will …", "We commit to …": how a commitment without any other sign begins.
    opening: str
    # "The goal of this strategy is …": the goal stated in running text, where no heading names it.
    goal_sentence: str
    cardinals: dict[str, int]
    ordinals: dict[str, int]
    # Words between a kind and its number: "No.", "№".
    numbering: str = r"no\.?|nr\.?|n\s?[°º]\.?|№|\#"
    spaced: bool = True


def _count(words: str) -> dict[str, int]:
    """Words separated by spaces, variants by a slash, counted from one."""
    return {word: number for number, forms in enumerate(words.split(), 1) for word in forms.split("/")}


VOCABULARIES: dict[str, Vocabulary] = {
    "en": Vocabulary(
        goal=r"goals?|aims?|objectives?|purposes?|ambitions?",
        lesser_goal=r"aims?|objectives?|purposes?|ambitions?",
        principle=r"principles?|tenets?",
        commitment=r"commit(?:s|ments?)?|pledges?|promises?|undertakings?",
        fillers=r"our|the|an?|of|this|these|for|in|to|we|what|and|is|are|overall|main|general|overarching|strategic"
        r"|core|key|central|guiding|common|shared|strategy|make|high-level|specific|statement",
        these=r"these|those|such|the above",
        oversight=r"oversight|monitoring|follow[- ]?up|accountability|reporting|implement\w*|governance|progress"
        r"|review\w*|evaluat\w*|measur\w*",
        frame=r"executive summary|summary|introduction|foreword|preface|preamble|conclusions?|annex\w*|appendix"
        r"|references|acknowledge?ments|glossary|background|overview|next steps|contents|at a glance",
        summary=r"executive summary|summary|in brief|at a glance",
        sections=r"article|chapter|section|part|annex|appendix|title",
        opening=r"we (?:will|shall|commit|pledge|promise|undertake)\b|(?:commit|pledge|promise) to\b",
        goal_sentence=r"(?:goal|aim|objective|purpose)s? of (?:this|the|our)\b[^.]{0,60}?\b(?:is|are)\b"
        r"|\bour (?:\w+ )?(?:goal|aim|objective|purpose) is\b"
        r"|this (?:\w+ )?(?:strategy|plan|charter) (?:aims|seeks) to",
        cardinals=_count("one two three four five six seven eight nine ten eleven twelve"),
        ordinals=_count(
            "first/1st second/2nd third/3rd fourth/4th fifth/5th sixth/6th seventh/7th eighth/8th ninth/9th tenth/10th"
        ),
    ),
    "fr": Vocabulary(
        goal=r"objectifs?|buts?|finalités?|ambitions?",
        lesser_goal=r"buts?|finalités?|ambitions?",
        principle=r"principes?",
        commitment=r"engagements?|engageons|promesses?",
        fillers=r"notre|nos|le|la|les|l|de|du|des|d|cette|ce|stratégie|stratégiques?|principal\w*|généra\w*|global\w*"
        r"|communs?|directeurs?|et|pour|nous|commune",
        these=r"ces|cet|tels|lesdits",
        oversight=r"suivi|contrôle|supervision|redevabilité|mise en œuvre|gouvernance|évaluation|rapports?|progrès",
        frame=r"résumé\w*|synthèse|introduction|avant-propos|préface|préambule|conclusions?|annexes?|références"
        r"|remerciements|glossaire|contexte|sommaire",
        summary=r"résumé|synthèse|en bref",
        sections=r"article|chapitre|section|partie|annexe|titre",
        opening=r"nous (?:nous engageons|allons|promettons)\b|s['’]engager à",
        goal_sentence=r"(?:objectif|but) de (?:cette|la présente|notre)\b[^.]{0,60}?\best\b"
        r"|notre (?:\w+ )?(?:objectif|but) est",
        cardinals=_count("un/une deux trois quatre cinq six sept huit neuf dix onze douze"),
        ordinals=_count(
            "premier/première/1er/1re deuxième/second/seconde/2e troisième/3e quatrième/4e cinquième/5e sixième"
            " septième huitième neuvième dixième"
        ),
    ),
    "es": Vocabulary(
        goal=r"objetivos?|metas?|finalidad|propósitos?|fin",
        lesser_goal=r"metas?|finalidad|propósitos?|fin",
        principle=r"principios?",
        commitment=r"compromisos?|comprometemos|promesas?",
        fillers=r"nuestr[oa]s?|el|la|los|las|de|del|esta|este|estrategia|estratégic[oa]s?|principal(?:es)?|general(?:es)?"
        r"|comun(?:es)?|común|rectores?|y|para|nos|global(?:es)?",
        these=r"est[oa]s|es[oa]s|dichos|tales",
        oversight=r"supervisión|seguimiento|rendición|monitoreo|aplicación|ejecución|gobernanza|evaluación|informes?"
        r"|progresos?|control",
        frame=r"resumen\w*|sumario|introducción|prólogo|prefacio|preámbulo|conclusi\w+|anexos?|referencias"
        r"|agradecimientos|glosario|antecedentes|contexto|índice",
        summary=r"resumen|sumario|en breve",
        sections=r"artículo|capítulo|sección|parte|anexo|título",
        opening=r"nos comprometemos\b|prometemos\b",
        goal_sentence=r"(?:objetivo|finalidad|propósito) de (?:esta|la presente|nuestra)\b[^.]{0,60}?\bes\b"
        r"|nuestr[oa] (?:objetivo|meta) es",
        cardinals=_count("un/uno/una dos tres cuatro cinco seis siete ocho nueve diez once doce"),
        ordinals=_count(
            "primer/primero/primera segundo/segunda tercer/tercero/tercera cuarto/cuarta quinto/quinta sexto/sexta"
            " séptimo/séptima octavo/octava noveno/novena décimo/décima"
        ),
    ),
    "ru": Vocabulary(
        goal=r"цел[ьияею]\w*|задач[аи]",
        lesser_goal=r"задач[аи]",
        principle=r"принцип\w*",
        commitment=r"обязательств\w*|обязуемся|обещани\w*",
        fillers=r"наш[аиеу]?|наши|настоящей|этой|данной|стратеги[ия]|стратегическ\w+|основн\w+|общ\w+|главн\w+"
        r"|руководящ\w+|ключев\w+|и|мы|для",
        these=r"эти|данные|такие|указанные",
        oversight=r"надзор\w*|мониторинг\w*|контрол\w*|подотчетност\w*|подотчётност\w*|отчетност\w*|отчётност\w*"
        r"|осуществлени\w*|реализаци\w*|оценк\w*|управлени\w*|выполнени\w*",
        frame=r"резюме|введение|предисловие|преамбула|заключение|выводы|приложени\w+|литература|глоссарий"
        r"|содержание|общие сведения",
        summary=r"(?:краткое )?резюме|кратко",
        sections=r"статья|глава|раздел|часть|приложение|пункт",
        opening=r"мы (?:обязуемся|обещаем|будем)\b",
        goal_sentence=r"цель\w* (?:настоящей|данной|этой|нашей) [^.]{0,60}?(?:—|–|является|состоит|заключается)"
        r"|наша цель",
        cardinals=_count(
            "один/одна/одно два/две/двух три/трех/трёх четыре/четырех пять/пяти шесть/шести семь восемь"
        ),
        ordinals=_count(
            "первый/первое/первая второй/второе/вторая третий/третье/третья четвертый/четвертое/четвёртое"
            " пятый/пятое/пятая шестой/шестое седьмой/седьмое восьмой/восьмое"
        ),
    ),
    "ar": Vocabulary(
        goal=r"(?:ال|لل)?(?:هدف|أهداف|غاية|غايات|غرض|مقصد)(?:نا|ها|ه)?",
        lesser_goal=r"(?:ال)?(?:غرض|مقصد|غاية|غايات)(?:نا|ها|ه)?",
        principle=r"(?:و|ب)?(?:ال|لل)?(?:مبدأ|مبادئ)(?:نا|ها|ه)?",
        commitment=r"(?:و|ب)?(?:ال|لل)?(?:التزام|تعهد|وعد|وعود)(?:ات)?(?:نا|ها|ه)?|نلتزم|نتعهد",
        fillers=r"(?:ال)?(?:عام|عامة|رئيسي|رئيسية|استراتيجي|استراتيجية|إستراتيجية|توجيهية|أساسية|مشتركة)|لهذه|هذه|من|في",
        these=r"هذه|تلك",
        oversight=r"(?:و|ال|وال)?(?:رقابة|رصد|متابعة|مساءلة|تنفيذ|حوكمة|تقييم|إشراف)|(?:و|ال|وال)?(?:إبلاغ|تقارير)",
        frame=r"موجز\w*|(?:ال)?موجز تنفيذي|(?:ال)?ملخص\w*|(?:ال)?مقدمة|تمهيد|(?:ال)?ديباجة|(?:ال)?خاتمة|(?:ال)?مرفق\w*"
        r"|(?:ال)?مراجع|(?:ال)?خلفية",
        summary=r"(?:ال)?(?:موجز|ملخص)",
        sections=r"(?:ال)?مادة|(?:ال)?فصل|(?:ال)?باب|(?:ال)?قسم|(?:ال)?جزء|(?:ال)?مرفق",
        opening=r"نلتزم\b|نتعهد\b|سوف\b",
        goal_sentence=r"(?:ال)?(?:هدف|غاية|غرض)(?:نا)? (?:من )?(?:هذه|هذا)[^.]{0,60}?(?:هو|هي)|هدفنا هو",
        cardinals=_count(
            "واحد/واحدة اثنان/اثنين/اثنتان ثلاثة/ثلاث أربعة/أربع خمسة/خمس ستة/ست سبعة/سبع ثمانية تسعة عشرة"
        ),
        ordinals=_count(
            "الأول/الأولى الثاني/الثانية الثالث/الثالثة الرابع/الرابعة الخامس/الخامسة السادس السابع الثامن"
        ),
        numbering=r"رقم|no\.?|№",
    ),
    "zh": Vocabulary(
        goal=r"目标|目標|宗旨|目的",
        lesser_goal=r"宗旨|目的",
        principle=r"原则|原則",
        commitment=r"承诺|承諾|诺言|諾言",
        fillers=r"我们|我們|本|的|战略|戰略|总体|總體|总|總|主要|核心|指导|指導|基本|共同|这一|項|项|是|与|和",
        these=r"这些|這些|上述|以上|该等",
        oversight=r"监督|監督|监测|監測|问责|問責|落实|落實|执行情况|後續|后续|评估|評估|报告|報告|治理|审查",
        frame=r"执行摘要|執行摘要|内容提要|摘要|概要|导言|導言|引言|前言|序言|序|绪论|结论|結論|结语|附件|附录|附錄"
        r"|参考文献|背景|目录",
        summary=r"执行摘要|執行摘要|内容提要|摘要|概要",
        sections=r"条|條|章|节|節|部分|编",
        opening=r"我们(?:将|承诺|保证)|我們(?:將|承諾)",
        goal_sentence=r"本[^，。]{0,12}(?:目标|目標|宗旨|目的)(?:是|在于|在於|为)|(?:我们|我們)的(?:总体)?(?:目标|目標)是",
        cardinals=_count("一 二/两/兩 三 四 五 六 七 八 九 十 十一 十二"),
        ordinals=_count("一 二 三 四 五 六 七 八 九 十 十一 十二"),
        spaced=False,
    ),
}


@cache
def vocabulary_for(language: str) -> Vocabulary:
    """The words for a language tag such as `zh-Hans`, or those of all languages where it is not listed."""
    base = language.replace("_", "-").split("-")[0].lower()
    if base in VOCABULARIES:
        return VOCABULARIES[base]
    everything = list(VOCABULARIES.values())
    merged: dict[str, str | dict[str, int] | bool] = {}
    for name in (field.name for field in fields(Vocabulary)):
        values = [getattr(vocabulary, name) for vocabulary in everything]
        if isinstance(values[0], dict):
            merged[name] = {word: number for value in values for word, number in value.items()}
        elif isinstance(values[0], bool):
            merged[name] = False  # word boundaries are already part of the joined patterns
        else:
            merged[name] = "|".join(words(getattr(one, name), spaced=one.spaced) for one in everything)
    return Vocabulary(**merged)  # type: ignore[arg-type]


def words(pattern: str, *, spaced: bool) -> str:
    """The alternation as a group; in scripts with spaces it matches whole words only."""
    return rf"(?<!\w)(?:{pattern})(?!\w)" if spaced else f"(?:{pattern})"


def any_of(terms: dict[str, int]) -> str:
    """An alternation of the terms, longest first so that no term hides a longer one."""
    return "|".join(re.escape(term) for term in sorted(terms, key=len, reverse=True))
