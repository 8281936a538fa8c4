"""What the documents say: sentences about open sources in six languages, each with one URL of the kinds that
investigations cite. In square brackets stands the anchor of a link; `{}` is a URL in running text."""

from __future__ import annotations

from dataclasses import dataclass

ZWNJ = "\u200c"


@dataclass(frozen=True, slots=True)
class Item:
    before: str
    anchor: str  # "" when the URL stands in running text
    after: str
    url: str


@dataclass(frozen=True, slots=True)
class Topic:
    """One document's worth."""

    name: str
    title: str
    items: tuple[Item, ...]


def _item(text: str, url: str) -> Item:
    if "{}" in text:
        before, after = text.split("{}")
        return Item(before, "", after, url)
    before, rest = text.split("[")
    anchor, after = rest.split("]")
    return Item(before, anchor, after, url)


def _topic(name: str, title: str, *pairs: tuple[str, str]) -> Topic:
    return Topic(name, title, tuple(_item(text, url) for text, url in pairs))


ENGLISH = _topic(
    "english", "Where the footage came from",
    ("The clip was [first uploaded in the morning] by an account that has since gone.", "https://www.youtube.com/watch?v=qblmOvkV9KM"),
    ("A map of the claimed targets stands in [a post on the wall] of the ministry.", "https://vk.com/wall-3457550_23655"),
    ("The English site [announced the sorties] without naming a town.", "http://eng.mil.ru/en/news_page/country/more.htm?id=12059172@egNews"),
    ("Its sister site repeats it under another spelling ({}).", "https://function.mil.ru/news_page/intrel/more.htm?id=12121964%40egNews"),
    ("An earlier state is kept by [a public archive], taken in March.", "https://web.archive.org/web/20160304120000/http://structure.mil.ru/mission/fight_against_terrorism.htm"),
    ("Compare the terrain with {}, which shows the ridge.", "https://en.wikipedia.org/wiki/Talbiseh_(town)"),
    ("The [table of impacts] was filled in by hand.", "https://docs.google.com/spreadsheets/d/1aBcD_-eFgH/edit#gid=1405"),
    ("Version 1.2.3 of the list, sheet.csv, adds two rows; see {}.", "https://example.org/list?q=strike&lang=en&page=2"),
    ("The [camera feed] was open on another port.", "http://example.net:8080/cam/07/index.html"),
    ("Is the shadow too long? Measure it on {}!", "https://www.google.com/maps/@34.8411,36.7355,15z"),
)  # fmt: skip
RUSSIAN = _topic(
    "russian", "Откуда взялась запись",
    ("Ролик [впервые выложили утром], затем удалили.", "https://www.youtube.com/watch?v=KqEtOd5Mypg"),
    ("Карта целей — в [записи на стене] ведомства.", "https://vk.com/wall-1_2"),
    ("На сайте ведомства «сообщили о вылетах» (см. {}).", "https://function.mil.ru/news_page/country/more.htm?id=12059173@egNews"),
    ("Копия страницы: {}, снята ночью.", "https://archive.ph/2015.10.02-081500/https://example.org/news?id=7&lang=ru"),
    ("Подробнее о городе — [в энциклопедии].", "https://ru.wikipedia.org/wiki/Хомс_(мухафаза)"),
    ("Тот же кадр [показан в альбоме], но обрезан.", "https://ok.ru/video/1234567890"),
    ("Официальный адрес теперь {}; старый не отвечает.", "http://минобороны.рф/новости/2015"),
    ("Канал «Пример» написал об этом раньше: «{}».", "https://t.me/s/example_channel/4821?before=5000"),
    ("Снимок разрешением 0.5 м лежит [на диске], файл map.tif.", "https://drive.google.com/file/d/1x_Y-z/view?usp=sharing"),
)  # fmt: skip
UKRAINIAN = _topic(
    "ukrainian", "Звідки взявся запис",
    ("Відео [оприлюднили вдень], а ввечері прибрали.", "https://youtu.be/lIX_NE2R5ms?t=95"),
    ("Її ж повторює {} — без дати й підпису.", "https://uk.wikipedia.org/wiki/Алеппо"),
    ("Повідомлення є [у каналі], ґрунтовне й коротке.", "https://t.me/example_ua/77"),
    ("Таблицю з’єднань подано на {}.", "https://example.org/табл?рік=2015&мова=uk"),
    ("Копію зроблено [третього дня] після події.", "https://web.archive.org/web/20151003id_/http://www.example.com/a?b=1&c=2"),
    ("Чи це та сама вежа? Порівняйте: {}.", "https://yandex.example/maps/?ll=36.73%2C34.84&z=16"),
)  # fmt: skip
ARABIC = _topic(
    "arabic", "من أين جاء التسجيل",
    ("نُشر المقطع [صباح اليوم نفسه] ثم حُذف.", "https://www.youtube.com/watch?v=5cF-gIL8yzk"),
    ("راجع التقرير {}، وفيه الصور.", "http://www.vdc-sy.info/pdf/reports/1444252328-Arabic.pdf"),
    ("وصف البلدة [في الموسوعة] مختصر.", "https://ar.wikipedia.org/wiki/%D8%AA%D9%84%D8%A8%D9%8A%D8%B3%D8%A9"),
    ("انظر أيضًا ({}).", "https://ar.wikipedia.org/wiki/الرستن"),
    ("أعلن [مركز التوثيق] قائمة الأماكن.", "https://vdc-sy.net/report-on-russian-attacks-ar/"),
    ("هل الرابط {}؟", "https://example.org/ar/تقرير-2015?صفحة=2"),
    ("نسخة الأرشيف: {}.", "https://web.archive.org/web/20151001000000/https://vdc-sy.net/"),
)  # fmt: skip
PERSIAN = _topic(
    "persian", "این فیلم از کجا آمد",
    (f"فیلم را [صبح همان روز] گذاشته{ZWNJ}اند.", "https://www.youtube.com/watch?v=viCiwbJG5Pk"),
    (f"درباره{ZWNJ}ی شهر، {{}} را ببینید.", f"https://fa.wikipedia.org/wiki/حمله{ZWNJ}ها"),
    (f"نقشه [در کانال] آمده است.", "https://t.me/example_fa/12"),  # noqa: F541
    (f"گزارش را می{ZWNJ}توان در {{}} خواند؛ کوتاه است.", f"https://example.org/fa/می{ZWNJ}خواهم"),
    ("نشانی دیگر: {}.", "https://fa.wikipedia.org/wiki/%D8%AD%D9%84%D8%A8"),
)  # fmt: skip
CHINESE = _topic(
    "chinese", "影片从何而来",
    ("影片[当天早上首次上传]，后来被删除。", "https://www.youtube.com/watch?v=abc_DEF-123"),
    ("背景见（{}）。", "https://zh.wikipedia.org/wiki/叙利亚内战"),
    ("地图保存在[公共档案]里。", "https://archive.ph/AbC12"),
    ("更多内容：{}，其中有照片。", "https://example.org/zh/报告?页=2&lang=zh"),
    ("表格在[这里]，共三页。", "https://docs.google.com/document/d/1zH_x-Y/edit?usp=sharing"),
    ("参看《说明》{}。", "https://weibo.example/u/12345#posts"),
)  # fmt: skip
TOOLS = _topic(
    "addresses", "Addresses that break readers",
    ("A path with tildes and doubled slashes: {}.", "https://example.org/~desk/a//b/"),
    ("The [parameters after a semicolon] belong to it.", "https://example.org/path;v=1.2/file.html?a=1;b=2"),
    ("A [route behind a hash] is a page of its own.", "https://example.org/#!/incident/44"),
    ("Escapes stay as they are in [the query].", "https://example.org/?url=https%3A%2F%2Fvk.com%2Fwall-1_2&x=100%25"),
    ("The [punycode host] is another spelling.", "https://xn--90adear.xn--p1ai/news"),
    ("A [section of the report] is cited here.", "https://example.org/report#section-3.2"),
    ("An [empty query] is not the same page.", "https://example.org/page?"),
    ("A [live map] has a comma or two.", "https://maps.example.com/en/2015/1-october,homs,syria"),
    ("Files by [another protocol] are listed too.", "ftp://ftp.example.org/pub/imagery.tar"),
    ("Node.js and e.g.this, or me@example.org, are no sources, but {} is.", "https://www.facebook.com/watch/?v=123456789012345"),
    ("The [bracketed parameters] came from a form.", "https://example.org/s?f[]=homs&f[]=idlib"),
    ("An [apostrophe] is rare.", "https://example.org/o'clock?x=it's"),
)  # fmt: skip

TOPICS = (ENGLISH, RUSSIAN, UKRAINIAN, ARABIC, PERSIAN, CHINESE, TOOLS)
CYRILLIC = (RUSSIAN, UKRAINIAN)
