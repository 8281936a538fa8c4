"""Invented newspapers, one a language: the frame of their pages and an article each, for fates and live pages."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from ..messages import Reply, Request
from .materials import jpeg


@dataclass(frozen=True, slots=True)
class Paper:
    """`frame` is on every page: sections, headlines of others, small print. `path`: where the article is."""

    host: str
    language: str
    name: str
    path: str
    title: str
    text: tuple[str, ...]
    sections: tuple[str, ...]
    headlines: tuple[str, ...]
    small: str
    missing: tuple[str, str]  # title and sentence of the page for what is not there

    def page(self, title: str, body: str, *, head: str = "") -> bytes:
        """A whole page of this paper around `body`."""
        menu = "".join(f'<li><a href="/s/{n}/">{word}</a></li>' for n, word in enumerate(self.sections))
        others = "".join(f'<li><a href="/more/{n}/">{line}</a></li>' for n, line in enumerate(self.headlines))
        direction = ' dir="rtl"' if self.language in ("ar", "he") else ""
        return f"""<!DOCTYPE html>
<html lang="{self.language}"{direction}><head><meta charset="utf-8"><title>{escape(title)} | {self.name}</title>{head}
</head><body><header><a href="/">{self.name}</a><nav><ul>{menu}</ul></nav></header>
<main>{body}</main><aside><ul>{others}</ul></aside><footer><p>{self.small}</p></footer></body></html>
""".encode()

    def article(self, title: str = "", text: tuple[str, ...] = (), *, head: str = "", extra: str = "") -> bytes:
        title, text = title or self.title, text or self.text
        paragraphs = "".join(f"<p>{one}</p>\n" for one in text)
        picture = '<img src="/i/article.jpg" alt="">' if not extra else ""
        return self.page(title, f"<article><h1>{title}</h1>\n{picture}{paragraphs}{extra}</article>", head=head)

    def absent(self) -> bytes:
        """What it says of an address that it does not know."""
        title, sentence = self.missing
        return self.page(title, f"<h1>{title}</h1><p>{sentence}</p>")

    def home(self) -> bytes:
        teasers = "".join(f"<h2><a href='/more/{n}/'>{line}</a></h2>" for n, line in enumerate(self.headlines))
        return self.page(self.name, f"<h2><a href='{self.path}'>{self.title}</a></h2><p>{self.text[0]}</p>{teasers}")

    def site(self, request: Request) -> Reply | None:
        match request.target:
            case self.path:
                return Reply(self.article(), gzip=True)
            case "/":
                return Reply(self.home(), gzip=True)
            case "/i/article.jpg":
                return Reply(jpeg(self.host), type="image/jpeg")
            case "/robots.txt":
                return Reply(b"User-agent: *\nDisallow: /admin/\n", type="text/plain")
        return Reply(self.absent(), status=404)

    @property
    def url(self) -> str:
        return f"https://{self.host}{self.path}"


PRESS = Paper(
    "press.example",
    "en",
    "The Evening Press",
    "/2015/10/03/market-hit-at-noon-48213/",
    "Market hit at noon, residents count the holes in the roof",
    (
        "Three rockets fell on the covered market a little after twelve on Saturday, when the stalls that sell "
        "vegetables were full. Residents who came out of the bakery opposite said they had heard an aircraft circle "
        "twice before the first explosion.",
        "Our reporter counted four holes in the roof and two craters in the lane behind it. Fragments with writing on "
        "them were photographed beside a ruler; the pictures are published with this article so that others can "
        "compare them with earlier ones from the same district.",
        "The hospital on the hill took in twenty-six people during the afternoon. Its register, of which we have seen "
        "two pages, lists the hour of arrival for each. The market stayed closed on Sunday.",
        "A statement of the operation's command, issued in the evening, spoke of a depot on the edge of the town, six "
        "kilometres from the place shown in the pictures. It did not mention the market.",
    ),
    ("News", "World", "Economy", "Opinion", "Culture", "Sport", "Archive", "About us"),
    (
        "Road to the coast open again after the landslide",
        "Council puts off its vote on the price of water",
        "Harbour museum shows maps that were thought lost",
        "Two bridges closed to lorries from Monday",
        "What the new school year costs a family",
    ),
    "The Evening Press, founded 1922. All rights reserved. Terms of use, privacy, imprint, letters to the editor.",
    ("Page not found", "The page you are looking for does not exist or has been moved. Please use the search."),
)
GAZETA = Paper(
    "gazeta.example",
    "ru",
    "Вечерняя газета",
    "/news/2015/10/03/48213.html",
    "На карте отмечены четыре района, где прекращён огонь",
    (
        "Военное ведомство опубликовало в субботу карту, на которой четыре района выделены разными цветами. По словам "
        "представителя штаба, полёты над ними прекращены с полуночи, а наблюдение ведётся только с земли.",
        "Карта отличается от той, что показывали журналистам неделей раньше: граница северного района проходит теперь "
        "на двенадцать километров западнее и больше не включает дорогу к побережью. Почему её перенесли, не сообщается.",
        "Местные жители рассказали редакции по телефону, что слышали самолёты и после полуночи. Проверить эти слова "
        "независимо не удалось; снимки, которые нам прислали, сделаны до захода солнца.",
        "Следующий брифинг назначен на вторник. До тех пор ведомство обещает публиковать сводку каждый вечер.",
    ),
    ("Новости", "Политика", "Экономика", "Общество", "Культура", "Спорт", "Архив", "О редакции"),
    (
        "Дорогу к побережью открыли после оползня",
        "Совет отложил голосование о тарифах на воду",
        "В музее порта показывают карты, которые считались утраченными",
        "Два моста закроют для грузовиков с понедельника",
        "Во что обходится семье новый учебный год",
    ),
    "Вечерняя газета. Все права защищены. При перепечатке ссылка обязательна. Правила, конфиденциальность, контакты. 18+",
    ("Страница не найдена", "Запрошенная вами страница не существует или была удалена. Проверьте адрес."),
)
VISNYK = Paper(
    "visnyk.example",
    "uk",
    "Вечірній вісник",
    "/news/48213",
    "Мешканці полагодили дах ринку за один тиждень",
    (
        "Дах критого ринку, пошкоджений у суботу, відремонтували за сім днів. Дошки привезли з трьох сіл, а бляху "
        "передала міська рада, яка обіцяє заплатити майстрам до кінця місяця.",
        "Торговці повернулися на свої місця вже у понеділок. За їхніми словами, покупців менше, ніж восени минулого "
        "року, але овочі коштують стільки само, бо урожай був добрий.",
        "Уламки, які зібрали під час ремонту, здали до музею. Кожен сфотографовано з лінійкою й описано, аби їх можна "
        "було порівняти з іншими знахідками.",
    ),
    ("Новини", "Політика", "Економіка", "Суспільство", "Культура", "Спорт", "Архів", "Про нас"),
    (
        "Дорогу до узбережжя відкрили після зсуву",
        "Рада відклала голосування про тарифи на воду",
        "У музеї порту показують мапи, які вважали втраченими",
        "Два мости закриють для вантажівок із понеділка",
    ),
    "Вечірній вісник. Усі права застережено. Передрук лише з посиланням. Правила користування, приватність, контакти.",
    ("Сторінку не знайдено", "На жаль, такої сторінки не існує або її було видалено."),
)
SAHAFA = Paper(
    "sahafa.example",
    "ar",
    "صحيفة المساء",
    "/news/48213",
    "إصابة السوق المغطى ظهر السبت وسكان الحي يحصون الثقوب في السقف",
    (
        "سقطت ثلاثة صواريخ على السوق المغطى بعد الثانية عشرة من ظهر السبت بقليل، وكانت البسطات مليئة بالزبائن. وقال "
        "سكان خرجوا من المخبز المقابل إنهم سمعوا طائرة تحوم مرتين قبل الانفجار الأول.",
        "أحصى مراسلنا أربعة ثقوب في السقف وحفرتين في الزقاق خلفه. وصُوّرت شظايا تحمل كتابة إلى جانب مسطرة، وتُنشر الصور "
        "مع هذا المقال كي يتمكن الآخرون من مقارنتها بصور أقدم من الحي نفسه.",
        "استقبل المستشفى على التلة ستة وعشرين شخصا خلال فترة بعد الظهر، ويسجل دفتره ساعة وصول كل واحد منهم. وبقي السوق "
        "مغلقا يوم الأحد.",
    ),
    ("الأخبار", "العالم", "الاقتصاد", "الرأي", "الثقافة", "الرياضة", "الأرشيف", "من نحن"),
    (
        "فتح طريق الساحل من جديد بعد الانهيار",
        "المجلس يؤجل التصويت على سعر المياه",
        "متحف المرفأ يعرض خرائط كان يظن أنها ضاعت",
        "إغلاق جسرين أمام الشاحنات ابتداء من الاثنين",
    ),
    "صحيفة المساء. جميع الحقوق محفوظة. شروط الاستخدام، سياسة الخصوصية، اتصل بنا.",
    ("الصفحة غير موجودة", "عذرا، الصفحة التي تبحث عنها غير موجودة أو تم نقلها."),
)
ZEITUNG = Paper(
    "zeitung.example",
    "de",
    "Die Abendzeitung",
    "/politik/karte-mit-vier-gebieten-1.482131",
    "Karte mit vier Gebieten vorgelegt",
    (
        "Das Ministerium hat am Samstag eine Karte vorgelegt, auf der vier Gebiete farbig hervorgehoben sind. Über "
        "ihnen ruhe der Flugverkehr seit Mitternacht, sagte ein Sprecher; beobachtet werde nur noch vom Boden aus.",
        "Von der Karte, die eine Woche zuvor gezeigt worden war, weicht die neue an einer Stelle ab: Die Grenze des "
        "nördlichen Gebiets verläuft nun zwölf Kilometer weiter westlich und schließt die Straße zur Küste nicht mehr "
        "ein. Eine Begründung wurde nicht gegeben.",
        "Anwohner berichteten am Telefon, sie hätten auch nach Mitternacht Flugzeuge gehört. Unabhängig prüfen ließ "
        "sich das nicht.",
    ),
    ("Politik", "Wirtschaft", "Panorama", "Kultur", "Wissen", "Sport", "Archiv", "Impressum"),
    (
        "Küstenstraße nach Erdrutsch wieder frei",
        "Rat vertagt Abstimmung über den Wasserpreis",
        "Hafenmuseum zeigt verloren geglaubte Karten",
        "Zwei Brücken ab Montag für Lastwagen gesperrt",
    ),
    "Die Abendzeitung. Alle Rechte vorbehalten. Nutzungsbedingungen, Datenschutz, Impressum, Leserbriefe.",
    ("Seite nicht gefunden", "Die von Ihnen gewünschte Seite existiert leider nicht (mehr)."),
)
JOURNAL = Paper(
    "journal.example",
    "fr",
    "Le Journal du soir",
    "/international/article/2015/10/03/le-marche-touche-a-midi_4821301_3210.html",
    "Le marché touché à midi, les habitants comptent les trous dans le toit",
    (
        "Trois roquettes sont tombées sur le marché couvert samedi peu après midi, à l'heure où les étals de légumes "
        "étaient pleins. Des habitants sortis de la boulangerie d'en face disent avoir entendu un avion tourner deux "
        "fois avant la première explosion.",
        "Notre reporter a compté quatre trous dans le toit et deux cratères dans la ruelle. Des fragments portant des "
        "inscriptions ont été photographiés à côté d'une règle ; les clichés sont publiés avec cet article.",
        "L'hôpital de la colline a reçu vingt-six personnes dans l'après-midi. Le marché est resté fermé dimanche.",
    ),
    ("Actualité", "Monde", "Économie", "Opinions", "Culture", "Sport", "Archives", "Qui sommes-nous"),
    (
        "La route de la côte rouverte après le glissement de terrain",
        "Le conseil repousse le vote sur le prix de l'eau",
        "Le musée du port expose des cartes que l'on croyait perdues",
        "Deux ponts fermés aux camions dès lundi",
    ),
    "Le Journal du soir. Tous droits réservés. Conditions d'utilisation, confidentialité, mentions légales, contact.",
    ("Page introuvable", "La page que vous recherchez n'existe pas ou n'est plus disponible."),
)
DAVAR = Paper(
    "davar.example",
    "he",
    "דבר הערב",
    "/news/48213",
    "תושבי השכונה סופרים את החורים בגג השוק",
    (
        "שלוש רקטות נפלו על השוק המקורה בשבת, מעט אחרי שתים עשרה בצהריים, כשדוכני הירקות היו מלאים. תושבים שיצאו מן "
        "המאפייה ממול סיפרו ששמעו מטוס חג פעמיים לפני הפיצוץ הראשון.",
        "כתבנו ספר ארבעה חורים בגג ושני מכתשים בסמטה שמאחוריו. רסיסים עם כיתוב צולמו לצד סרגל, והתמונות מתפרסמות עם "
        "הכתבה הזאת.",
        "בית החולים על הגבעה קלט עשרים ושישה בני אדם במהלך אחר הצהריים. השוק נשאר סגור ביום ראשון.",
    ),
    ("חדשות", "עולם", "כלכלה", "דעות", "תרבות", "ספורט", "ארכיון"),
    ("דרך החוף נפתחה שוב אחרי המפולת", "המועצה דחתה את ההצבעה על מחיר המים", "שני גשרים ייסגרו למשאיות"),
    "דבר הערב. כל הזכויות שמורות. תנאי שימוש, פרטיות, צור קשר.",
    ("הדף לא נמצא", "מצטערים, הדף שחיפשת אינו קיים."),
)
GAZETE = Paper(
    "gazete.example",
    "tr",
    "Akşam Gazetesi",
    "/haber/pazar-yerinde-ogle-vakti-48213",
    "Pazar yerinde öğle vakti: çatıdaki delikler sayılıyor",
    (
        "Cumartesi günü öğleden hemen sonra, sebze tezgâhları doluyken kapalı pazara üç roket düştü. Karşıdaki fırından "
        "çıkanlar, ilk patlamadan önce bir uçağın iki kez döndüğünü duyduklarını söyledi.",
        "Muhabirimiz çatıda dört delik, arkadaki sokakta iki çukur saydı. Üzerinde yazı bulunan parçalar cetvelin yanında "
        "fotoğraflandı; görüntüler bu haberle birlikte yayımlanıyor.",
        "Tepedeki hastane öğleden sonra yirmi altı kişiyi kabul etti. Pazar, ertesi gün de kapalı kaldı.",
    ),
    ("Haberler", "Dünya", "Ekonomi", "Yazarlar", "Kültür", "Spor", "Arşiv"),
    (
        "Sahil yolu heyelandan sonra yeniden açıldı",
        "Meclis su fiyatı oylamasını erteledi",
        "İki köprü kamyonlara kapanıyor",
    ),
    "Akşam Gazetesi. Her hakkı saklıdır. Kullanım koşulları, gizlilik, künye.",
    ("Sayfa bulunamadı", "Aradığınız sayfa bulunamadı ya da taşındı."),
)
DIARIO = Paper(
    "diario.example",
    "es",
    "El Diario de la Tarde",
    "/mundo/2015/10/03/el-mercado-a-mediodia-48213.html",
    "El mercado, alcanzado a mediodía: los vecinos cuentan los agujeros del techo",
    (
        "Tres cohetes cayeron sobre el mercado cubierto el sábado poco después de las doce, cuando los puestos de verdura "
        "estaban llenos. Vecinos que salían de la panadería de enfrente dicen haber oído un avión dar dos vueltas antes de "
        "la primera explosión.",
        "Nuestro reportero contó cuatro agujeros en el techo y dos cráteres en el callejón. Los fragmentos con inscripciones "
        "fueron fotografiados junto a una regla; las imágenes se publican con este artículo.",
        "El hospital de la colina recibió a veintiséis personas por la tarde. El mercado permaneció cerrado el domingo.",
    ),
    ("Actualidad", "Mundo", "Economía", "Opinión", "Cultura", "Deportes", "Hemeroteca"),
    (
        "Reabre la carretera de la costa",
        "El concejo aplaza el voto sobre el agua",
        "Dos puentes cerrados a los camiones",
    ),
    "El Diario de la Tarde. Todos los derechos reservados. Aviso legal, privacidad, contacto.",
    ("Página no encontrada", "Lo sentimos, la página que busca no existe o ha sido eliminada."),
)
PAPERS = {paper.language: paper for paper in (PRESS, GAZETA, VISNYK, SAHAFA, ZEITUNG, JOURNAL)}
MORE = (DAVAR, GAZETE, DIARIO)
