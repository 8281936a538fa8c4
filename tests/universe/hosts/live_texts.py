"""What the live pages say: stories about the very words that give away what is lost, and what stands around a text."""

from __future__ import annotations

import json
from dataclasses import dataclass

from .fate import html
from .papers import GAZETA, PRESS


@dataclass(frozen=True, slots=True)
class Story:
    name: str
    title: str
    text: tuple[str, ...]


STORIES = {
    "en": (
        Story(
            "not-found",
            "“404 Page not found”: how the record of a war goes missing",
            (
                "Every fourth link in the reports of the first year now ends on a page that says “Page not found”. A student "
                "group has checked eleven hundred of them by hand and published the list on Thursday.",
                "Some of the pages “no longer exist”, as their hosts put it; others were deleted by their authors or removed "
                "for violating the rules. The worst cases, the group writes, are those that answer as if all were well and "
                "show an empty article.",
            ),
        ),
        Story(
            "robot",
            "Are you a robot? What the riddles on web pages are for",
            (
                "Just a moment, checking your browser: who reads the news from abroad knows the sentence by heart. The pages "
                "that ask to verify you are human have become more frequent since spring.",
                "“Access denied” is what the others see. The shop that sells these shields says one visitor in fifty has to "
                "complete a CAPTCHA; the library on the square counted one in six.",
            ),
        ),
        Story(
            "for-sale",
            "This domain is for sale: the second life of an old address",
            (
                "The name of the documentation centre expired in March. Since then a parked page with advertising stands where "
                "the reports were, and the new owner would like two thousand dollars for it.",
                "“Buy this domain”, says the page, and beneath it are related searches. The reports themselves have moved to "
                "another address, but nobody told those who had cited them.",
            ),
        ),
        Story(
            "cookies",
            "We value your privacy, say 842 partners",
            (
                "Before you continue, accept all: a reader has counted how often she was asked for consent to cookies in one "
                "week. It was 214 times, and at 31 doors there was no way to refuse.",
                "The data protection office recalls that reading must be possible without consent. It has written to four "
                "publishers.",
            ),
        ),
        Story(
            "denied",
            "Access denied: inside the closed zone",
            (
                "The sign at the barrier has two words, and the soldier beneath it repeats them. You are not permitted to enter "
                "beyond this point, he says, not from this country and not from any other.",
                "Behind him the road runs on for nine kilometres to the depot. We walked along the fence for two days; this is "
                "what can be seen from there.",
            ),
        ),
        Story(
            "maintenance",
            "Bridge under maintenance until May",
            (
                "The southern bridge is temporarily unavailable from Monday. Scheduled maintenance of its bearings takes until "
                "the first week of May; the ferry runs every half hour instead.",
            ),
        ),
        Story(
            "private",
            "This account is private, and the minister is not",
            (
                "For two years the minister's pictures could be seen by all. On Wednesday the account was set to private; "
                "whoever is not logged in sees nothing but a lock. “Members only”, commented the opposition.",
                "Our archive has kept the nineteen pictures that matter. The court will decide whether they may be shown.",
            ),
        ),
    ),
    "ru": (
        Story(
            "not-found",
            "«Страница не найдена»: куда исчезают сводки",
            (
                "Из тысячи ста ссылок на сводки первого года каждая четвёртая ведёт теперь на страницу со словами «страница не "
                "найдена» или «запись удалена автором». Список опубликовали студенты, проверившие каждую вручную.",
                "Часть материалов удалена за нарушение правил, часть переехала. Хуже всего, пишут они, страницы, которые "
                "отвечают как ни в чём не бывало и показывают пустую новость.",
            ),
        ),
        Story(
            "blocked",
            "Доступ к ресурсу ограничен: что видят читатели",
            (
                "С понедельника провайдеры показывают вместо сайта библиотеки страницу о том, что доступ к информационному "
                "ресурсу ограничен на основании федерального закона. Роскомнадзор сообщил, что сайт внесён в реестр по ошибке.",
                "Читатели из-за границы видят другое: «контент недоступен в вашем регионе». Библиотека обещает открыть зеркало.",
            ),
        ),
        Story(
            "for-sale",
            "Домен продаётся: вторая жизнь старого адреса",
            (
                "Срок регистрации домена истёк в марте, и теперь там, где лежали отчёты, стоит объявление: купить домен можно за "
                "сорок пять тысяч. Сами отчёты переехали, но тем, кто на них ссылался, никто не сказал.",
            ),
        ),
        Story(
            "login",
            "Войдите, чтобы увидеть: закрытые сообщества растут",
            (
                "Половина записей, на которые ссылались газеты, видна только авторизованным пользователям. Остальным предлагают "
                "войти или зарегистрироваться. Редакция сохранила копии тех, что цитировала сама.",
            ),
        ),
    ),
    "uk": (
        Story(
            "not-found",
            "«Сторінку не знайдено»: куди зникають зведення",
            (
                "Кожне четверте посилання на зведення першого року веде тепер на сторінку зі словами «сторінку не знайдено» або "
                "«допис видалено автором». Перелік оприлюднили студенти, які перевірили кожне вручну.",
            ),
        ),
        Story(
            "blocked",
            "Доступ заблоковано: що бачать читачі",
            (
                "Від понеділка замість сайту бібліотеки показують сторінку про те, що доступ до ресурсу обмежено. Регулятор "
                "повідомив, що сталася помилка, і обіцяє все виправити до п'ятниці.",
            ),
        ),
    ),
    "ar": (
        Story(
            "not-found",
            "«الصفحة غير موجودة»: أين تضيع التقارير",
            (
                "واحد من كل أربعة روابط في تقارير السنة الأولى يقود اليوم إلى عبارة «الصفحة غير موجودة» أو «تم حذف هذا المنشور». "
                "نشرت مجموعة من الطلاب القائمة بعد أن فحصت كل رابط باليد.",
            ),
        ),
        Story(
            "login",
            "يجب تسجيل الدخول: الصفحات المغلقة تزداد",
            (
                "نصف المنشورات التي استشهدت بها الصحف لا يراها إلا من سجل الدخول. وقد حفظت الصحيفة نسخا مما نشرته.",
            ),
        ),
    ),
    "de": (
        Story(
            "not-found",
            "„Seite nicht gefunden“: wohin die Meldungen verschwinden",
            (
                "Jeder vierte Link in den Berichten des ersten Jahres endet heute bei den Worten „Seite nicht gefunden“ oder "
                "„Dieser Beitrag wurde gelöscht“. Studierende haben elfhundert von ihnen von Hand geprüft und die Liste "
                "veröffentlicht.",
            ),
        ),
        Story(
            "for-sale",
            "Diese Domain steht zum Verkauf",
            (
                "Der Name des Dokumentationszentrums lief im März aus. Seither steht dort Werbung, und wer die Domain kaufen "
                "möchte, soll zweitausend Euro zahlen. Die Berichte sind umgezogen.",
            ),
        ),
    ),
    "fr": (
        Story(
            "not-found",
            "« Page introuvable » : où disparaissent les comptes rendus",
            (
                "Un lien sur quatre des rapports de la première année mène aujourd'hui aux mots « page introuvable » ou « cette "
                "publication a été supprimée ». Des étudiants en ont vérifié onze cents à la main et publient la liste.",
            ),
        ),
        Story(
            "cookies",
            "Tout accepter ? Le consentement devant la Commission",
            (
                "Avant de continuer, acceptez les cookies : une lectrice a compté deux cent quatorze demandes en une semaine. La "
                "Commission rappelle que l'on doit pouvoir lire sans consentir.",
            ),
        ),
    ),
    "he": (
        Story(
            "not-found",
            "«הדף לא נמצא»: לאן נעלמים הדיווחים",
            ("כל קישור רביעי בדוחות של השנה הראשונה מוביל היום למילים «הדף לא נמצא». קבוצת סטודנטים בדקה אותם ביד ופרסמה רשימה.",),
        ),
    ),
    "tr": (
        Story(
            "blocked",
            "Erişime engellendi: okurlar ne görüyor",
            (
                "Pazartesiden beri kütüphanenin sitesi yerine erişimin engellendiğini bildiren bir sayfa açılıyor. Kurum bunun bir "
                "hata olduğunu, «sayfa bulunamadı» uyarısının da cuma gününe kadar düzeleceğini duyurdu.",
            ),
        ),
    ),
    "es": (
        Story(
            "not-found",
            "«Página no encontrada»: adónde van a parar los partes",
            (
                "Uno de cada cuatro enlaces de los informes del primer año lleva hoy a las palabras «página no encontrada». Unos "
                "estudiantes comprobaron mil cien a mano y publican la lista.",
            ),
        ),
    ),
}  # fmt: skip
SENTENCES = {
    "en": "Correction: the meeting took place on Tuesday, not on Wednesday.",
    "ru": "Уточнение: встреча состоялась во вторник, а не в среду.",
    "uk": "Уточнення: зустріч відбулася у вівторок, а не в середу.",
    "ar": "تصويب: عُقد الاجتماع يوم الثلاثاء لا يوم الأربعاء.",
    "de": "Berichtigung: Das Treffen fand am Dienstag statt, nicht am Mittwoch.",
    "fr": "Rectificatif : la réunion a eu lieu mardi et non mercredi.",
    "he": "תיקון: הפגישה התקיימה ביום שלישי ולא ביום רביעי.",
    "tr": "Düzeltme: Toplantı çarşamba değil, salı günü yapıldı.",
    "es": "Rectificación: la reunión fue el martes y no el miércoles.",
}  # fmt: skip

# -- around a text ------------------------------------------------------------------------------------------------------
BANNERS = {
    "en": '<div id="onetrust-consent-sdk" role="dialog"><h2>We value your privacy</h2><p>We and our 842 partners use cookies to '
    "store and access information on your device.</p><button>Accept all</button><button>Reject all</button></div>",
    "de": '<div id="usercentrics-root" role="dialog"><h2>Ihre Privatsphäre</h2><p>Wir und unsere Partner nutzen Cookies. Mit '
    "Werbung weiterlesen oder Pur-Abo abschließen.</p><button>Alle akzeptieren</button><button>Ablehnen</button></div>",
    "fr": '<div id="didomi-popup" role="dialog"><h2>Le respect de votre vie privée est notre priorité</h2><p>Nos partenaires et '
    "nous utilisons des cookies.</p><button>Tout accepter</button><button>Continuer sans accepter</button></div>",
    "ru": '<div class="cookie-popup"><p>Мы используем файлы cookie. Оставаясь на сайте, вы соглашаетесь с их использованием.</p>'
    "<button>Принять</button></div>",
}  # fmt: skip
DIALOGS = "".join(
    f'<div class="modal" id="m{number}" hidden><h3>Delete comment?</h3><p>Are you sure you want to delete this? This post will be '
    "deleted and cannot be restored.</p><button>Delete</button><button>Cancel</button></div>"
    for number in range(30)
) + (
    '<div class="modal" hidden><h3>Log in</h3><form action="/login"><input name="user"><input type="password" name="word"></form>'
    '<p>You must be logged in to do that.</p></div><div class="toast" hidden>Page not found. This content is not available.</div>'
)
COMMENTS = (
    '<section id="comments"><h2>Comments (12)</h2>'
    + "".join(
        f"<div class='comment'><p>{text}</p></div>"
        for text in (
            "This comment was deleted by its author.",
            "This comment was removed for violating our community guidelines.",
            "My sister lives there, it was the bakery that she heard.",
            "This comment was deleted by its author.",
            "This account has been suspended.",
        )
        * 3
    )
    + "<p>You must be logged in to comment. Please log in or register.</p></section>"
)
COMMENTS_RU = (
    '<section class="comments"><h3>Комментарии</h3><p>Комментарий удалён автором.</p><p>Комментарий удалён за нарушение правил.'
    "</p><p>Слышали и мы, часов в двенадцать.</p><p>Войдите или зарегистрируйтесь, чтобы оставить комментарий.</p><form "
    'action="/login"><input name="login"><input type="password" name="password"><button>Войти</button></form></section>'
)
PLAYER = '<div class="player"><p>Video unavailable</p><p>This video is not available in your country. This video is private.</p></div>'
NEWSLETTER = (
    '<form action="/join"><h3>Create an account</h3><p>Subscribe to our newsletter. Already a member? Sign in.</p><input '
    'type="email"><input type="password" placeholder="Choose a password"><button>Join</button></form>'
)
RECAPTCHA = (
    '<form action="/letters"><textarea></textarea><div class="g-recaptcha" data-sitekey="6Lc"></div><p>This site is protected by '
    "reCAPTCHA. Please confirm that you are not a robot.</p><button>Send</button></form>"
)
# What large newspapers put before their first word.
HEAVY = f"<style>{'.a{{color:#123}}' * 100_000}</style><script>var s={{}};{'s.x=1;' * 50_000}</script>"
JSD = (
    "<script>(function(){var a=document.createElement('script');a.innerHTML=\"window.__CF$cv$params={r:'8e5a0b6c',t:'MTcz'};"
    "var a=document.createElement('script');a.src='/cdn-cgi/challenge-platform/scripts/jsd/main.js';\"})();</script>"
)


# -- shops and boards -----------------------------------------------------------------------------------------------------
def shop(title: str, body: str) -> bytes:
    return html(
        f"{title} | Maps and Atlases",
        "<header><a href='/'>Maps and Atlases</a><form action='/login'><input name='user'><input type='password' name='word'>"
        f"<button>Log in</button></form></header><main>{body}</main><footer>Terms, delivery, returns</footer>",
    ).body


SOLD = "<h1>Sheet 14, Northern District, 1:50,000</h1><p>Printed 1987, folded. Sold out.</p><p>€ 14.00</p>"
WITHDRAWN = (
    "<h1>Atlas of the Coast</h1><p>This item is no longer available and has been removed from the catalogue. 212 pages, 48 plates, "
    "scale 1:25,000; ISBN 978-0-00-000000-2.</p><h2>Similar</h2><p>Atlas of the Hills</p>"
)
WITHDRAWN_RU = "<h1>Лист 14, Северный район</h1><p>Товар снят с продажи и удалён из каталога. Масштаб 1:50 000, издан в 1987 году.</p>"
SHELF = "<ul>" + "".join(f"<li>Sheet {n}, 1:50,000, € 14.00</li>" for n in range(121, 139)) + "</ul><p>Page 7 of 7</p>"
POSTS = (
    "Does anybody know the depot in the third picture? The wall with the blue gate looks like the one north of the town.",
    "I drove past it in 2009. The gate was green then, but the water tower is right.",
    "See my map of the towers, sheet 14. The login to the old forum no longer works, so I put it here again.",
)


def board(title: str, body: str) -> bytes:
    return html(
        f"Old Maps Board - {title}",
        '<div id="header"><h1>Old Maps Board</h1><p>Everything about maps and the places on them</p><form action="./ucp.php?mode='
        'login" method="post"><label>Username: <input name="username"></label><label>Password: <input type="password" '
        'name="password"></label><label>Log me on automatically <input type="checkbox"></label><input type="submit" value="Login">'
        "</form><ul><li>FAQ</li><li>Search</li><li>Members</li><li>Register</li><li>Login</li></ul></div>"
        f"<div id='page-body'>{body}</div><p>You cannot post new topics in this forum. You cannot reply to topics in this forum. You "
        "cannot edit your posts in this forum. You cannot delete your posts in this forum. You cannot post attachments in this "
        "forum.</p><p>Powered by a board of its own. All times are UTC.</p>",
    ).body


def thread(posts: tuple[str, ...]) -> bytes:
    written = "".join(f"<div class='post'><h3>Re: The depot</h3><p>{post}</p></div>" for post in posts)
    return board(
        "View topic - The depot",
        f"<h2>The depot</h2>{written}<p>You do not have the required permissions to view the files attached to this post.</p>",
    )


# -- siblings that look alike ---------------------------------------------------------------------------------------------
def rows(number: int) -> bytes:
    """Five rows of their own in a large frame; 0: what the host says of a list that it does not have."""
    own = "".join(f"<tr><td>{number * 7 + n}</td><td>Sheet {number % 90 + n}</td></tr>" for n in range(5))
    body = f"<table><caption>List {number}</caption>{own}</table>" if number else "<p>There is no such list.</p>"
    return PRESS.page(f"List {number}" if number else "List", body + f"<p>{' '.join(PRESS.text)}</p>")


def record(words: str) -> bytes:
    """Three words of its own."""
    return PRESS.page("Record", f"<h1>Record</h1><p>{words}</p>")


# -- drawn by a program -------------------------------------------------------------------------------------------------
SHELL = html(
    "Situation map",
    '<noscript>You need to enable JavaScript to run this app.</noscript><div id="root"></div>',
    head='<script defer src="/static/js/main.3f2a.js"></script><link rel="icon" href="data:,">',
).body


def shell(*, linked: bool) -> bytes:
    """No text to see, all of it in data: JSON-LD, or the state of a framework."""
    if linked:
        data = {"@type": "NewsArticle", "headline": PRESS.title, "articleBody": " ".join(PRESS.text)}
        script = f'<script type="application/ld+json">{json.dumps(data)}</script>'
        return SHELL.replace(b"</head>", script.encode() + b"</head>").replace(b"Situation map", PRESS.title.encode())
    state = {"props": {"pageProps": {"title": GAZETA.title, "body": " ".join(GAZETA.text)}}}
    data_script = f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(state, ensure_ascii=False)}</script>'
    return SHELL.replace(b'<div id="root">', b'<div id="__next">').replace(
        b"</body>", data_script.encode() + b"</body>"
    )


# -- old ----------------------------------------------------------------------------------------------------------------
FRAMESET = (
    b'<HTML><HEAD><TITLE>Maps of the coast</TITLE></HEAD><FRAMESET COLS="150,*"><FRAME SRC="menu.htm" NAME="menu"><FRAME '
    b'SRC="main.htm" NAME="main"><NOFRAMES></NOFRAMES></FRAMESET></HTML>\n'
)
FRAMES = {
    "menu": b"<HTML><BODY><A HREF='main.htm' TARGET='main'>Coast</A></BODY></HTML>\n",
    "main": b"<HTML><BODY><H1>Maps of the coast</H1><P>Forty sheets, surveyed on foot.</P></BODY></HTML>\n",
}
NOSCRIPT = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Sheet 17</title><script>document.write("")</script></head>'
    f"<body><div id='content'></div><noscript><h1>Sheet 17</h1><p>{PRESS.text[1]}</p></noscript></body></html>"
).encode()
CAPITALS = (
    b"<HTML>\n<HEAD>\n<TITLE>NEWS OF OCTOBER</TITLE>\n</HEAD>\n<BODY BGCOLOR=#FFFFFF>\n<CENTER><FONT SIZE=+2>NEWS OF OCTOBER</FONT>"
    b"</CENTER>\n<P>The road to the coast is open again.\n<P>The ferry runs every half hour.\n<HR>\n</BODY>\n</HTML>\n"
)
REFRESH = (
    b'<html><head><title>News 2003</title><meta http-equiv="refresh" content="0; url=october.htm"></head><body><p>The news of 2003 '
    b'begin <a href="october.htm">in October</a>.</p></body></html>\n'
)
