"""Who waits for a film: a platform is asked for one after the other, with rests; a site that only shows one goes on."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tests.universe import Universe
from tests.universe.filming import MEDIA_HOSTS, TUBE, VK, WALL
from tests.universe.hosts import films
from tests.universe.working import at

QUIET = "[video]\naccess_copy = false\nsubtitles = false\n"


def test_the_pages_of_a_site_do_not_wait_for_a_film_that_one_of_them_shows(tmp_path: Path, universe: Universe) -> None:
    folder = at(universe, tmp_path / "work", QUIET)
    folder.cite(films.url("/embed"), films.url("/none"))
    universe.fault(MEDIA_HOSTS[0], "drip", path="/videoplayback", step=1000, interval=0.1)  # a film in 1.6 s
    done = folder.run()
    assert done.code == 0
    assert list(done.captures) == [films.url("/none"), films.url("/embed")]
    assert done.captures[films.url("/embed")]["media"]


@pytest.mark.parametrize(
    ("first", "then"), [(f"{TUBE}qblmOvkV9KM", f"{TUBE}onefile-000"), (WALL, f"{VK}1009")], ids=["film", "post"]
)
def test_a_platform_is_asked_for_the_next_film_when_it_has_given_all_of_the_first(
    tmp_path: Path, universe: Universe, first: str, then: str
) -> None:
    folder = at(universe, tmp_path / "work", QUIET)
    folder.cite(first, then)
    assert folder.run().code in (0, 3)
    last = max(one.number for one in universe.log if one.host in MEDIA_HOSTS and not asks_for(one.target, then))
    begun = min(one.number for one in universe.log if asks_for(one.target, then))
    assert last < begun, "the last bytes of the first, and then the page of the second"


def asks_for(target: str, source: str) -> bool:
    return source.partition("v=")[2] in target if "v=" in source else source.rpartition("_")[2] in target


def test_a_platform_has_its_rest_between_two_films(tmp_path: Path, universe: Universe) -> None:
    """Five delays, reckoned from the last request of the film, not from the copy that is made of it."""
    folder = at(universe, tmp_path / "work", f'{QUIET}[host."*.youtube.com"]\ndelay = 0.3\n')
    folder.cite(f"{TUBE}qblmOvkV9KM", f"{TUBE}onefile-000")
    assert folder.run().code == 0
    first, second = folder.entry(f"{TUBE}qblmOvkV9KM"), folder.entry(f"{TUBE}onefile-000")
    rested = moment(second["hops"][0]["started"]) - moment(first["hops"][-1]["ended"])
    assert rested >= 1.4


def moment(written: str) -> float:
    return datetime.fromisoformat(written).timestamp()
