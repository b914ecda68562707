"""The gateway's file: what a mistake in it would open or break for everybody."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from launcher.paths import ROOT, program


@pytest.fixture(scope="module")
def adapted(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The configuration as Caddy understands it."""
    home: Path = tmp_path_factory.mktemp("gateway")
    upstreams = {
        "GROUPS_UPSTREAMS": "127.0.0.1:1",
        "CHAT_UPSTREAMS": "127.0.0.1:2",
        "NOTIFIER_UPSTREAMS": "127.0.0.1:3 127.0.0.1:4",
        "DOCS_ROOT": str(ROOT / "docs"),
    }
    done = subprocess.run(
        [program("caddy"), "adapt", "--config", ROOT / "gateway" / "Caddyfile", "--validate"],
        env={**os.environ, **upstreams, "XDG_CONFIG_HOME": str(home), "XDG_DATA_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_no_path_leads_to_what_services_keep_to_themselves(adapted: str) -> None:
    matched = json.loads(adapted)["apps"]["http"]["servers"]["srv0"]["routes"]

    assert "/v1/groups/*/messages" in json.dumps(matched)
    for hidden in ("/internal", "/metrics"):
        assert hidden not in adapted


def test_a_stream_is_neither_compressed_nor_kept_after_its_client_left(adapted: str) -> None:
    assert '"encode"' not in adapted
    assert "flush_interval" not in adapted


def test_a_query_never_reaches_a_log(adapted: str) -> None:
    fields = json.loads(adapted)["logging"]["logs"]["default"]["encoder"]["fields"]

    assert fields["request>uri"]["filter"] == "regexp"
    assert fields["request>headers"]["filter"] == "delete"
    assert '"logs":{"' not in adapted.partition('"apps"')[2]


def test_every_notifier_is_behind_the_gateway(adapted: str) -> None:
    assert adapted.count('{"dial":"127.0.0.1:3"},{"dial":"127.0.0.1:4"}') == 2


def test_pages_come_with_a_policy_that_runs_nothing_but_the_apps_files(adapted: str) -> None:
    policies = re.findall(r'"Content-Security-Policy":\["([^"]+)"', adapted)
    assert all("default-src 'none'" in policy and "unsafe" not in policy for policy in policies)
    # The app's page, the files below /app, and those of the client; answers and /docs run nothing.
    running = [policy for policy in policies if "script-src" in policy]
    assert len(running) == 3
    assert all("script-src 'self';" in policy for policy in running)


def test_no_two_requests_share_a_buffer(adapted: str) -> None:
    # Caddy 2.11.7 at times gives one back twice.
    assert "request_buffers" not in adapted


def test_slow_requests_have_an_end_and_streams_have_none(adapted: str) -> None:
    server = json.loads(adapted)["apps"]["http"]["servers"]["srv0"]
    nanoseconds = 10**9
    assert server["read_header_timeout"] == 10 * nanoseconds
    assert server["read_timeout"] == 10 * nanoseconds
    # It would count from the beginning of a stream as well.
    assert "write_timeout" not in server
    assert server["max_header_bytes"] == 32_000
    assert 0 < server["idle_timeout"] <= 300 * nanoseconds
