"""What programs learn of an examination."""

import json

from rich.console import Console

from command_line.doctor import remedies, report
from command_line.doctor.findings import Result, Verdict, advice, failed, ok, skipped


def test_one_failure_is_a_failure_of_all() -> None:
    found = [Result("a", ok("")), Result("b", advice("")), Result("c", failed(""))]
    assert report.verdict_of(found) == Verdict.FAILED
    assert report.verdict_of(found[:2]) == Verdict.ADVICE
    assert report.verdict_of([found[0], Result("d", skipped("why"))]) == Verdict.OK


def test_programs_read_what_people_read() -> None:
    results = [Result("not buffered", failed("it took 3 s", remedies.BUFFERING))]
    said = json.loads(report.as_json("http://x", results))
    assert said["verdict"] == "failed"
    assert said["checks"][0]["seen"] == "it took 3 s"
    console = Console(record=True, width=200)
    report.show(console, results[0])
    shown = console.export_text()
    assert "it took 3 s" in shown
    assert all(change in shown for change in said["checks"][0]["change"])


def test_what_is_to_be_done_at_no_proxy_is_shown_as_it_is() -> None:
    console = Console(record=True, width=200)
    report.show(console, Result("reachable", failed("nobody answers", ["Start it."])))
    assert console.export_text().splitlines()[-1].strip() == "Start it."


def test_each_remedy_names_every_proxy() -> None:
    topics = [value for name, value in vars(remedies).items() if name.isupper()]
    for topic in topics:
        proxies = {change.partition(": ")[0] for change in topic}
        assert proxies >= {"nginx", "Caddy", "HAProxy", "Apache", "Cloudflare"} or proxies == {
            "Any"
        }
