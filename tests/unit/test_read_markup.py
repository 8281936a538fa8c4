"""Light markup: reStructuredText, AsciiDoc, Org, MediaWiki, Textile, LaTeX, and what Markdown's kin add."""

from __future__ import annotations

import re
import shutil
import subprocess
import time

import pytest

from preserve.documents import read_document
from preserve.model import Citation

EVERYTHING = frozenset({"code", "comment"})
U = "https://example.org/"


def cites(name: str, text: str | bytes, **options) -> tuple[Citation, ...]:
    data = text.encode() if isinstance(text, str) else text
    return read_document(name, data=data, extras=EVERYTHING, **options).citations


def short(citations) -> list[tuple[int, str, str, str]]:
    """Line, role, URL (under the one host of all tests without it) and anchor."""
    return [(c.place.line, c.role, (c.url or c.written).removeprefix(U), c.anchor) for c in citations]


def assert_places(text: str, citations) -> None:
    """What is written stands where the citation says; a reference stands where it refers."""
    lines = re.split(r"\r\n|\r|\n", text)
    for c in citations:
        if c.role != "reference":
            shown = lines[c.place.line - 1][c.place.column - 1 :]
            assert shown.startswith(re.split(r"[\r\n]", c.written)[0]), c


RST = [
    ("`a`__ `b`__\n\n__\n\ntext\n\n__ U1", [(1, "reference", "1", "b"), (7, "definition", "1", "")]),
    ("`see U1 <U2>`__", [(1, "link", "2", "see https://example.org/1")]),
    (":a__: b\n\n__ U1\n   2", [(1, "reference", "12", "a"), (3, "definition", "12", "")]),
    ("`a`__ `b`__\n\n__\n__ U1", [(1, "reference", "1", "a"), (1, "reference", "1", "b"), (4, "definition", "1", "")]),
    ("`a <b\\>`__ ``\n\n`c <U1>`__ ``\n\n__ U2", [(1, "reference", "2", "a <b>"), (3, "link", "1", "c"), (5, "definition", "2", "")]),
    ("`a b <U1>`_ `c <U2>`__", [(1, "link", "1", "a b"), (1, "link", "2", "c")]),
    ("`long\nanchor <U1>`_", [(2, "link", "1", "long anchor")]),
    ("`a\n<U1\n2>`_", [(2, "link", "12", "a")]),
    ("`<U1>`_", [(1, "link", "1", "https://example.org/1")]),
    ("`a <U1_(b)_c>`__ `d <U2\\_>`_", [(1, "link", "1_(b)_c", "a"), (1, "link", "2_", "d")]),
    ("a_ `B  b`_\n\n.. _a: U1\n.. _b B: U2\n.. _`b b`: U3",
     [(1, "reference", "1", "a"), (1, "reference", "2", "B b"), (3, "definition", "1", "a"), (4, "definition", "2", "b b"), (5, "definition", "3", "b b")]),
    ("`a <U1>`_ and a_", [(1, "link", "1", "a"), (1, "reference", "1", "a")]),
    ("`x`__ y__\n\n.. __: U1\n__ U2", [(1, "reference", "1", "x"), (1, "reference", "2", "y"), (3, "definition", "1", ""), (4, "definition", "2", "")]),
    ("a_ b_ c_\n\n.. _a:\n.. _b: c_\n.. _c: U1", [(1, "reference", "1", n) for n in "abc"] + [(5, "definition", "1", "c")]),
    ("a_\n\n.. _a: a_", []),
    (".. _a: U1/\n   2?x", [(1, "definition", "1/2?x", "a")]),
    ("`t <b_>`_\n\n.. _b: U1", [(1, "reference", "1", "t"), (3, "definition", "1", "b")]),
    ("no_ such__ ref_", []),
    (".. image:: U1\n   :alt: A *b*\n   :target: U2", [(1, "image", "1", "A b"), (3, "link", "2", "A b")]),
    (".. figure:: a/b.png\n   :target: x_\n\n   See U1\n\n.. _x: U2",
     [(1, "image", "a/b.png", ""), (2, "reference", "2", ""), (4, "text", "1", ""), (6, "definition", "2", "x")]),
    ("|p| |p|_\n\n.. |p| image:: U1\n.. _p: U2", [(1, "reference", "2", "p"), (3, "image", "1", "p"), (4, "definition", "2", "p")]),
    ("a [1]_ [#b]_\n\n.. [1] See U1\n   and `c <U2>`_.\n.. [#b]\n   U3\n\n.. [CIT2002] U4\n\nU5",
     [(3, "footnote", "1", ""), (4, "footnote", "2", "c"), (6, "footnote", "3", ""), (8, "bibliography", "4", ""), (10, "text", "5", "")]),
    (":pep:`8` :doc:`t <a>` :download:`d <U1>` :code:`U2`", [(1, "link", "1", "d"), (1, "code", "2", "")]),
    ("``U1`` `U2`", [(1, "code", "1", ""), (1, "text", "2", "")]),
    ("a::\n\n   U1\n\n   U2\n\nU3", [(3, "code", "1", ""), (5, "code", "2", ""), (7, "text", "3", "")]),
    ("- a::\n\n      U1\n\n  U2", [(3, "code", "1", ""), (5, "text", "2", "")]),
    ("a::\n\nU1", [(3, "text", "1", "")]),
    (".. code-block:: c\n   :linenos:\n\n   U1\n\nU2", [(4, "code", "1", ""), (6, "text", "2", "")]),
    (".. note:: U1\n\n   U2 `a <U3>`_", [(1, "text", "1", ""), (3, "text", "2", ""), (3, "link", "3", "a")]),
    (".. a comment U1\n   U2\n\nU3", [(1, "comment", "1", ""), (2, "comment", "2", ""), (4, "text", "3", "")]),
    ("..\n   U1\n\n..\n\n   quoted U2", [(2, "comment", "1", ""), (6, "text", "2", "")]),
    (">>> open('U1')\nU2\n\nU3", [(1, "code", "1", ""), (2, "code", "2", ""), (4, "text", "3", "")]),
    (":Source: U1\n:Term ends::\n\n   U2", [(1, "text", "1", ""), (4, "code", "2", "")]),
    ("+--------+\n| U1     |\n+--------+", [(2, "text", "1", "")]),
    ("U1\\_x and U2\\ 3", [(1, "text", "1_x", ""), (1, "text", "23", "")]),
    (".. raw:: html\n\n   <a href='U1'>b</a>\n\nU2", [(3, "link", "1", "b"), (5, "text", "2", "")]),
]  # fmt: skip

ASCIIDOC = [
    ("U1[see U2]", [(1, "link", "1", "see https://example.org/2")]),
    ("see U1[a *b*], link:U2[c,window=_blank] link:U3[\"d, e\",role=x] U4[f^] U5[]",
     [(1, "link", "1", "a b"), (1, "link", "2", "c"), (1, "link", "3", "d, e"), (1, "link", "4", "f"), (1, "link", "5", "https://example.org/5")]),
    ("link:++U1_a[b]++[t] link:b/c.html[r] link:#d[s]", [(1, "link", "1_a[b]", "t"), (1, "link", "b/c.html", "r"), (1, "link", "#d", "s")]),
    ("<U1> U2 (U3) \\U4[no]", [(1, "autolink", "1", "https://example.org/1"), (1, "text", "2", ""), (1, "text", "3", ""), (1, "text", "4[no]", "")]),
    ("U1[a [b\\] c] d]", [(1, "link", "1", "a [b\\] c] d")]),
    ("image::U1[Alt text,300,link=U2] image:U3[] image:a.png[b]",
     [(1, "image", "1", "Alt text"), (1, "link", "2", "Alt text"), (1, "image", "3", ""), (1, "image", "a.png", "b")]),
    ("U1[image:U2[b]]", [(1, "link", "1", "b"), (1, "image", "2", "b")]),
    (":imagesdir: U\n\nimage::a.png[b]", [(1, "definition", "", "imagesdir"), (3, "image", "a.png", "b")]),
    ("video::U1[poster=U2]\n\nvideo::abc123[youtube]",
     [(1, "embed", "1", ""), (1, "image", "2", ""), (3, "embed", "https://www.youtube.com/watch?v=abc123", "")]),
    ("include::U1[] include::chapter.adoc[]", [(1, "embed", "1", "")]),
    ("a.footnote:[See U1[b] and U2.] U3 footnote:x[U4] footnoteref:[y,U5]",
     [(1, "footnote", "1", "b"), (1, "footnote", "2", ""), (1, "text", "3", ""), (1, "footnote", "4", ""), (1, "footnote", "5", "")]),
    ("U1.footnote:[U2]", [(1, "text", "1", ""), (1, "footnote", "2", "")]),
    (":url-x: U1\n:base: U\n:!gone:\n\n{url-x} {url-x}[a] {base}b/c, {none}[d] {url-x}.",
     [(1, "definition", "1", "url-x"), (2, "definition", "", "base"), (5, "reference", "1", "https://example.org/1"),
      (5, "reference", "1", "a"), (5, "reference", "b/c", "https://example.org/b/c"), (5, "reference", "1", "https://example.org/1")]),
    (":a: U{b}\n:b: 1\n:c: {a}{a}\n\nlink:{c}[d]", [(1, "definition", "{b}", "a"), (5, "link", "{b}https://example.org/{b}", "d")]),
    (":description: see U1 \\\n and U2\n\nU3", [(1, "front-matter", "1", ""), (2, "front-matter", "2", ""), (4, "text", "3", "")]),
    ("[bibliography]\n== Sources\n\n* [[[a]]] B. U1[c] U2\n\n== Next\n\nU3",
     [(4, "bibliography", "1", "c"), (4, "bibliography", "2", ""), (8, "text", "3", "")]),
    ("----\nU1\n----\n\n....\nU2\n....\n\n```sh\nU3\n```\n\n[source,sh]\nU4\n\n  U5\n\nU6",
     [(2, "code", "1", ""), (6, "code", "2", ""), (10, "code", "3", ""), (14, "code", "4", ""), (16, "code", "5", ""), (18, "text", "6", "")]),
    ("// U1\n////\nU2\n////\nU3", [(1, "comment", "1", ""), (3, "comment", "2", ""), (5, "text", "3", "")]),
    ("Heading\n-------\n\nU1\n\n----\nU2\n----", [(4, "text", "1", ""), (7, "code", "2", "")]),
    ("`U1` `U2[a]` `x", [(1, "code", "1", ""), (1, "link", "2", "a")]),
    ("+++<a href='U1'>b</a>+++ pass:[<img src=U2>]\n\n++++\n<iframe src=U3></iframe>\n++++",
     [(1, "link", "1", "b"), (1, "image", "2", ""), (4, "embed", "3", "")]),
    ("|===\n|U1|U2[a]\n|U3 | b\n|===\n\nU4|5",
     [(2, "text", "1", ""), (2, "link", "2", "a"), (3, "text", "3", ""), (6, "text", "4|5", "")]),
    ("Term::\n\n  def U1", [(3, "text", "1", "")]),
    ("U1?f[]=a&f[]=b and U2?a&amp;b[c]", [(1, "text", "1?f[]=a&f[]=b", ""), (1, "link", "2?a&b", "c")]),
    ("mailto:a@example.org[b] https://x[.]example.org/c", [(1, "link", "mailto:a@example.org", "b"), (1, "text", "https://x.example.org/c", "")]),
]  # fmt: skip

ORG = [
    ("[[U1][see U2]]", [(1, "link", "1", "see https://example.org/2")]),
    ("[[U1?f[]=a&f[b]=c][d]]", [(1, "link", "1?f[]=a&f[b]=c", "d")]),
    ("[[U1][a /b/]] [[U2]] <U3> U4", [(1, "link", "1", "a b"), (1, "link", "2", "https://example.org/2"), (1, "autolink", "3", "https://example.org/3"), (1, "text", "4", "")]),
    ("[[U1][long\nanchor]]", [(1, "link", "1", "long anchor")]),
    ("[[U1][a [b] c]] [[U2\\]3][d]]", [(1, "link", "1", "a [b] c"), (1, "link", "2]3", "d")]),
    ("[[U1][U2.png]] [[U3.png]] [[U4][[[U5.png]]]]",
     [(1, "link", "1", "https://example.org/2.png"), (1, "image", "2.png", ""), (1, "image", "3.png", ""), (1, "link", "4", "https://example.org/5.png"), (1, "image", "5.png", "")]),
    ("[[file:a/b.html][c]] [[./d.org]] [[*Heading]] [[id:1-2]] [[#e][f]] [[Some text]]",
     [(1, "link", "file:a/b.html", "c"), (1, "link", "./d.org", "./d.org"), (1, "link", "#e", "f")]),
    ("#+LINK: wb U1/%s\n#+LINK: b U2/\n\n[[wb:x][a]] [[b:y]] [[doi:10.1/2]]",
     [(1, "definition", "1/%s", "wb"), (2, "definition", "2/", "b"), (4, "link", "1/x", "a"), (4, "link", "2/y", "b:y"), (4, "link", "https://doi.org/10.1/2", "doi:10.1/2")]),
    ("a[fn:1] [fn:: inline [[U1][b]] U2] U3\n\n[fn:1] See U4\n  U5\n\n\nU6",
     [(1, "footnote", "1", "b"), (1, "footnote", "2", ""), (1, "text", "3", ""), (3, "footnote", "4", ""), (4, "footnote", "5", ""), (7, "text", "6", "")]),
    ("[fn:1] U1\n* Heading U2", [(1, "footnote", "1", ""), (2, "text", "2", "")]),
    ("#+TITLE: U1\n#+CAPTION: see [[U2][a]]\n* b\n:PROPERTIES:\n:SOURCE: U3\n:END:\nU4",
     [(1, "front-matter", "1", ""), (2, "link", "2", "a"), (5, "front-matter", "3", ""), (7, "text", "4", "")]),
    ("#+BEGIN_SRC sh\nU1\n#+END_SRC\n#+begin_quote\nU2\n#+end_quote\n#+begin_comment\nU3\n#+end_comment\n: U4\n# U5\n#+begin_export html\n<a href='U6'>a</a>\n#+end_export",
     [(2, "code", "1", ""), (5, "text", "2", ""), (8, "comment", "3", ""), (10, "code", "4", ""), (11, "comment", "5", ""), (13, "link", "6", "a")]),
    ("#+begin_src sh\nU1", [(2, "text", "1", "")]),
    ("~U1~ =U2=. U3?a=1&b=2= (~U4~)", [(1, "code", "1", ""), (1, "code", "2", ""), (1, "text", "3?a=1&b=2=", ""), (1, "code", "4", "")]),
    ("| U1|U2 | [[U3][a]] |", [(1, "text", "1", ""), (1, "text", "2", ""), (1, "link", "3", "a")]),
    ("* COMMENT dead\nU1\n** under\nU2\n* alive\nU3", [(2, "comment", "1", ""), (4, "comment", "2", ""), (6, "text", "3", "")]),
    ("@@html:<a href='U1'>a</a>@@ {{{b}}}", [(1, "link", "1", "a")]),
]  # fmt: skip

MEDIAWIKI = [
    ("[U1 see U2] [[U3|U4]]", [(1, "link", "1", "see https://example.org/2"), (1, "link", "3", "https://example.org/4")]),
    ("[[U1?f[]=a|b]] [U2?f[c]=d e]", [(1, "link", "1?f[]=a", "b"), (1, "link", "2?f[c]=d", "e")]),
    ("[U1 a ''b''] [U2] U3, [//example.org/4 c]",
     [(1, "link", "1", "a b"), (1, "link", "2", "https://example.org/2"), (1, "text", "3", ""), (1, "link", "4", "c")]),
    ("[U1 a [b] c] [U2 [[Page|d]]] [U3 e", [(1, "link", "1", "a [b] c"), (1, "link", "2", "d"), (1, "text", "3", "")]),
    ("''U1'' U2''a'' '''U3'''", [(1, "text", "1", ""), (1, "text", "2", ""), (1, "text", "3", "")]),
    ("[U1?a&amp;b c] U2?a&amp;b U3&nbsp;d", [(1, "link", "1?a&b", "c"), (1, "text", "2?a&b", ""), (1, "text", "3", "")]),
    ("a<ref>See [U1 b] U2.</ref> U3<ref name=\"c\" />U4<ref name=d group=e>U5</ref>",
     [(1, "footnote", "1", "b"), (1, "footnote", "2", ""), (1, "text", "3", ""), (1, "text", "4", ""), (1, "footnote", "5", "")]),
    ("<ref>{{cite web |url=U1|archive-url=U2 |title=The ''a'' [[b|c]] |date=2015}}</ref>",
     [(1, "footnote", "1", "The a c"), (1, "footnote", "2", "The a c")]),
    ("{{cite news\n| title = Late\n| url = U1\n| quote = see {{lang|x|y}} U2\n}}", [(3, "bibliography", "1", "Late"), (4, "text", "2", "")]),
    ("{{Infobox | website = {{URL|U1}} | b = [U2 c]}}{{official|1=U3}}{{dead}}",
     [(1, "link", "1", "https://example.org/1"), (1, "link", "2", "c"), (1, "link", "3", "https://example.org/3")]),
    ("U1{{dead link}} {{unclosed |url=U2", [(1, "text", "1", ""), (1, "link", "2", "https://example.org/2")]),
    ("[[File:A.png|thumb|link=U1|alt=b|c [U2 d]]]", [(1, "link", "1", "b"), (1, "link", "2", "d")]),
    ("[[File:U1.png|thumb|none|alt=a|b]] [[U2|c]] [U3 [[File:U4|d]]] [[Page#x|e]]",
     [(1, "image", "1.png", "a"), (1, "link", "2", "c"), (1, "link", "3", "d"), (1, "image", "4", "d")]),
    ("<nowiki>[U1 a]</nowiki> <pre>U2</pre> <syntaxhighlight lang=x>\nU3\n</syntaxhighlight> <code>U4</code> <!-- U5\nU6 --> U7",
     [(1, "code", "1", ""), (1, "code", "2", ""), (2, "code", "3", ""), (3, "code", "4", ""), (3, "comment", "5", ""), (4, "comment", "6", ""), (4, "text", "7", "")]),
    ("{|\n| U1 || U2\n|U3||[U4 a]\n|}\nU5|6", [(2, "text", "1", ""), (2, "text", "2", ""), (3, "text", "3", ""), (3, "link", "4", "a"), (5, "text", "5", "")]),
    ("<pre>U1", [(1, "text", "1", "")]),
    ("[mailto:a@example.org b] [ftp://example.org/c d]", [(1, "link", "mailto:a@example.org", "b"), (1, "link", "ftp://example.org/c", "d")]),
]  # fmt: skip

TEXTILE = [
    ('"U1":U2, "a":/b/c.html.', [(1, "link", "2", "https://example.org/1"), (1, "link", "/b/c.html", "a")]),
    ('影片"上传":U1，后来"这里":U2，', [(1, "link", "1", "上传"), (1, "link", "2", "这里")]),
    ('"a _b_":U1. ("c":U2_(d)), ["e":U3]f "g(tip)":U4 "(cls)h":U5',
     [(1, "link", "1", "a b"), (1, "link", "2_(d)", "c"), (1, "link", "3", "e"), (1, "link", "4", "g"), (1, "link", "5", "h")]),
    ('"$":U1?a&b, "h (i)":U2_', [(1, "link", "1?a&b", "https://example.org/1?a&b"), (1, "link", "2_", "h (i)")]),
    ('say "a "b" c":U1 "no": U2 "x":because', [(1, "link", "1", 'a "b" c'), (1, "text", "2", "")]),
    ('"a":al "b":/c/d.html "e":#f "g":mailto:a@example.org\n\n[al]U1',
     [(1, "reference", "1", "a"), (1, "link", "/c/d.html", "b"), (1, "link", "#f", "e"), (1, "link", "mailto:a@example.org", "g"), (3, "definition", "1", "al")]),
    ('!U1.png(a b)!:U2 !>U3! !c/d.png! wow! U4!', [(1, "image", "1.png", "a b"), (1, "link", "2", "a b"), (1, "image", "3", ""), (1, "image", "c/d.png", ""), (1, "text", "4", "")]),
    ('"!U1(a)!":U2', [(1, "image", "1", "a"), (1, "link", "2", "a")]),
    ("a[1] U1[2]\n\n\nfn1. \"n\":U2 U3\n\nU4", [(1, "text", "1", ""), (4, "footnote", "2", "n"), (4, "footnote", "3", ""), (6, "text", "4", "")]),
    ("bc(sh). U1\n\nbc.. U2\n\nU3\n\np. U4\n\npre. U5\n\n###. U6\n\nU7 @U8@",
     [(1, "code", "1", ""), (3, "code", "2", ""), (5, "code", "3", ""), (7, "text", "4", ""), (9, "code", "5", ""), (11, "comment", "6", ""), (13, "text", "7", ""), (13, "code", "8", "")]),
    ("<pre>\nU1\n\nU2\n</pre> U3 <!-- U4\n\nU5 --> <a href='U6'>b</a> <code>U7</code>",
     [(2, "code", "1", ""), (4, "code", "2", ""), (5, "text", "3", ""), (5, "comment", "4", ""), (7, "comment", "5", ""), (7, "link", "6", "b"), (7, "code", "7", "")]),
    ('|_. a|b|\n|"c":U1|U2|', [(2, "link", "1", "c"), (2, "text", "2", "")]),
    ("bq.:U1 A quotation U2", [(1, "cite", "1", ""), (1, "text", "2", "")]),
    ('U1&#95;a "b&#45;c":U2?d&amp;e', [(1, "text", "1_a", ""), (1, "link", "2?d&e", "b-c")]),
]  # fmt: skip

LATEX = [
    (r"\href{U1}{see U2} \url{U3}", [(1, "link", "1", "see https://example.org/2"), (1, "link", "3", "https://example.org/3")]),
    ("\\href{U1}{a % x\n\nU2", [(1, "link", "1", "a"), (3, "text", "2", "")]),
    (r"\url{U1_b%20c#d&e~f} \href{U2\%D8\&x\#f\_g\~{}h}{the \emph{big \textbf{one}} 100\% x}",
     [(1, "link", "1_b%20c#d&e~f", "https://example.org/1_b%20c#d&e~f"), (1, "link", "2%D8&x#f_g~h", "the big one 100% x")]),
    (r"\href[pdfnewwindow]{U1\textasciitilde a}{b} \href{b/c.html}{r} \href{U2}", [(1, "link", "1~a", "b"), (1, "link", "b/c.html", "r"), (1, "link", "2", "https://example.org/2")]),
    (r"U1\_a?b=1\&c\#d U2\textasciitilde{}e/ U3\~{}f \textbf{U4}\\ U5{-}{-}g 5\% U6",
     [(1, "text", "1_a?b=1&c#d", ""), (1, "text", "2~e/", ""), (1, "text", "3~f", ""), (1, "text", "4", ""), (1, "text", "5--g", ""), (1, "text", "6", "")]),
    ("a % U1\n\\% U2 % \\url{U3}\n\\\\% U4", [(1, "comment", "1", ""), (2, "text", "2", ""), (2, "comment", "3", ""), (3, "comment", "4", "")]),
    (r"a\footnote{See \url{U1}, \href{U2}{b} and U3.} U4\thanks{U5}",
     [(1, "footnote", "1", "https://example.org/1"), (1, "footnote", "2", "b"), (1, "footnote", "3", ""), (1, "text", "4", ""), (1, "footnote", "5", "")]),
    (r"\nolinkurl{U1} \path{/usr/x} \path|U2| \url|U3| \url{www.example.org/4}",
     [(1, "link", "1", "https://example.org/1"), (1, "link", "2", "https://example.org/2"), (1, "link", "3", "https://example.org/3"), (1, "link", "http://www.example.org/4", "http://www.example.org/4")]),
    (r"\verb|U1| \verb*+U2+ \lstinline[x]{U3} U4", [(1, "code", "1", ""), (1, "code", "2", ""), (1, "code", "3", ""), (1, "text", "4", "")]),
    ("\\begin{verbatim}\nU1 %\n\\end{verbatim}\n\\begin{lstlisting}[a=b]\nU2\n\\end{lstlisting}\n\\begin{comment}\nU3\n\\end{comment}\nU4",
     [(2, "code", "1", ""), (5, "code", "2", ""), (8, "comment", "3", ""), (10, "text", "4", "")]),
    ("\\begin{verbatim}\nU1", [(2, "text", "1", "")]),
    (r"\includegraphics[width=1cm]{U1} \includegraphics{a/b.png} \href{U2}{\includegraphics{U3}}",
     [(1, "image", "1", ""), (1, "link", "2", "https://example.org/2"), (1, "image", "3", "")]),
    ("\\begin{thebibliography}{9}\n\\bibitem{a} B. \\url{U1}, U2.\n\\end{thebibliography}\nU3",
     [(2, "bibliography", "1", "https://example.org/1"), (2, "bibliography", "2", ""), (4, "text", "3", "")]),
    ("\\newcommand{\\base}{U1}\n\\urldef\\doc\\url{U2_%20}\n\\def\\z{\\url{U3}}\n\\url{\\base/a} \\href{\\base}{b} \\base/c, \\doc.",
     [(1, "definition", "1", "\\base"), (2, "definition", "2_%20", "\\doc"), (3, "link", "3", "https://example.org/3"), (4, "link", "1/a", "https://example.org/1/a"),
      (4, "link", "1", "b"), (4, "reference", "1/c", "https://example.org/1/c"), (4, "reference", "2_%20", "https://example.org/2_%20")]),
    ("\\href{U1/%\n  a}{b}", [(1, "link", "1/a", "b")]),
    ("\\href{U1}{a\n\nU2", [(1, "link", "1", "a"), (3, "text", "2", "")]),
    (r"\hyperref[a]{b} \hyperlink{c}{d} \ref{e} \cite{f}", []),
    ("U1\n\\end{document}\nU2", [(1, "text", "1", ""), (3, "comment", "2", "")]),
    ("\\begin{filecontents}{a.bib}\n@misc{b, url = {U1%20c}}\n\\end{filecontents}", [(2, "bibliography", "1%20c", "")]),
]  # fmt: skip

MARKDOWN = [
    ('{\n "U1": "a",\n "b": "see U2"\n}\n\nc', [(3, "front-matter", "2", "")]),
    ("[[U1|a]] [[U2]] ![[U3]] ![[b.png]] [[Note]] [[1]](U4)",
     [(1, "link", "1", "a"), (1, "link", "2", "https://example.org/2"), (1, "image", "3", "https://example.org/3"), (1, "image", "b.png", "b.png"), (1, "link", "4", "[1]")]),
    ("x [[Note]] U1 [[U2", [(1, "text", "1", ""), (1, "text", "2", "")]),
    ("a^[see U1, [b](U2)] U3 `^[` U4", [(1, "footnote", "1", ""), (1, "footnote", "2", "b"), (1, "text", "3", ""), (1, "text", "4", "")]),
    ("Term\n\n:   a U1\n\n    b [c](U2)\n\n[d](U3)", [(3, "text", "1", ""), (5, "link", "2", "c"), (7, "link", "3", "d")]),
    ("[a](U1){.b target=c} [t]{.u} {U2}", [(1, "link", "1", "a"), (1, "text", "2", "")]),
    ("<magnet:?xt=urn:a> <ftp://example.org/b>", [(1, "autolink", "magnet:?xt=urn:a", "magnet:?xt=urn:a"), (1, "autolink", "ftp://example.org/b", "ftp://example.org/b")]),
    ("```{figure} U1\n```\n\n```{note}\n[a](U2) U3\n```\n\n```{python}\nU4\n```", [(1, "image", "1", ""), (5, "link", "2", "a"), (5, "text", "3", ""), (9, "code", "4", "")]),
    ('{\n "a": "U1",\n "b": ["/b.png"]\n}\n\n[c](U2)', [(2, "front-matter", "1", ""), (3, "front-matter", "/b.png", ""), (6, "link", "2", "c")]),
    (';;;\n{"a": "U1"}\n;;;\n\nU2', [(2, "front-matter", "1", ""), (5, "text", "2", "")]),
    ('{ no JSON\n\nU1', [(3, "text", "1", "")]),
]  # fmt: skip

CASES = {
    "rst": RST, "adoc": ASCIIDOC, "org": ORG, "mediawiki": MEDIAWIKI, "textile": TEXTILE, "tex": LATEX, "md": MARKDOWN,
}  # fmt: skip


@pytest.mark.parametrize(
    ("suffix", "text", "expected"),
    [pytest.param(suffix, *case, id=f"{suffix}: {case[0]}") for suffix, cases in CASES.items() for case in cases],
)
def test_every_construct_gives_its_citations_in_their_places(suffix, text, expected):
    text = re.sub(r"U(?=[\d/{]|\n|$|\")", U, text)
    citations = cites(f"a.{suffix}", text)
    assert short(citations) == expected
    assert_places(text, citations)


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
@pytest.mark.parametrize("suffix", CASES)
def test_other_newlines_change_nothing(suffix, newline):
    for text, _ in CASES[suffix]:
        text = re.sub(r"U(?=[\d/{]|\n|$|\")", U, text)
        there = text.replace("\n", newline)
        if suffix == "md" and (text[0] in "{;" or newline == "\r"):
            continue
        citations = cites(f"a.{suffix}", there)
        assert short(citations) == short(cites(f"a.{suffix}", text)), text
        assert_places(there, citations)


def test_a_relative_picture_stands_under_the_directory_that_the_document_names():
    citations = cites(
        "a.adoc", ":imagesdir: https://example.org/pictures\n\nimage::a.png[]", base_url="https://example.net/"
    )
    assert [c.url for c in citations] == ["https://example.org/pictures", "https://example.org/pictures/a.png"]


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        ("rst", "First one. Then *see* the `big\nmap <U1>`_, `not <U2>`__ small. Last.\n\nOther."),
        ("adoc", "First one. Then *see* the U1[big `map`], U2[not] small. Last.\n\nOther."),
        ("org", "First one. Then *see* the [[U1][big =map=]], [[U2][not]] small. Last.\n\nOther."),
        ("mediawiki", "First one. Then '''see''' the [U1 big ''map''], [U2 not] small. Last.\n\nOther."),
        ("textile", 'First one. Then *see* the "big _map_":U1, "not":U2 small. Last.\n\nOther.'),
        (
            "tex",
            "First one. Then \\emph{see} the \\href{U1}{big \\textbf{map}}, \\href{U2}{not} small. Last.\n\nOther.",
        ),
    ],
)
def test_anchor_and_sentence_read_as_a_person_reads_them(suffix, text):
    one, other = cites(f"a.{suffix}", text.replace("U", U))
    assert (one.anchor.replace("`", ""), other.anchor) == ("big map", "not")
    assert other.context.replace("`", "").endswith("the big map, not small.")
    assert one.context.startswith("Then see the")


def test_a_sentence_does_not_reach_into_what_stands_above_its_paragraph():
    for suffix, text in (
        ("org", "#+TITLE: A\nSee U1."),
        ("mediawiki", "* A\n* See U1."),
        ("adoc", ":a: b\nSee U1."),
        ("tex", "\\item A\\item See U1."),
    ):
        (one,) = cites(f"a.{suffix}", text.replace("U", U))
        assert one.context == "See https://example.org/1.", suffix


def test_an_escape_is_undone_and_what_is_written_is_kept():
    (one,) = cites("a.tex", r"See https://example.org/a\_b\%20\textasciitilde{}c, now.")
    assert (one.written, one.url) == (r"https://example.org/a\_b\%20\textasciitilde{}c", "https://example.org/a_b%20~c")
    assert one.changes == ("unescaped",)
    assert one.context == "See https://example.org/a_b%20~c, now."


# What pandoc writes

RICH = """\
See [the *big* report](https://example.org/a_(b)) and <https://example.org/x_y~z?a=1&b=2#frag>.

An [escaped % x](https://example.org/%D8%AA~x_y?q=100%25&z=1#a_b) and [non-ASCII](https://ru.wikipedia.org/wiki/Хомс_(мухафаза)).

![A picture](https://example.org/i_m.png)

Inline [![thumb](https://example.org/t.png)](https://example.org/linked) and [trailing](https://example.org/v_).

A footnote.[^1] Another.^[Inline see <https://example.org/inl> and [doc](https://example.org/doc).]

[^1]: See [note](https://example.org/note_1).

- item [one](https://example.org/1)

| a | b |
|---|---|
| [cell](https://example.org/c1) | <https://example.org/c2> |

> quote [q](https://example.org/q)

Term
:   def [d](https://example.org/d)

[apos](https://example.org/o'clock?x=it's) [comma](https://maps.example.com/en/2015/1-october,homs,syria)
[star](https://example.org/a*b*c) [plus](https://example.org/a+b++c) <https://maps.example.com/@34.8,36.7,15z>
[twice](https://web.archive.org/web/20160304120000/http://x.example/a__b__c) [mail](mailto:a@example.org)
"""
WRITTEN = [
    ("a_(b)", "the big report", "link"), ("x_y~z?a=1&b=2#frag", None, None),
    ("%D8%AA~x_y?q=100%25&z=1#a_b", "escaped % x", "link"),
    ("https://ru.wikipedia.org/wiki/Хомс_(мухафаза)", "non-ASCII", "link"),
    ("i_m.png", None, "image"), ("t.png", None, "image"), ("linked", None, "link"), ("v_", "trailing", "link"),
    ("inl", None, "footnote"), ("doc", "doc", "footnote"), ("note_1", "note", "footnote"), ("1", "one", "link"),
    ("c1", "cell", "link"), ("c2", None, None), ("q", "q", "link"), ("d", "d", "link"), ("o'clock?x=it's", "apos", "link"),
    ("https://maps.example.com/en/2015/1-october,homs,syria", "comma", "link"), ("a*b*c", "star", "link"),
    ("a+b++c", "plus", "link"), ("https://maps.example.com/@34.8,36.7,15z", None, None),
    ("https://web.archive.org/web/20160304120000/http://x.example/a__b__c", "twice", "link"),
    ("mailto:a@example.org", "mail", "link"),
]  # fmt: skip


@pytest.mark.skipif(not shutil.which("pandoc"), reason="pandoc is not installed")
@pytest.mark.parametrize("to", ["rst", "asciidoc", "org", "mediawiki", "textile", "latex"])
def test_what_pandoc_writes_gives_every_link_under_any_name(to):
    made = subprocess.run(["pandoc", "-f", "markdown", "-t", to], input=RICH.encode(), capture_output=True, check=True)
    document = read_document("report.txt", data=made.stdout)
    assert document.format == to
    assert_places(made.stdout.decode(), document.citations)
    found = {(c.url.removeprefix(U)): c for c in document.citations}
    assert len(found) == len(document.citations)
    assert set(found) == {url for url, _, _ in WRITTEN}
    for url, anchor, role in WRITTEN:
        assert anchor is None or found[url].anchor == anchor, url
        assert role is None or found[url].role == role, url


# What a document is


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("= Title\n\ntext", "asciidoc"),
        ("see https://example.org/[the report]", "asciidoc"),
        ("a.footnote:[b]", "asciidoc"),
        ("image::a.png[b]\n", "asciidoc"),
        ("see `a <https://example.org>`__", "rst"),
        ("Title\n=====\n\n.. note:: a\n", "rst"),
        ("a [1]_\n\n.. [1]\n   b", "rst"),
        ("#+TITLE: a\n", "org"),
        ("* TODO a\n", "org"),
        ("see [[https://example.org][a]]", "org"),
        ("see [https://example.org the report]", "mediawiki"),
        ("<span id='a'></span>\n= A =\n\ntext", "mediawiki"),
        ("a<ref name=b>c</ref>", "mediawiki"),
        ("== A ==\n\n## nested\n", "mediawiki"),
        ('see "a":https://example.org/', "textile"),
        ("h2(#a). Title\n\ntext", "textile"),
        ("\\documentclass{article}", "latex"),
        ("see \\href{https://example.org}{a}", "latex"),
        ("\\section{A}\n", "latex"),
        ("see [a](https://example.org)\n\n\\begin{x}\n", "markdown"),
        ("## A\n\n```\n\\begin{x}\n.. note:: a\n```\n", "markdown"),
        ("{{< video >}}\n\n## A\n", "markdown"),
        ('{"a": "b"}\n\ntext', "markdown"),
        ('{"a": "b"}\n', "json"),
        ('{"a": "b"}\n{"a": "c"}\n', "jsonl"),
        ("<div>\n<p>a</p></div>", "html"),
        ("see https://example.org/a[1] and https://x[.]example.org/b or ?f[]=a https://example.org/?f[ab]=c", "text"),
        ("=====\nTITLE\n=====\n\ntext", "text"),
        ("* done\n* Todo: a\n", "text"),
        ('He said "yes": so', "text"),
        ("see [1] https://example.org [archived]", "text"),
        ("a::\n\n   b", "text"),
        ("50% of {them} \\o/ [ok] | x", "text"),
    ],
)
def test_content_without_a_telling_name(text, expected):
    assert read_document("a.txt", data=text.encode()).format == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.rst", "rst"),
        ("a.adoc", "asciidoc"),
        ("a.org", "org"),
        ("a.wiki", "mediawiki"),
        ("a.textile", "textile"),
        ("a.tex", "latex"),
    ],
)
def test_the_name_decides_where_content_leaves_it_open(name, expected):
    assert read_document(name, data=b"see https://example.org/a").format == expected


# Hostile input

SIZE = 30_000
HOSTILE = {
    "rst": ["`", "`a <", "`` ", "`a <b>`_ ", "|a", "a_ ", ":a", "\\` ", ".. _a\n", ".. a::\n", "::\n\n", "..\n", "__ a\n", "a-b", "   :a: b\n"],
    "adoc": ["[", "{a", "link:", "link:a[", "https://x", "https://x.org/f[", "footnote:[", "image:a[", "pass:[", "+++", "`a ", "----\n", ":a: {a}{a}\n", "|===\n", "\\"],
    "org": ["[[", "[[a][", "[fn::", " =a", "@@html:", "#+begin_src\n", ":a: b\n", "* ", "<a:", "|", "[[\\"],
    "mediawiki": ["{{", "{{a|b=", "[[", "[[File:a|", "[https://x.org", "<ref ", "<pre>", "<!--", "|a a", "'", "{{cite web|title=", "|a-a"],
    "textile": ['"', ' "a', '"a":', "!a(", "!a.b(", "@a", "|a", "bc.. \n\n", "<a ", "<pre>", "[a]", "p(", "\n"],
    "tex": ["\\", "{", "}", "\\url{", "\\href{a}{", "\\footnote{", "\\footnote[", "%", "\\verb|", "\\begin{verbatim}", "\\def\\a{", "\\lstinline[", "\\~{}", "\n\n"],
    "md": ["[[", "^[", "^[a]", "```{note}\na\n```\n", "```{note}\n", "a\n:   b\n\n"],
}  # fmt: skip


@pytest.mark.parametrize(("suffix", "unit"), [(suffix, unit) for suffix, units in HOSTILE.items() for unit in units])
def test_hostile_documents_are_read_in_bounded_time(suffix, unit):
    """A quadratic step would take minutes; half of the text is the unit, so that what must end it is missing."""
    text = (
        "https://example.org/first \n\n" + unit * (SIZE // len(unit)) + "\n\n\\end{verbatim} https://example.org/last "
    )
    before = time.process_time()
    urls = {c.url for c in cites(f"a.{suffix}", text)}
    assert time.process_time() - before < 15  # alone it is one at most
    assert "https://example.org/first" in urls


@pytest.mark.parametrize("suffix", CASES)
def test_every_beginning_of_a_document_is_read(suffix):
    for text, _ in CASES[suffix]:
        text = re.sub(r"U(?=[\d/{]|\n|$|\")", U, text)
        for end in range(0, len(text), 7):
            assert_places(text[:end], cites(f"a.{suffix}", text[:end]))


@pytest.mark.parametrize("suffix", CASES)
def test_bytes_that_are_no_text_do_not_stop_the_reader(suffix):
    citations = cites(f"a.{suffix}", "é Ж".encode() * 50 + b" \xff https://example.org/a \xc3")
    assert [c.url for c in citations] == ["https://example.org/a"]
