"""sources.txt: kept by a person and by `extract` together, and neither loses what the other wrote."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preserve import sources
from preserve.documents import Document, read_document
from preserve.documents.url import identity
from preserve.errors import StorageError, UsageError

SHA = "sha256:" + "0" * 64


def report(text: str, name: str = "report.md", base_url: str = "") -> Document:
    return read_document(name, data=text.encode(), base_url=base_url)


def lower(text: str) -> list[str]:
    """The lines under %extracted, without the %document ones."""
    below = text.partition("%extracted\n")[2].split("\n")
    return [line for line in below if line and not line.startswith("%")]


A = report("[a](http://x.org/a)")
B = report("[a](http://x.org/a)\n[b](http://x.org/b)")


def test_a_new_file_says_what_the_report_says():
    text = sources.merge(
        "", [report("[one](http://x.org/a)\n![p](/p.png)\n[two](http://x.org/a) ftp://x.org/f [m](mailto:a@x.org)")]
    )
    digest = report(
        "[one](http://x.org/a)\n![p](/p.png)\n[two](http://x.org/a) ftp://x.org/f [m](mailto:a@x.org)"
    ).sha256
    assert text == (
        "# preserve sources 1\n\n%extracted\n\n"
        f"%document report.md sha256:{digest}\n"
        '  http://x.org/a  # :1 "one"; :3 "two"\n'
        '? /p.png  # :2 image "p"\n'
        "? ftp://x.org/f  # :3\n"
    )
    assert sources.active(text) == ["http://x.org/a"]


def test_the_file_of_the_project_is_that_of_its_sample_report():
    project = Path(__file__).parents[2]
    name = "documents/russian-air-operation.md"
    document = read_document(project / name, name=name)
    text = sources.load(project / "sources.txt")
    assert sources.merge(text, [document]) == text
    assert len(sources.active(text)) == 12


def test_a_file_of_bare_urls_is_valid():
    text = "http://x.org/a\n\nhttps://y.org/#b # mine\nhttp://X.org/a\n"
    assert sources.active(text) == ["http://x.org/a", "https://y.org/#b"]
    assert sources.parse(text).problems == ()
    assert sources.merge(text, []) == text
    assert sources.merge(text, [A]).startswith(text + "\n%extracted\n")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("http://x.org/a#b", ["http://x.org/a#b"]),
        ("  http://x.org/a   # c | d", ["http://x.org/a"]),
        ("- http://x.org/a\n? http://x.org/b\n~ http://x.org/c", ["http://x.org/c"]),
        ("- http://x.org/a\n%extracted\n%document d sha256:0\n  http://x.org/a  # :1", []),
        ("%extracted\n%document d sha256:0\n- http://x.org/a  # :1\n%document e sha256:0\n  http://x.org/a  # :1", ["http://x.org/a"]),
        ("%base https://x.org/r/\n/a.png\nb?c", ["https://x.org/a.png", "https://x.org/r/b?c"]),
        ("http://x.org/@a\nhttp://x.org/%40a", ["http://x.org/@a", "http://x.org/%40a"]),
        ("\ufeffhttp://x.org/a\r\nhttp://x.org/b\r\n", ["http://x.org/a", "http://x.org/b"]),
        ("http://x.org/a|b # c", ["http://x.org/a|b"]),
        ("# http://x.org/a", []),
    ],
)  # fmt: skip
def test_active_are_the_unmarked_and_the_no_longer_cited(lines, expected):
    assert sources.active(lines) == expected
    assert sources.parse(lines).problems == ()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("example.org/a", "without scheme"),
        ("http://x.org/a and more", "more than a URL"),
        ("http://[bad/", "malformed"),
        ("%unknown", "directive"),
        ("%base nonsense", "directive"),
        ("%document d sha256:0", "directive"),
    ],
)
def test_what_cannot_be_understood_is_kept_and_reported(line, said):
    text = f"http://x.org/1\n{line}\nhttp://x.org/2\n"
    (problem,) = sources.parse(text).problems
    assert problem.startswith("line 2: ") and said in problem
    assert sources.active(text) == ["http://x.org/1", "http://x.org/2"]
    assert sources.merge(text, [A]).startswith(text)


def test_a_file_of_a_newer_version_is_refused():
    with pytest.raises(UsageError, match="version 2"):
        sources.parse("# preserve sources 2\nhttp://x.org/a\n")


# Merging


def test_marks_and_comments_of_a_person_survive():
    text = sources.merge("", [B]).replace(
        '  http://x.org/a  # :1 "a"', '- http://x.org/a  # :1 "a" | an advertisement | really'
    )
    text = text.replace('  http://x.org/b  # :2 "b"', "  http://x.org/b # my note")
    merged = sources.merge(text, [report("\n\n[x](http://x.org/b) [y](http://x.org/a)")])
    assert lower(merged) == [
        '  http://x.org/b  # :3 "x" | my note',
        '- http://x.org/a  # :3 "y" | an advertisement | really',
    ]


def test_what_is_no_longer_cited_stays_preserved_and_what_was_ignored_stays_ignored():
    text = sources.merge("", [B]).replace("  http://x.org/a", "- http://x.org/a")
    gone = sources.merge(text, [report("nothing")])
    said = f"# no longer cited since sha256:{report('nothing').sha256[:12]}"
    assert lower(gone) == [f"- http://x.org/a  {said}", f"~ http://x.org/b  {said}"]
    assert sources.active(gone) == ["http://x.org/b"]
    assert lower(sources.merge(gone, [B])) == ['- http://x.org/a  # :1 "a"', '  http://x.org/b  # :2 "b"']


def test_a_question_that_is_no_longer_cited_does_not_become_a_source():
    text = sources.merge("", [report("hxxp://x[.]org/a")])
    assert lower(text) == ["? http://x.org/a  # :1"]
    assert lower(sources.merge(text, [report("none")]))[0].startswith("? http://x.org/a  # no longer")


def test_only_the_documents_of_this_merge_are_touched():
    other = report("[c](http://x.org/c)", "other.md")
    text = sources.merge("", [A, other])
    merged = sources.merge(text, [report("nothing")])
    assert merged.partition("%document other.md")[2] == text.partition("%document other.md")[2]
    assert merged != text


def test_a_url_of_the_hand_part_is_not_added_below():
    merged = sources.merge("http://x.org/a # mine\n", [B])
    assert lower(merged) == ['  http://x.org/b  # :2 "b"']
    assert lower(sources.merge(merged.replace("http://x.org/a # mine\n", ""), [B])) == [
        '  http://x.org/a  # :1 "a"',
        '  http://x.org/b  # :2 "b"',
    ]


def test_a_url_edited_by_hand_moves_up_and_the_cited_one_is_ignored():
    text = sources.merge("", [B]).replace('  http://x.org/a  # :1 "a"', '  http://x.org/better  # :1 "a" | typo')
    merged = sources.merge(text, [B])
    assert merged.startswith("# preserve sources 1\nhttp://x.org/better  # typo\n\n%extracted\n")
    assert lower(merged) == ['- http://x.org/a  # :1 "a" | -> http://x.org/better; typo', '  http://x.org/b  # :2 "b"']
    assert sources.active(merged) == ["http://x.org/better", "http://x.org/b"]
    assert sources.merge(merged, [B]) == merged


def test_a_url_edited_in_the_document_is_no_edit_of_the_file():
    merged = sources.merge(sources.merge("", [A]), [report("[a](http://x.org/new)")])
    assert sources.active(merged) == ["http://x.org/new", "http://x.org/a"] or sources.active(merged) == [
        "http://x.org/a",
        "http://x.org/new",
    ]
    assert sorted(line[0] for line in lower(merged)) == [" ", "~"]


def test_a_base_turns_questions_into_sources_and_keeps_their_comments():
    text = sources.merge("", [report("![p](/p.png)\n![q](/q.png)")])
    text = text.replace('? /p.png  # :1 image "p"', '- /p.png  # :1 image "p" | a logo').replace(
        'image "q"', 'image "q" | map'
    )
    merged = sources.merge(text, [report("![p](/p.png)\n![q](/q.png)", base_url="https://x.org/")])
    assert lower(merged) == [
        '- https://x.org/p.png  # :1 image "p" | a logo',
        '  https://x.org/q.png  # :2 image "q" | map',
    ]
    moved = sources.merge(merged, [report("![p](/p.png)\n![q](/q.png)", base_url="https://y.org/")])
    assert {"https://y.org/q.png", "https://x.org/q.png"} <= set(sources.active(moved))


def test_lines_of_a_person_below_stay_where_they_are():
    text = sources.merge("", [B]).replace('"a"\n', '"a"\n# a remark\nhttp://x.org/mine\n???\n')
    merged = sources.merge(text, [report("[0](http://x.org/0)\n[a](http://x.org/a)\n[b](http://x.org/b)")])
    assert lower(merged) == [
        '  http://x.org/0  # :1 "0"',
        '  http://x.org/a  # :2 "a"',
        "# a remark",
        "http://x.org/mine",
        "???",
        '  http://x.org/b  # :3 "b"',
    ]


def test_a_source_cited_often_names_the_first_places():
    assert lower(sources.merge("", [report("<http://x.org/a>\n" * 9)])) == ["  http://x.org/a  # " + "; ".join(
        f':{n} "http://x.org/a"' for n in range(1, 6)) + "; and 4 more"]  # fmt: skip


@pytest.mark.parametrize("anchor", [
    "a\u2028b", "a | b", 'a "b" c', "a # b", "x" * 500, "a\u202eb", "a\tb", "; and 3 more", "%extracted", "\x85\x1b[31m",
])  # fmt: skip
@pytest.mark.parametrize("name", ["report.md", "my report.md", "a\nb.md", " a ", "50%2Fb", "a\udcff", "x sha256:00"])
def test_no_anchor_and_no_name_breaks_a_line(anchor, name):
    document = report(f"[{anchor}](http://x.org/a)\n[b](http://x.org/b)", name)
    text = sources.merge("http://x.org/hand\n", [document])
    assert len(lower(text)) == 2 and text.count("\n") == 7
    assert sources.active(text) == ["http://x.org/hand", "http://x.org/a", "http://x.org/b"]
    assert sources.merge(text, [document]) == text
    assert sources.parse(text).problems == ()


def test_no_url_breaks_a_line():
    document = report("[a](<http://x.org/a # b\u2028\u00a0c|d>) [b](<#x>) [c](<- x.png>) [d](<%extracted>)")
    text = sources.merge("", [document])
    assert sources.active(text) == ["http://x.org/a%20#%20b%E2%80%A8%C2%A0c|d"]
    assert sources.merge(text, [document]) == text


def test_lines_that_end_as_on_windows_survive():
    text = sources.merge("", [B]).replace('"a"', '"a" | note').replace("\n", "\r\n")
    merged = sources.merge(text, [B])
    assert '  http://x.org/a  # :1 "a" | note\n' in merged
    assert sources.merge(merged, [B]) == merged


WORDS = st.text(st.sampled_from('ab|#"%;:~?- é\u2028\t'), max_size=8)
URLS = st.sampled_from(
    [f"http://x.org/{n}" for n in "abcdef"] + ["http://x.org/@", "http://x.org/%40", "/p.png", "/q.png"]
)
REPORTS = st.lists(st.tuples(URLS, WORDS), max_size=6).map(
    lambda c: "\n".join(f"[{w.replace(chr(9), '')}]({u})" for u, w in c)
)
HAND = st.lists(
    st.one_of(URLS.map(lambda u: "http:" + u if u[0] == "/" else u), WORDS, st.just("%base http://x.org/")), max_size=4
)
EDITS = st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["-", "?", "~", " "]), WORDS), max_size=4)


def edited(text: str, edits) -> str:
    """What a person may do below: another mark, a comment after the bar."""
    lines = text.split("\n")
    for at, mark, words in edits:
        line = lines[at % len(lines)]
        if re.match(r"[ ?~-] \S+  # :[^|]*$", line):
            lines[at % len(lines)] = f"{mark}{line[1:]} |{words}"
    return "\n".join(lines)


@given(st.lists(REPORTS, min_size=1, max_size=3), HAND, EDITS)
def test_merging_again_changes_nothing_and_nothing_is_ever_lost(texts, hand, edits):
    text = "".join(line + "\n" for line in hand)
    for step, content in enumerate(texts):
        document = report(content, f"{step % 2}.md")
        before = text
        text = sources.merge(before, [document])
        assert sources.merge(text, [document]) == text
        assert text.startswith(before.partition("%extracted")[0].rstrip("\n"))
        was, now = sources.parse(before), sources.parse(text)
        urls = {line.url for line in now.lines if line.url}
        assert {line.url for line in was.lines if line.url} <= urls
        comments = [line.theirs for line in now.lines if line.theirs]
        for line in was.lines:
            assert not line.theirs or any(line.theirs in comment for comment in comments)
            assert line.url or line.raw in {other.raw for other in now.lines}
        assert set(map(identity, sources.active(before))) <= set(map(identity, sources.active(text)))
        cited = {c.key for c in document.citations if c.fetchable}
        ignored = {identity(line.url) for line in now.lines if line.mark in "-?"}
        assert cited <= set(map(identity, sources.active(text))) | ignored
        text = edited(text, edits)


@given(EDITS)
def test_marks_survive_as_long_as_the_source_is_cited(edits):
    document = report("\n".join(f"[{n}](http://x.org/{n})" for n in "abcdefgh"))
    text = edited(sources.merge("", [document]), edits)
    merged = sources.merge(text, [document])
    for before, after in zip(sources.parse(text).lines, sources.parse(merged).lines, strict=True):
        assert (before.url, before.theirs) == (after.url, after.theirs)
        assert after.mark == (" " if before.mark == "~" else before.mark)


@given(st.text(st.sampled_from('%extracdoumn \n#|?~-:/.hx\r"1'), max_size=80))
def test_any_text_can_be_parsed_and_rendered_back(text):
    assert sources.render(sources.parse(text)) == (text if text.endswith("\n") or not text else text + "\n")
    merged = sources.merge(text, [A])
    assert sources.merge(merged, [A]) == merged
    assert "http://x.org/a" in merged


# The file itself


def test_save_is_atomic_durable_and_idle_when_nothing_changes(tmp_path, monkeypatch):
    path = tmp_path / "sources.txt"
    assert sources.load(path) == ""
    assert sources.save(path, "é\n") is True
    os.chmod(path, 0o640)
    before = path.stat()
    assert sources.save(path, "é\n") is False and path.stat() == before
    assert sources.save(path, "b\n") is True
    assert sources.load(path) == "b\n" and stat.S_IMODE(path.stat().st_mode) == 0o640
    synced = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(stat.S_ISDIR(os.fstat(handle).st_mode)))
    sources.save(path, "c\n")
    assert synced == [False, True]  # the content before the name can be seen
    assert [entry.name for entry in tmp_path.iterdir()] == ["sources.txt"]


def test_a_failed_save_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "sources.txt"
    sources.save(path, "a\n")

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space"):
        sources.save(path, "b\n")
    assert sources.load(path) == "a\n" and len(list(tmp_path.iterdir())) == 1


def test_save_follows_a_link(tmp_path):
    (tmp_path / "real.txt").write_text("a\n")
    (tmp_path / "sources.txt").symlink_to("real.txt")
    sources.save(tmp_path / "sources.txt", "b\n")
    assert (tmp_path / "sources.txt").is_symlink() and (tmp_path / "real.txt").read_text() == "b\n"


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "sources.txt").write_bytes(b"http://x.org\nhttp://x.org/\xff\n")
    with pytest.raises(UsageError, match="not UTF-8 in line 2"):
        sources.load(tmp_path / "sources.txt")
    with pytest.raises(UsageError, match="cannot be read"):
        sources.load(tmp_path)


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "10.1.2.3", "[::1]", "169.254.169.254", "x.localhost"])
def test_what_only_this_machine_reaches_is_a_question(host):
    document = report(f"[a](http://{host}/a)")
    assert lower(sources.merge("", [document])) == [f'? http://{host}/a  # :1 "a"']
    assert lower(sources.merge("", [document], allow_private=True)) == [f'  http://{host}/a  # :1 "a"']


def test_what_a_citation_leads_to_is_preserved_beside_it():
    cited, original = "https://web.archive.org/web/2015/http://x.org/a", "http://x.org/a"
    raw = "https://web.archive.org/web/2015id_/http://x.org/a"
    document = report(f"[a]({cited})")
    first = sources.merge("", [document])
    assert lower(first) == [
        f'  {cited}  # :1 "a"',
        f'  {original}  # :1 archived-original "a"',
        f'  {raw}  # :1 archived-raw "a"',
    ]
    assert sources.merge(first, [document]) == first and sources.active(first) == [cited, original, raw]
    hidden = lower(sources.merge("", [report("https://vk.com/away.php?to=http%3A%2F%2F10.0.0.1%2F")]))
    assert hidden[1] == "? http://10.0.0.1/  # :1 wrapper-target"
    guessed = lower(sources.merge("", [report("hxxps://web[.]archive[.]org/web/2015/http://x.org/a")]))
    assert guessed and all(line.startswith("? ") for line in guessed)
