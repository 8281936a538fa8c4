"""Tables and structured data: exports of spreadsheets, messengers and scripts."""

from __future__ import annotations

import json

from bench.corpus.matter import ARABIC, ENGLISH, RUSSIAN, TOPICS, UKRAINIAN, Item, Topic
from bench.corpus.shelf import Expected, Shelf


def build(shelf: Shelf) -> None:
    for topic in TOPICS:
        shelf.text(f"csv/hand-{topic.name}.csv", _csv(topic, ","), newline="\r\n")
        shelf.text(f"tsv/hand-{topic.name}.tsv", _tsv(topic))
        shelf.text(f"jsonl/hand-{topic.name}.jsonl", _jsonl(topic))
        shelf.text(f"yaml/hand-{topic.name}.yaml", _yaml(topic))
        shelf.text(f"json/telegram-{topic.name}.json", _telegram(topic))
        shelf.text(f"ipynb/hand-{topic.name}.ipynb", _notebook(topic))
    shelf.text("csv/excel-russian.csv", _csv(RUSSIAN, ";"), "cp1251", newline="\r\n")
    shelf.text("csv/excel-ukrainian.csv", "sep=;\n" + _csv(UKRAINIAN, ";"), "utf-8", b"\xef\xbb\xbf", "\r\n")
    shelf.text("csv/excel-arabic.csv", _csv(ARABIC, "\t"), "utf-16-le", b"\xff\xfe", "\r\n")
    shelf.text("csv/hand-corners.csv", CSV)
    shelf.text("csv/hand-semicolons.csv", SEMICOLONS)
    shelf.text("tsv/hand-corners.tsv", TSV)
    shelf.text("json/hand-corners.json", JSON)
    shelf.text("json/twitter-archive.json", TWITTER.removeprefix("window.YTD.tweets.part0 = "))
    shelf.text("json/twitter-tweets.js", TWITTER)  # as it lies in the archive that one downloads
    shelf.text("script/hand-page.js", SCRIPT)
    shelf.text("script/hand-site.css", STYLE)
    shelf.text("json/hand-map.geojson", GEOJSON)
    shelf.text("jsonl/hand-corners.ndjson", JSONL)
    shelf.text("yaml/hand-corners.yml", YAML)
    shelf.text("ipynb/hand-corners.ipynb", NOTEBOOK)
    _nbformat(shelf)


def _text(item: Item) -> str:
    return (item.before + item.anchor).strip()


# Tables


def _csv(topic: Topic, delimiter: str) -> str:
    lines = [delimiter.join(("id", "claim", "source", "version"))]
    for number, item in enumerate(topic.items, 1):
        quoted = _text(item).replace('"', '""')
        url = f"⟦{item.url}⟧"
        source = f'"{url}"' if delimiter in item.url or number % 2 else url
        lines.append(delimiter.join((str(number), f'"{quoted}"', source, "1.2.3")))
    return "\n".join(lines) + "\n"


def _tsv(topic: Topic) -> str:
    rows = [f"{_text(item)}\t⟦{item.url}⟧\tmap.tif" for item in topic.items]
    return "\n".join(["claim\tsource\tfile", *rows]) + "\n"


CSV = """"id","note","sources"
1,"A note over
two lines, see ⟦https://example.org/multi¦⟧, then","⟦https://example.org/a⟧"
2,"Said ""⟦https://example.org/quoted⟧"" and left","⟦https://example.org/b?x=1,2⟧"
3,,"⟦https://example.org/c1⟧, ⟦https://example.org/c2⟧; ⟦https://example.org/c3⟧"
4,node.js 1.2.3,⟦vk.com/wall-1_2¦u=http://vk.com/wall-1_2⟧
5,desk@example.org,⟦www.example.org/e¦u=http://www.example.org/e⟧
6,"=HYPERLINK(""⟦https://example.org/formula⟧"";""shown"")",⟦http://минобороны.рф/⟧
7,"⟦https://en.wikipedia.org/wiki/Homs_(city)⟧",⟦https://example.org/path;v=1⟧
""".replace("¦⟧", "⟧")
SEMICOLONS = """id;claim;source
1;"Shelling; at noon";⟦https://example.org/one?a=1&b=2⟧
2;1,5 km;"⟦https://example.org/two;v=2⟧"
3;"⟦https://example.org/three⟧ and
⟦https://example.org/four⟧";⟦https://t.me/example/5⟧
"""
TSV = """id\tnote\tsource
1\tA "quote, see ⟦https://example.org/one⟧.\t⟦https://example.org/two?x="¦u=https://example.org/two?x=⟧
2\t1.2.3\t⟦https://example.org/three⟧ ⟦https://example.org/four⟧
""".replace('⟦https://example.org/two?x="¦u=https://example.org/two?x=⟧', "⟦https://example.org/two?x=⟧")


# JSON


def _telegram(topic: Topic) -> str:
    """What the desktop messenger exports."""
    messages = []
    for number, item in enumerate(topic.items, 1):
        kind = "text_link" if item.anchor else "link"
        entity = (
            {"type": kind, "text": item.anchor, "href": f"⟦{item.url}¦p=/messages/{number - 1}/text/1/href⟧"}
            if item.anchor
            else {"type": kind, "text": f"⟦{item.url}¦p=/messages/{number - 1}/text/1/text⟧"}
        )
        messages.append(
            {"id": number, "type": "message", "date": "2015-10-02T08:15:00", "from": "Example channel", "from_id": "channel1",
             "file": "(File not included. Change data exporting settings to download.)", "text": [item.before, entity, item.after]}
        )  # fmt: skip
    export = {"name": topic.title, "type": "public_channel", "id": 1, "messages": messages}
    return json.dumps(export, ensure_ascii=False, indent=1)


JSON = r"""{
  "title": "Corners", "version": "1.2.3", "engine": "node.js", "file": "map.tif", "mail": "desk@example.org",
  "escaped": "⟦http:\/\/www.vdc-sy.info\/a?x=1\u0026y=2¦u=http://www.vdc-sy.info/a?x=1&y=2¦p=/escaped⟧",
  "cyrillic": "⟦https://example.org/\u0445\u043e\u043c\u0441¦u=https://example.org/хомс¦p=/cyrillic⟧",
  "text": "First \u00ab⟦https://example.org/quoted¦p=/text⟧\u00bb, then\n⟦https://example.org/second-line¦p=/text⟧.",
  "html": "<a href=\"⟦https://example.org/html¦p=/html⟧\">anchor</a>",
  "list": ["⟦https://example.org/0¦p=/list/0⟧", ["⟦https://example.org/1¦p=/list/1/0⟧"], {"a/b": "⟦https://example.org/2¦p=/list/2/a~1b⟧"}],
  "same": "⟦https://example.org/0¦p=/same⟧",
  "bare": "⟦vk.com/wall-1_2¦u=http://vk.com/wall-1_2⟧",
  "⟦https://example.org/key¦o⟧": 1
}
"""
TWITTER = r"""window.YTD.tweets.part0 = [ {
  "tweet" : {
    "full_text" : "See ⟦https://t.co/AbCdEf12⟧ for it",
    "entities" : { "urls" : [ { "url" : "⟦https://t.co/AbCdEf12⟧", "expanded_url" : "⟦https://example.org/expanded⟧", "display_url" : "example.org/expanded", "indices" : [ "4", "27" ] } ] }
  }
} ]
""".replace('"display_url" : "example.org/expanded", ', "")  # fmt: skip
# Nothing to list: code, and comments in it.
SCRIPT = """// https://comment.example/js
'use strict';
import { a } from "https://code.example/module.js";
const url = "https://code.example/api?x=1"; /* https://comment.example/block */
fetch(`https://code.example/${a}`).then((answer) => answer.json());
"""
STYLE = """@import url("https://asset.example/fonts.css");
/* after https://comment.example/css */
body { background: url(https://asset.example/bg.png); }
"""
GEOJSON = """{"type": "FeatureCollection", "features": [
{"type": "Feature", "properties": {"name": "Хомс", "src": "⟦https://example.org/geo/1⟧", "media": ["⟦https://img.example.org/1.jpg⟧"]}, "geometry": {"type": "Point", "coordinates": [36.71, 34.73]}},
{"type": "Feature", "properties": {"name": "حمص", "src": "⟦https://ar.wikipedia.org/wiki/حمص⟧"}, "geometry": null}
]}
"""


def _jsonl(topic: Topic) -> str:
    rows = [
        json.dumps({"id": number, "text": _text(item), "link": f"⟦{item.url}⟧"}, ensure_ascii=False)
        for number, item in enumerate(topic.items)
    ]
    return "\n".join(rows) + "\n"


JSONL = r"""{"url": "⟦https://example.org/one⟧", "v": "1.2.3"}

{"text": "two ⟦https://example.org/two⟧, ⟦https://example.org/three⟧", "n": null}
["⟦https:\/\/example.org\/four¦u=https://example.org/four⟧"]
"⟦https://example.org/five⟧"
"""


# YAML


def _yaml(topic: Topic) -> str:
    lines = [f"title: {json.dumps(topic.title, ensure_ascii=False)}", "version: 1.2.3", "items:"]
    for number, item in enumerate(topic.items):
        written = f"⟦{item.url}⟧"
        quoted = f'"{written}"' if number % 2 else "'" + written + "'"
        plain = not set("'[]{}#") & set(item.url)
        source = written if plain and number % 3 == 0 else quoted if "'" not in item.url else f'"{written}"'
        lines += [f"  - claim: {json.dumps(_text(item), ensure_ascii=False)}", f"    source: {source}"]
    return "\n".join(lines) + "\n"


YAML = r"""# a comment: https://comment.example/yaml
%s
title: Corners of node.js 1.2.3
plain: ⟦https://example.org/plain⟧   # https://comment.example/tail
escaped: "⟦https://example.org/a\x2Fb¦u=https://example.org/a/b⟧"
folded: >-
  Text that
  cites ⟦https://example.org/folded⟧.
literal: |
  one ⟦https://example.org/literal-1⟧
  two ⟦https://example.org/literal-2⟧
flow: [⟦https://example.org/flow-1⟧, {a: '⟦https://example.org/flow-2⟧'}]
anchor: &here ⟦https://example.org/anchored⟧
alias: *here
multi:
  a plain scalar over
  lines ⟦https://example.org/multi⟧ ends
mail: desk@example.org
---
second: ⟦https://example.org/second-document⟧
""".replace("%s\n", "")


# Notebooks


def _notebook(topic: Topic) -> str:
    cells: list[dict[str, object]] = []
    for item in topic.items:
        here = f"⟦{item.url}¦a={item.anchor}⟧" if item.anchor else f"⟦{item.url}⟧"
        text = (
            f"{item.before}[{item.anchor}]({here}){item.after}" if item.anchor else f"{item.before}{here}{item.after}"
        )
        cells.append({"cell_type": "markdown", "metadata": {}, "source": ["# Part\n", "\n", text]})
        cells.append({"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [], "source": ["get('https://code.example/cell')\n"]})  # fmt: skip
    return _ipynb(cells)


def _ipynb(cells: list[dict[str, object]]) -> str:
    whole = {"cells": cells, "metadata": {"language_info": {"name": "python", "version": "3.11.2"}}, "nbformat": 4, "nbformat_minor": 4}  # fmt: skip
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


NOTEBOOK = _ipynb([
    {"cell_type": "markdown", "metadata": {}, "source": "One string with [a link](⟦https://example.org/string¦a=a link⟧) and ⟦https://example.org/bare⟧, node.js 1.2.3."},
    {"cell_type": "markdown", "metadata": {}, "source": ["By [name][r].⟦¦n¦u=https://example.org/defined¦a=name⟧\n", "\n", "[r]: ⟦https://example.org/defined⟧\n", "<img src='⟦https://img.example.org/n.png⟧'>"]},
    {"cell_type": "code", "execution_count": 1, "metadata": {}, "source": ["# https://code.example/comment\n"],
     "outputs": [{"output_type": "stream", "name": "stdout", "text": ["⟦https://example.org/printed¦o⟧\n"]},
                 {"output_type": "display_data", "metadata": {}, "data": {"text/html": ["<a href='⟦https://example.org/shown¦o⟧'>x</a>"]}}]},
    {"cell_type": "raw", "metadata": {}, "source": ["raw ⟦https://example.org/raw¦o⟧"]},
])  # fmt: skip


def _nbformat(shelf: Shelf) -> None:
    from nbformat import v4, writes

    notebook = v4.new_notebook()
    expected = []
    for number, item in enumerate((*ENGLISH.items, *RUSSIAN.items)):
        shown = f"[{item.anchor}]({item.url})" if item.anchor else item.url
        cell = v4.new_markdown_cell(f"{item.before}{shown}{item.after}")
        cell["id"] = f"cell{number}"
        notebook.cells.append(cell)
        expected.append(Expected(item.url, item.anchor or None))
    shelf.put("ipynb/nbformat-mixed.ipynb", writes(notebook).encode(), expected)
