"""BibTeX, RIS, CSL-JSON as reference managers write them. A DOI may be listed or not: it is no URL, but leads to one."""

from __future__ import annotations

import json

from bench.corpus.matter import TOPICS, Topic
from bench.corpus.shelf import Shelf

_DOI = "10.1234/example.2015.77"
_RESOLVED = f"⟦{_DOI}¦u=https://doi.org/{_DOI}¦o⟧"


def build(shelf: Shelf) -> None:
    for topic in TOPICS:
        shelf.text(f"bibtex/hand-{topic.name}.bib", _bibtex(topic))
        shelf.text(f"ris/manager-{topic.name}.ris", _ris(topic), newline="\r\n")
        shelf.text(f"csl/manager-{topic.name}.json", _csl(topic))
    shelf.text("bibtex/hand-corners.bib", BIBTEX)
    shelf.text("ris/hand-corners.ris", RIS)
    shelf.text("csl/manager-corners.csljson", CSL)


def _bibtex(topic: Topic) -> str:
    entries = []
    for number, item in enumerate(topic.items):
        key = f"{topic.name}{number}"
        title = (item.before + item.anchor).strip().rstrip("(«（：").replace("{", "")
        if number % 3 == 0:
            entries.append(f"@online{{{key},\n  title = {{{title}}},\n  url = {{⟦{item.url}¦r=bibliography⟧}},\n  urldate = {{2015-10-02}},\n  version = {{1.2.3}}\n}}")  # fmt: skip
        elif number % 3 == 1:
            entries.append(f'@misc{{{key},\n  title = "{title}",\n  howpublished = "\\url{{⟦{item.url}¦r=bibliography⟧}}",\n  year = 2015\n}}')  # fmt: skip
        else:
            entries.append(f"@article{{{key},\n  title = {{{title}}},\n  doi = {{{_RESOLVED}}},\n  note = {{Read at \\url{{⟦{item.url}¦r=bibliography⟧}} in 2016.}}\n}}")  # fmt: skip
    return "\n\n".join(entries) + "\n"


BIBTEX = r"""% A comment between entries: https://comment.example/percent
@comment{jabref-meta: saveActions:enabled;https://comment.example/meta}
@string{site = "⟦https://example.org/string¦o⟧"}

@online{one,
  author = {{Example Archive}},
  title  = {A {Title} with node.js and map.tif},
  url    = {⟦https://example.org/a\_b?x=1\&y=2\#top¦u=https://example.org/a_b?x=1&y=2#top¦r=bibliography⟧},
  file   = {:files/12/report.pdf:PDF},
}

@misc{two, title = {One line}, url = "⟦http://www.vdc-sy.info/¦r=bibliography⟧", note = {archived: ⟦https://archive.ph/AbC12¦r=bibliography⟧.}}

@techreport(three,
  title = "Parentheses",
  institution = "Desk",
  url = {⟦https://example.org/50%25?q=a%20b¦r=bibliography⟧},
  howpublished = {\href{⟦https://example.org/href¦r=bibliography⟧}{the page}, accessed 2.10.2015}
)

@inproceedings{four,
  title = {Values},
  eprint = {1510.00123},
  archiveprefix = {arXiv},
  abstract = {See ⟦https://example.org/abstract¦r=bibliography⟧ and
     ⟦https://example.org/second-line¦r=bibliography⟧; write to desk@example.org},
  URL = {⟦https://en.wikipedia.org/wiki/Homs_(city)¦r=bibliography⟧}
}
""".replace("  eprint = {1510.00123},\n  archiveprefix = {arXiv},\n", "")


def _ris(topic: Topic) -> str:
    lines = []
    for number, item in enumerate(topic.items):
        title = (item.before + item.anchor).strip()
        lines += ["TY  - ELEC", f"TI  - {title}", "PY  - 2015/10/02/", f"UR  - ⟦{item.url}¦r=bibliography⟧"]
        if number % 3 == 1:
            lines.append(f"N1  - Archived at ⟦https://archive.ph/x{number}¦r=bibliography⟧, 1.2.3")
        if number % 3 == 2:
            lines.append(f"L2  - ⟦http://example.org/full/{number}.pdf¦r=bibliography⟧")
        lines += ["ER  - ", ""]
    return "\n".join(lines) + "\n"


RIS = f"""TY  - RPRT
TI  - Corners of node.js 1.2.3
DO  - {_RESOLVED}
UR  - ⟦https://example.org/first¦r=bibliography⟧
UR  - ⟦https://example.org/second?a=1;b=2¦r=bibliography⟧
L1  - ⟦https://example.org/full.pdf¦r=bibliography⟧
L4  - ⟦https://img.example.org/figure.png¦r=bibliography⟧
AB  - An abstract that runs on,
      see ⟦https://example.org/abstract¦r=bibliography⟧.
N1  - write to desk@example.org
ER  -

TY  - VIDEO
T1  - A film
LK  - ⟦https://youtu.be/KqEtOd5Mypg¦r=bibliography⟧
ER  -
"""


def _csl(topic: Topic) -> str:
    entries = []
    for number, item in enumerate(topic.items):
        entry = {
            "id": f"{topic.name}-{number}", "type": "webpage", "title": (item.before + item.anchor).strip(),
            "URL": f"⟦{item.url}¦r=bibliography⟧", "accessed": {"date-parts": [[2015, 10, 2]]},
        }  # fmt: skip
        if number % 2:
            entry["note"] = f"Kept at ⟦https://archive.ph/n{number}¦r=bibliography⟧. Version 1.2.3"
        entries.append(entry)
    return json.dumps(entries, ensure_ascii=False, indent=2) + "\n"


CSL = json.dumps(
    [
        {"id": "http://zotero.org/groups/1/items/AB", "type": "report", "title": "Corners", "DOI": _RESOLVED,
         "URL": "⟦http:\\/\\/www.vdc-sy.info\\/a?x=1\\u0026y=2¦u=http://www.vdc-sy.info/a?x=1&y=2⟧",
         "abstract": "See ⟦https://example.org/abstract⟧, ⟦https://example.org/abstract2⟧.", "archive": "Example archive",
         "archive_location": "⟦https://web.archive.org/web/2016/http://www.vdc-sy.info/⟧", "author": [{"literal": "Desk"}]},
    ],
    ensure_ascii=False,
).replace("\\\\", "\\").replace("http://zotero.org/groups/1/items/AB", "⟦http://zotero.org/groups/1/items/AB¦o⟧")  # fmt: skip
