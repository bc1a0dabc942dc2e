"""The words of the style guide's samples. They stand in no catalogue: they say nothing, they show how words look."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """As ``records.texts.Said`` looks to a template, which the kit may not know."""

    body: str
    language: str
    direction: str


OTHER = Text("人人共享的技术，由大家一起决定。", "zh-hans", "ltr")

WORDS = {
    "en": {
        "eyebrow": "Commitment 2 · Awareness and dialogue", "title": "Technology for everyone, decided together",
        "goal": "We will collect views on benefits and risks regularly, young people first, and publish what we heard.",
        "sentence": "Schools ask before they test a new tool:", "link": "read how", "strong": "parents decide",
        "emphasis": "pupils too", "marked": "found words", "before": "Schools will", "gone": "consult",
        "new": "decide together with parents", "muted": "Translated by a machine, not reviewed yet.",
        "denominator": "of 10,000 teachers trained by December", "act": "Adopt the version", "second": "Keep as draft",
        "undo": "Undo", "statement": "Pilots need parents’ consent.", "statement2": "Every test is published.",
        "left": "12 of 40 left", "on_track": "on track", "at_risk": "at risk", "late": "late", "silent": "silent",
        "draft": "draft", "saved": "Saved. The commitment is on track now.",
        "refused": "The report was not sent: the round closed on 3 May. Your draft is kept.",
        "nothing": "No reports yet. The first round opens on 1 June; owners are told by then.",
        "promised": "What we promised", "commitment": "Commitment", "self": "Self", "committee": "Committee",
        "actions": "Actions", "owner": "Owner", "office": "Office of Schools", "home": "Home", "strategy": "Strategy",
        "search": "Words in it", "all": "All", "state": "Where it stands", "trained": "Teachers trained",
        "year": "Year", "group": "Group", "agree_share": "Agree", "votes": "How people voted",
        "statement_word": "Statement", "map": "The map of opinions", "people": "People",
        "map_words": "Three groups: A and B part on phones in schools, C stands between them.",
        "task": "Report on {about}", "name": "Name of the school", "hint": "As it is written on the door.",
        "mail": "E-mail address", "changed": "What changed", "day": "Opened on", "kind": "Kind",
        "choose": "Choose one", "languages": "Languages", "file": "Spreadsheet",
        "agreed": "The figures may be published",
    },
    "ar": {
        "eyebrow": "الالتزام ٢ · الوعي والحوار", "title": "التقنية للجميع، نقررها معًا",
        "goal": "سنجمع الآراء حول الفوائد والمخاطر بانتظام، بدءًا بالشباب، وننشر ما سمعناه.",
        "sentence": "تسأل المدارس قبل أن تجرّب أداة جديدة:", "link": "اقرأ كيف", "strong": "الأهل يقررون",
        "emphasis": "والتلاميذ أيضًا", "marked": "كلمات وُجدت", "before": "ستقوم المدارس", "gone": "باستشارة",
        "new": "باتخاذ القرار مع الأهل", "muted": "ترجمة آلية لم تُراجع بعد.",
        "denominator": "من ١٠٬٠٠٠ معلّم دُرّبوا حتى ديسمبر", "act": "اعتماد النسخة", "second": "حفظ كمسودة",
        "undo": "تراجع", "statement": "تحتاج التجارب إلى موافقة أولياء الأمور.", "statement2": "تُنشر نتيجة كل تجربة.",
        "left": "بقي ١٢ من ٤٠", "on_track": "على المسار", "at_risk": "معرّض للخطر", "late": "متأخر", "silent": "صامت",
        "draft": "مسودة", "saved": "حُفظ. الالتزام على المسار الآن.",
        "refused": "لم يُرسل التقرير: أُغلقت الجولة في ٣ مايو. حُفظت مسودتك.",
        "nothing": "لا تقارير بعد. تُفتح الجولة الأولى في ١ يونيو ويُبلَّغ أصحاب الالتزامات قبل ذلك.",
        "promised": "ما وعدنا به", "commitment": "الالتزام", "self": "التقييم الذاتي", "committee": "اللجنة",
        "actions": "الإجراءات", "owner": "المسؤول", "office": "مكتب المدارس", "home": "الرئيسية",
        "strategy": "الاستراتيجية", "search": "كلمات فيه", "all": "الكل", "state": "الحالة",
        "trained": "المعلّمون المدرَّبون", "year": "السنة", "group": "المجموعة", "agree_share": "الموافقون",
        "votes": "كيف صوّت الناس", "statement_word": "العبارة", "map": "خريطة الآراء", "people": "الأشخاص",
        "map_words": "ثلاث مجموعات: تفترق أ وب في شأن الهواتف في المدارس، وتقف ج بينهما.",
        "task": "قدّم تقريرًا عن {about}", "name": "اسم المدرسة", "hint": "كما هو مكتوب على الباب.",
        "mail": "البريد الإلكتروني", "changed": "ما الذي تغيّر", "day": "تاريخ الافتتاح", "kind": "النوع",
        "choose": "اختر واحدًا", "languages": "اللغات", "file": "جدول بيانات", "agreed": "يجوز نشر الأرقام",
    },
}  # fmt: skip
