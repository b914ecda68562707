"""Where a client stands: what is new, and from where it would resume."""

from circles_client.progress import Progress


def test_what_comes_twice_is_taken_once() -> None:
    progress = Progress("e1-4")
    assert [progress.takes(f"e1-{n}") for n in (4, 5, 3, 5, 6)] == [False, True, False, False, True]
    assert progress.given == "e1-6"


def test_an_entry_of_another_store_is_new_whatever_its_number() -> None:
    progress = Progress("e1-40")
    assert progress.takes("e2-1")


def test_a_cursor_of_a_form_unheard_of_is_taken_and_kept() -> None:
    progress = Progress("e1-40")
    assert progress.takes("v2:abc")
    assert progress.given == "v2:abc"


def test_a_first_stream_cut_before_its_reset_starts_anew() -> None:
    progress = Progress()
    progress.begins("e1-900", newest="e1-900")
    assert progress.given is None
    progress.restarts("e1-900")
    assert progress.given == "e1-900"


def test_a_first_stream_resumes_from_its_start_once_it_goes_on() -> None:
    progress = Progress()
    progress.begins("e1-9", newest="e1-9")
    progress.goes_on()
    assert progress.given == "e1-9"


def test_a_first_stream_with_entries_to_come_resumes_from_its_start_at_once() -> None:
    progress = Progress()
    progress.begins("e1-4", newest="e1-9")
    assert progress.given == "e1-4"


def test_a_start_elsewhere_moves_nobody_who_has_a_place() -> None:
    progress = Progress("e1-4")
    progress.begins("e2-90", newest="e2-90")
    progress.goes_on()
    assert progress.given == "e1-4"


def test_entries_told_of_twice_and_not_sent_are_missed_once() -> None:
    progress = Progress("e1-4")
    assert not progress.misses("e1-4")
    assert not progress.misses("e1-6")
    assert progress.misses("e1-6")
    # They were asked for: their owner has deleted them.
    assert not progress.misses("e1-6")
    assert not progress.misses("e1-6")
    assert not progress.misses("e1-7")
    assert progress.misses("e1-7")


def test_entries_that_came_between_two_heartbeats_are_not_missed() -> None:
    progress = Progress("e1-4")
    assert not progress.misses("e1-6")
    progress.takes("e1-5")
    assert not progress.misses("e1-6")
