"""Corners of each light markup, with what must not be listed: code, comments, versions, file names, addresses of mail."""

from __future__ import annotations

_DECOYS = (
    "Version 1.2.3 of node.js, map.tif, e.g.this, i.e.that, v2.0.1, 10.5.2018, desk@example.org, C:\\data\\a.txt, etc."
)

CORNERS = {
    "markdown/hand-corners.md": f"""Corners of CommonMark
=====================

[plain](⟦https://example.org/plain¦a=plain¦r=link⟧) and [titled](⟦https://example.org/titled¦a=titled¦r=link⟧ "A title, not a URL").
[in angles](<⟦https://example.org/with spaces¦u=https://example.org/with%20spaces¦a=in angles¦r=link⟧>) and
[two
lines](⟦https://example.org/two-lines¦a=two lines¦r=link⟧).
[escaped](⟦https://example.org/a\\_b\\(c¦u=https://example.org/a_b(c¦a=escaped¦r=link⟧) [entity](⟦https://example.org/?a=1&amp;b=2¦u=https://example.org/?a=1&b=2¦a=entity¦r=link⟧)
[a [nested] one](⟦https://example.org/nested¦a=a [nested] one¦r=link⟧), [**bold** and `code`](⟦https://example.org/bold¦a=bold and code¦r=link⟧).
Balanced: [page](⟦https://en.wikipedia.org/wiki/Homs_(city)¦a=page¦r=link⟧), then <⟦https://example.org/auto?x=1&y=2¦r=autolink⟧>.

![A plume](⟦https://img.example.org/plume.jpg¦a=A plume¦r=image⟧ "title") ![local](⟦img/map-1.png¦u=¦a=local¦r=image⟧)
[![thumb](⟦https://img.example.org/thumb.png¦a=thumb¦r=image⟧)](⟦https://example.org/full¦r=link⟧)

Full [by name][Ministry]⟦¦n¦u=https://function.mil.ru/a@egNews¦a=by name¦r=reference⟧, collapsed [vdc][]⟦¦n¦u=http://www.vdc-sy.info/¦a=vdc¦r=reference⟧, shortcut [vdc]⟦¦n¦u=http://www.vdc-sy.info/¦a=vdc¦r=reference⟧.

[ministry]: ⟦https://function.mil.ru/a@egNews¦r=definition⟧ "title"
[VDC]: <⟦http://www.vdc-sy.info/¦r=definition⟧>
[never used]: ⟦https://example.org/unused¦r=definition⟧
    'title on the next line'

A note.[^1] Another.[^long] {_DECOYS}

[^1]: See ⟦https://t.me/example_channel/1¦r=footnote⟧.
[^long]: First paragraph.

    Second, with [a link](⟦https://example.org/in-note¦a=a link¦r=footnote⟧).
[^orphan]: Nobody points here: ⟦https://example.org/orphan¦r=footnote⟧

| place | source |
| --- | --- |
| Homs | [clip](⟦https://youtu.be/KqEtOd5Mypg¦a=clip¦r=link⟧) |
| Idlib | ⟦https://example.org/cell⟧ | 

- [ ] task ⟦https://example.org/task⟧
- [x] ~~⟦https://example.org/struck⟧~~, **⟦https://example.org/strong⟧**, _⟦https://example.org/emph⟧_

> Quoted, ⟦https://example.org/quoted⟧:
> [lazy](⟦https://example.org/lazy¦a=lazy¦r=link⟧)
continued ⟦https://example.org/continued⟧

`https://code.example/span` and

    https://code.example/indented

```text
https://code.example/fenced
[no](https://code.example/fenced-link)
```

<!-- https://comment.example/ [no](https://comment.example/a) -->

<div align="center">
<a href="⟦https://example.org/html?a=1&amp;b=2¦u=https://example.org/html?a=1&b=2¦a=HTML inside¦r=link⟧">HTML inside</a>
<img alt="Frame" src="⟦https://img.example.org/frame.jpg¦a=Frame¦r=image⟧">
</div>

Inline <a href='⟦https://example.org/inline¦a=html¦r=link⟧'>html</a>, <b>⟦https://example.org/in-b⟧</b>, and a line break  
⟦https://example.org/after-break⟧\\
⟦www.example.org/no-scheme¦u=http://www.example.org/no-scheme⟧
""",
    "markdown/hand-front-yaml.md": """---
title: "The ministry's site"
source: ⟦https://function.mil.ru/news_page/intrel/more.htm?id=12121964%40egNews¦r=front-matter⟧
image: ⟦/assets/map.png¦u=¦r=front-matter⟧
version: 1.2.3
date: 2018-10-31T11:05:18.055Z
links:
  - name: archive
    url: "⟦https://web.archive.org/web/2016/http://mil.ru/¦r=front-matter⟧"
  - {name: post, url: '⟦https://vk.com/wall-1_2¦r=front-matter⟧'}
summary: >
  Folded text with
  ⟦https://example.org/folded¦r=front-matter⟧ in it.
# a comment: https://comment.example/front
---

The body cites [one more](⟦https://example.org/body¦a=one more¦r=link⟧).
""",
    "markdown/hugo-front-toml.md": """+++
title = "Отчёт"
source = "⟦https://example.org/toml?a=1&b=2¦r=front-matter⟧"
tags = ["mil.ru-site", "1.2.3"]
[params]
links = ["⟦https://t.me/example/1¦r=front-matter⟧", '⟦https://t.me/example/2¦r=front-matter⟧']
# https://comment.example/toml
+++

Текст: ⟦https://example.org/после⟧.
""",
    "markdown/hugo-front-json.md": """{
  "title": "Report",
  "source": "⟦https://example.org/json-front¦r=front-matter⟧",
  "links": ["⟦https://t.me/example/3¦r=front-matter⟧"]
}

The body has [a link](⟦https://example.org/json-body¦a=a link¦r=link⟧).
""",
    "markdown/notes-lists.md": """Term
: Defined at ⟦https://example.org/defined⟧
: and [again](⟦https://example.org/defined-again¦a=again¦r=link⟧)

1. First ⟦https://example.org/1⟧,⟦https://example.org/1b⟧
   1. Deeper [two](⟦https://example.org/2¦a=two¦r=link⟧)

      ⟦https://example.org/3⟧

      ```sh
      curl https://code.example/nested
      ```
2. [[Wiki page]] and [[Other page|shown]], no sources.

<details><summary>More</summary>

[folded](⟦https://example.org/folded-in-details¦a=folded¦r=link⟧)

</details>

Defanged: ⟦hxxps://bad[.]example[.]org/payload¦u=https://bad.example.org/payload¦r=text⟧. Shown cut: [long](⟦https://example.org/long/path¦a=long¦r=link⟧).
Glued VK:⟦https://vk.com/wall-1_3⟧ and (⟦https://vk.com/wall-1_4⟧), "⟦https://vk.com/wall-1_5⟧"; «⟦https://vk.com/wall-1_6⟧».
Without a scheme: ⟦vk.com/wall-1_7¦u=http://vk.com/wall-1_7¦r=bare-domain⟧ and ⟦t.me/example/8¦u=http://t.me/example/8¦r=bare-domain⟧.
Write to <desk@example.org>.
""",
    "text/hand-corners.txt": f"""Sources

[1] ⟦https://example.org/one⟧
[2] ⟦https://example.org/two⟧; ⟦https://example.org/two-b⟧
3) <⟦https://example.org/three⟧>
4. "⟦https://example.org/four⟧", '⟦https://example.org/four-b⟧', (⟦https://example.org/four-c⟧).
5. ⟦www.example.org/five¦u=http://www.example.org/five⟧ and ⟦WWW.EXAMPLE.ORG/six¦u=http://WWW.EXAMPLE.ORG/six⟧
6. ⟦vk.com/wall-1_2¦u=http://vk.com/wall-1_2¦r=bare-domain⟧ | ⟦t.me/example/4¦u=http://t.me/example/4¦r=bare-domain⟧ | ⟦docs.google.com/document/d/1x/edit¦u=http://docs.google.com/document/d/1x/edit¦r=bare-domain⟧
7. ⟦https://user:secret@example.org:8443/login?next=/a⟧
8. ⟦http://[2001:db8::1]:8080/status⟧ ⟦http://192.0.2.7/cam⟧
9. ⟦https://example.org/%D8%A7?x=%40egNews#top⟧...
10. ⟦https://archive.today/newest/http://example.com/⟧
11. ⟦hxxp://bad[.]example/drop.exe¦u=http://bad.example/drop.exe⟧
12. ⟦https://example.org/a\u200bb¦u=https://example.org/ab⟧ has an invisible space
13. источник⟦https://example.org/glued⟧
14. ⟦ftp://ftp.example.org/pub/⟧ and ⟦magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a¦r=text⟧

{_DECOYS}
Call 555-01-23, ratio 3:1, time 10:15, 1.5km, www, http, https://
foo.bar(), module.py, README.md, archive.zip, a.b.c, 192.168.1, Mr.Smith? No.
""",
    "text/hand-list.txt": """⟦https://www.youtube.com/watch?v=qblmOvkV9KM⟧
⟦https://www.youtube.com/watch?v=qblmOvkV9KM⟧
⟦http://example.org⟧
⟦https://example.org/⟧
⟦https://t.me/example_channel/44?single⟧
""",
    "rst/hand-corners.rst": """.. This is a comment, https://comment.example/one
   and its second line https://comment.example/two

.. _ministry: ⟦https://function.mil.ru/a@egNews¦r=definition⟧
.. _The Archive: ⟦https://web.archive.org/web/2016/http://mil.ru/¦r=definition⟧
.. _never used: ⟦https://example.org/unused¦r=definition⟧

=======
Corners
=======

:Source: ⟦https://example.org/field⟧
:Version: 1.2.3

The ministry_⟦¦n¦u=https://function.mil.ru/a@egNews¦a=ministry¦r=reference⟧ and `The Archive`_⟦¦n¦u=https://web.archive.org/web/2016/http://mil.ru/¦a=The Archive¦r=reference⟧ say so.
An `embedded one <⟦https://example.org/embedded¦a=embedded one¦r=link⟧>`_, an anonymous__⟦¦n¦u=https://example.org/anonymous¦a=anonymous¦r=reference⟧ one,
a bare ⟦https://example.org/bare⟧. And (⟦https://en.wikipedia.org/wiki/Homs_(city)⟧), <⟦https://example.org/angle⟧>.

__ ⟦https://example.org/anonymous¦r=definition⟧

A `broken over
lines <⟦https://example.org/broken¦a=broken over lines¦r=link⟧>`__ link.

``https://code.example/literal`` and::

   https://code.example/block

.. code-block:: sh

   curl https://code.example/directive

.. image:: ⟦https://img.example.org/plume.jpg¦a=A plume¦r=image⟧
   :alt: A plume
   :target: ⟦https://example.org/full¦r=link⟧

.. figure:: ⟦https://img.example.org/map.png¦r=image⟧

   The caption cites ⟦https://example.org/caption⟧.

A footnote [1]_, a citation [VDC2015]_.

.. [1] See ⟦https://t.me/example_channel/1¦r=footnote⟧.
.. [VDC2015] ⟦http://www.vdc-sy.info/pdf/reports/1444252328-Arabic.pdf¦r=footnote⟧

.. |logo| image:: ⟦https://img.example.org/logo.png¦r=image⟧

.. note:: Inside ⟦https://example.org/note⟧.

* item `with link <⟦https://example.org/item¦a=with link¦r=link⟧>`_
* me@example.org, node.js, 1.2.3

+--------+------------------------------+
| Homs   | ⟦https://example.org/grid⟧     |
+--------+------------------------------+
""",
    "asciidoc/hand-corners.adoc": """= Corners
:source: ⟦https://example.org/attribute¦o⟧
:version: 1.2.3
// a comment https://comment.example/line

////
https://comment.example/block
////

Plain ⟦https://example.org/plain⟧, shown ⟦https://example.org/shown¦a=shown¦r=link⟧[shown], in a window ⟦https://example.org/window¦a=in a window¦r=link⟧[in a window,window=_blank].
Macro link:⟦https://example.org/macro¦a=macro¦r=link⟧[macro], relative link:⟦docs/annex.html¦u=¦a=annex¦r=link⟧[annex], caret ⟦https://example.org/caret¦a=caret¦r=link⟧[caret^].
Angles <⟦https://example.org/angle¦r=autolink⟧>, passed link:++⟦https://example.org/?a=[b]&c=__d__¦a=passed¦r=link⟧++[passed].
Empty ⟦https://example.org/empty¦r=link⟧[], quoted ⟦https://example.org/quoted¦a=has, comma¦r=link⟧["has, comma"].
A note.footnote:[See ⟦https://example.org/note¦r=footnote⟧ for it.] Another.footnote:[Or ⟦https://example.org/note2¦a=this¦r=footnote⟧[this].]

image::⟦https://img.example.org/plume.jpg¦a=A plume¦r=image⟧[A plume]

image:⟦https://img.example.org/icon.png¦a=icon¦r=image⟧[icon] inline.

`https://code.example/mono`

----
https://code.example/listing
----

....
https://code.example/literal
....

[source,sh]
----
curl https://code.example/source
----

|===
|Homs |⟦https://example.org/cell⟧
|Idlib |⟦https://example.org/cell2¦a=clip¦r=link⟧[clip]
|===

[quote, Report, ⟦https://example.org/cited¦o⟧]
____
Said at ⟦https://example.org/in-quote⟧.
____

* item ⟦https://example.org/item⟧
** deeper ⟦https://example.org/deeper¦a=deeper¦r=link⟧[deeper]

TIP: ⟦https://example.org/tip⟧ and me@example.org, node.js, 1.2.3.
""",
    "org/hand-corners.org": """#+TITLE: Corners
#+SOURCE: ⟦https://example.org/keyword¦o⟧
# a comment https://comment.example/line

* Heading with ⟦https://example.org/heading⟧
:PROPERTIES:
:SOURCE: ⟦https://example.org/property⟧
:END:

[[⟦https://example.org/described¦a=described¦r=link⟧][described]], [[⟦https://example.org/undescribed¦r=link⟧]], <⟦https://example.org/angle¦r=autolink⟧>, ⟦https://example.org/plain⟧.
[[#internal][inside]] [[Heading]] =https://code.example/verbatim= ~https://code.example/code~
[[⟦https://img.example.org/plume.jpg¦r=image⟧]] [[⟦https://example.org/full¦r=link⟧][⟦https://img.example.org/thumb.png¦r=image⟧]]

#+begin_src sh
curl https://code.example/src
#+end_src

#+begin_example
https://code.example/example
#+end_example

#+begin_comment
https://comment.example/block
#+end_comment

: https://code.example/fixed

#+begin_quote
Said at ⟦https://example.org/quote⟧
#+end_quote

| Homs  | [[⟦https://example.org/cell¦a=clip¦r=link⟧][clip]] |
| Idlib | ⟦https://example.org/cell2⟧ |

- a list :: ⟦https://example.org/item⟧
- Footnote [fn:1] and inline [fn:: ⟦https://example.org/inline-note¦r=footnote⟧].

[fn:1] See ⟦https://t.me/example_channel/1¦r=footnote⟧.
me@example.org, node.js, 1.2.3
""",
    "mediawiki/hand-corners.wiki": """{{Short description|Corners}}
'''Corners'''<ref>{{cite web |url=⟦https://example.org/cite?a=1&b=2⟧ |title=A page |archive-url=⟦https://web.archive.org/web/2016/https://example.org/cite¦⟧ |archive-date=2016}}</ref> of the markup.<ref name="b">[⟦https://example.org/ref¦a=A reference¦r=footnote⟧ A reference]</ref><ref name="b"/>
<!-- https://comment.example/ [https://comment.example/a b] -->
* [⟦https://example.org/shown¦a=shown text¦r=link⟧ shown text], [⟦https://example.org/numbered¦r=link⟧], ⟦https://example.org/bare⟧.
* [⟦//example.org/relative-scheme¦u=https://example.org/relative-scheme¦a=without scheme¦r=link⟧ without scheme]
* [[Homs]], [[Homs|the city]], [[File:Plume.jpg|thumb|A plume, see [⟦https://example.org/caption¦a=caption¦r=link⟧ caption]]]
* [⟦https://example.org/styled¦a=bold anchor¦r=link⟧ '''bold''' anchor] and ''⟦https://example.org/italic⟧''
* <nowiki>[https://code.example/nowiki x]</nowiki> <code><nowiki>https://code.example/code</nowiki></code>
<pre>
https://code.example/pre
</pre>
<syntaxhighlight lang="sh">
curl https://code.example/highlight
</syntaxhighlight>
{| class="wikitable"
! Place !! Source
|-
| Homs || [⟦https://example.org/cell¦a=clip¦r=link⟧ clip]
|-
| Idlib || ⟦https://example.org/cell2⟧
|}
See ⟦https://en.wikipedia.org/wiki/Homs_(city)⟧ and (⟦https://example.org/parens⟧).
{{webarchive |url=⟦https://web.archive.org/web/2015/http://mil.ru/⟧ |date=2015}}
me@example.org, node.js, 1.2.3
[[Category:Corners]]
""",
    "textile/hand-corners.textile": """h1. Corners

A "link":⟦https://example.org/link¦a=link¦r=link⟧, a "titled one(the title)":⟦https://example.org/titled¦a=titled one¦r=link⟧. A ["bracketed":⟦https://example.org/bracketed¦a=bracketed¦r=link⟧]one.
Bare ⟦https://example.org/bare⟧, and ("in parens":⟦https://example.org/parens¦a=in parens¦r=link⟧).

!⟦https://img.example.org/plume.jpg¦a=A plume¦r=image⟧(A plume)!

!⟦https://img.example.org/thumb.png¦r=image⟧!:⟦https://example.org/full¦r=link⟧

By "alias":vdc⟦¦n¦u=http://www.vdc-sy.info/¦a=alias¦r=reference⟧ it goes.

[vdc]⟦http://www.vdc-sy.info/¦r=definition⟧

A note[1].

fn1. See ⟦https://t.me/example_channel/1¦r=footnote⟧.

|_. Place |_. Source |
| Homs | "clip":⟦https://example.org/cell¦a=clip¦r=link⟧ |
| Idlib | ⟦https://example.org/cell2⟧ |

* item "with *bold*":⟦https://example.org/bold¦a=with bold¦r=link⟧
* @https://code.example/span@

bc. https://code.example/block

pre. https://code.example/pre

bq.:⟦https://example.org/cited¦r=cite⟧ Quoted from there.

<a href="⟦https://example.org/html¦a=HTML¦r=link⟧">HTML</a>, me@example.org, node.js, 1.2.3

###. A comment https://comment.example/textile
""",
    "latex/hand-corners.tex": r"""\documentclass[a4paper]{article} % https://comment.example/class
\usepackage[colorlinks=true,urlcolor=blue]{hyperref}
\newcommand{\site}{⟦https://example.org/macro¦o⟧}
\begin{document}
\section{Corners}
\url{⟦https://example.org/url?a=1&b=2%20c#d¦r=link⟧}, \nolinkurl{⟦https://example.org/nolink⟧},
\href{⟦https://example.org/href¦a=shown text¦r=link⟧}{shown \textbf{text}}, \href[pdfnewwindow]{⟦https://example.org/option¦a=option¦r=link⟧}{option}.
\href{⟦https://example.org/a\_b\#c\&d\%20e¦u=https://example.org/a_b#c&d%20e¦a=escaped¦r=link⟧}{escaped},
\href{⟦https://example.org/two¦a=two lines¦r=link⟧}{two
lines} and \url|⟦https://example.org/delimited¦r=link⟧|.
A note.\footnote{See \url{⟦https://example.org/note¦r=footnote⟧}.} Bare ⟦https://example.org/bare⟧.
A rate of 5\,\% in \texttt{node.js} 1.2.3, \href{mailto:desk@example.org}{mail}. 50\% % https://comment.example/tail
\begin{verbatim}
https://code.example/verbatim
\end{verbatim}
\begin{lstlisting}
curl https://code.example/listing
\end{lstlisting}
\verb|https://code.example/verb|
\begin{comment}
https://comment.example/environment
\end{comment}
\begin{thebibliography}{9}
\bibitem{vdc} Report. \url{⟦http://www.vdc-sy.info/pdf/reports/1444252328-Arabic.pdf¦r=bibliography⟧}
\bibitem{arch} Archived: \href{⟦https://web.archive.org/web/2016/http://mil.ru/¦a=capture¦r=bibliography⟧}{capture}
\end{thebibliography}
\end{document}
""",
}
CORNERS = {name: text.replace("¦⟧", "⟧") for name, text in CORNERS.items()}
