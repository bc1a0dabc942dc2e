"""Which statements may say who somebody is ("I live here") and not what she thinks. People decide; this only proposes.

It looks at how they begin: by these words people speak of themselves, in each of the six languages. "I think" and
"I want" are no such beginnings, and neither is "We".
"""

from __future__ import annotations

from django.db.models import Q

_BEGINNINGS = (
    # English
    r"(I\s+am|I['’]m)\s+(an?\s|not\s+an?\s|from\s|over\s|under\s|between\s|registered\s|employed|retired|\d)",
    r"I\s+(currently\s+)?(live|reside|rent|own|study|identify|was\s+born|grew\s+up|work\s+(in|at|for|as))\s",
    r"I\s+(have|had)\s+(lived|worked|used|driven|never|at\s+least|children|kids|a\s+(job|child|car|degree))",
    r"My\s+(age|gender|sex|ethnicity|race|religion|nationality|occupation|job|profession|income|education)\s",
    r"My\s+(primary|main|home|residence|household|family|children|pronouns)\s",
    # French
    r"Je\s+(suis\s+(une?|né|née|âgé|âgée|originaire|retraité|étudiant)|vis|réside|loue|travaille|possède)\s?",
    r"J['’](habite|ai\s+(\d|des\s+enfants|un\s+emploi))",
    r"(Mon\s+(âge|genre|sexe|origine|métier|revenu)|Ma\s+(religion|résidence|nationalité|profession))",
    # Spanish
    r"(Soy\s+(un|una|de|mujer|hombre|estudiante)|Vivo\s|Resido\s|Trabajo\s+(en|como|para)|Tengo\s+(\d|hijos)|Nací\s)",
    r"Mi\s+(edad|género|sexo|etnia|religión|profesión|residencia)\s",
    # Russian
    r"Я\s+(живу|работаю|учусь|родился|родилась|пенсионер|студент|мужчина|женщина)",
    r"(Мне\s+\d|У\s+меня\s+есть\s+дети|Мой\s+(возраст|пол)\s|Моя\s+(национальность|профессия|религия)\s)",
    # Arabic
    r"(أنا\s+(من|امرأة|رجل|طالب|طالبة|موظف|موظفة|متقاعد)|أعيش\s|أسكن\s|أقيم\s|أعمل\s+(في|لدى))",
    r"(عمري|جنسيتي|ديانتي|مهنتي)\s",
    # Chinese
    r"(我是(一|名|個|个|男|女|學生|学生)|我住|我居住|我在.{1,12}(工作|上班|上學|上学)|我今年)",
    r"我(有|没有|沒有)(?!信心|意見|意见|疑慮|疑虑)",
    r"我的(年齡|年龄|性別|性别|職業|职业|國籍|国籍)",
)


def may_be_about_people(path: str = "record__title__body") -> Q:
    """The filter of statements that begin as people begin who speak of themselves, whoever has decided about them."""
    return Q(**{f"{path}__iregex": rf"^\s*({'|'.join(_BEGINNINGS)})"})
