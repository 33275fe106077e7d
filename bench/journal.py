"""What the journal costs: ``python bench/journal.py [RECORDS]``. Prints medians and the like."""

from __future__ import annotations

import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING

from safeinstall import model, settings
from safeinstall.cli import history
from safeinstall.journal import Journal, actor, ids, places, read, record
from safeinstall.journal.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

_IMPORT = """
import sys, time
from safeinstall import model, settings  # the hot path has them anyway
start = time.perf_counter()
from safeinstall.journal import Journal, actor, ids, record
imported = time.perf_counter()
environ = {"HOME": sys.argv[1], "PATH": "/usr/bin", "PIP_INDEX_URL": "https://u:p@h.example/simple"}
facts = model.Facts(
    command=model.Command(("pip", "install", "numpy"), tool="pip", verb="install", mutates=True),
    executable="/env/bin/pip",
    environment=model.Environment(sys.argv[2], "conda"),
    inventory=model.Inventory(),
)
Journal.open(sys.argv[2], settings.read(environ)).append(
    record.intent(
        ids.operation(), actor=actor.current(environ), facts=facts,
        verdict=model.Verdict("allow"), policy=[], override=None, environ=environ, cwd="/",
    )
)
print((imported - start) * 1000, (time.perf_counter() - imported) * 1000)
"""


def main(count: int) -> None:
    """Print one line for each measurement; what must not depend on the size, at two sizes."""
    with tempfile.TemporaryDirectory() as home:
        prefix = os.path.join(home, "env")
        os.mkdir(prefix)
        configuration = settings.read({"HOME": home})
        _first_intent(home, prefix)
        journal = Journal.open(prefix, configuration)
        _fill(journal, 100)
        small = _at_this_size(journal, prefix, configuration)
        _fill(journal, count)
        files = [journal.places[0].path, *places.closed(journal.places[0].directory)]
        size = sum(map(os.path.getsize, files)) / 1e6
        large = _at_this_size(journal, prefix, configuration)
        _say(f"{'journal':<34} {count} records, {size:.0f} MB in {len(files)} files")
        for label in small:
            ratio = large[label][0] / small[label][0]
            _say(f"{label:<34} {_told(small[label])}; large: {_told(large[label])}; x {ratio:.2f}")
        _verify(prefix, configuration)
        seconds, _ = _clock(lambda: _list(prefix, configuration, None))
        _say(f"{'history --json, all':<34} {seconds * 1000:.0f} ms")


def _at_this_size(
    journal: Journal, prefix: str, configuration: settings.Settings
) -> dict[str, tuple[float, float]]:
    """Median and 95th percentile, in milliseconds."""
    intent, outcome = _intent(), _outcome()
    work: dict[str, Callable[[], object]] = {
        "append, intent": lambda: journal.append(intent),
        "append, outcome of 30 changes": lambda: journal.append(outcome),
        "the last record": journal.last,
        "history --json, the last 50": lambda: _list(prefix, configuration, 50),
    }
    found = {}
    for label, measured in work.items():
        times = [_clock(measured)[0] * 1000 for _ in range(200)]
        found[label] = (statistics.median(times), statistics.quantiles(times, n=20)[-1])
    return found


def _told(spread: tuple[float, float]) -> str:
    return f"p50 {spread[0]:.2f} ms, p95 {spread[1]:.2f} ms"


_VERIFY = """
import resource, sys
from safeinstall.journal import read
from safeinstall.journal.verify import verify
verify("", ())
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
verify(sys.argv[1], read.of_prefix(*sys.argv[1:]))
print(before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def _verify(prefix: str, configuration: settings.Settings) -> None:
    files = read.of_prefix(prefix, configuration.state_dir)
    seconds, report = _clock(lambda: verify(prefix, files))
    rate = 2 * report.records / seconds
    words = [sys.executable, "-I", "-c", _VERIFY, prefix, configuration.state_dir]
    run = subprocess.run(words, capture_output=True, check=True)
    before, after = map(int, run.stdout.split())
    _say(f"{'verify, with its mirror':<34} {rate:,.0f} records/s, {report.status}")
    _say(f"{'verify, memory':<34} {after / 1024:.0f} MB, {(after - before) / 1024:.1f} more")


def _first_intent(home: str, prefix: str) -> None:
    words = [sys.executable, "-I", "-c", _IMPORT, home, prefix]
    runs = [subprocess.run(words, capture_output=True, check=True) for _ in range(40)]
    imports, appends = zip(*(map(float, run.stdout.split()) for run in runs), strict=True)
    _spread("import, in a new process", list(imports))
    _spread("first intent, in a new process", list(appends))


def _intent() -> model.Json:
    environ = {"CONDA_PREFIX": "/env", "PIP_INDEX_URL": "https://u:p@h.example/simple"}
    specs = tuple(model.Spec(f"package-{number}==1.0") for number in range(5))
    words = ("pip", "install", *(spec.raw for spec in specs))
    facts = model.Facts(
        command=model.Command(words, tool="pip", verb="install", mutates=True, specs=specs),
        executable="/env/bin/pip",
        environment=model.Environment("/env", "conda", name="env", python="3.11"),
        inventory=model.Inventory(),
    )
    return record.intent(
        ids.operation(),
        actor=actor.current(os.environ),
        facts=facts,
        verdict=model.Verdict("allow"),
        policy=[{"path": "/etc/safeinstall/policy.toml", "digest": "0" * 64}],
        override=None,
        environ=environ,
        cwd="/work",
    )


def _outcome() -> model.Json:
    changes = [
        model.Change(
            f"package-{number}",
            model.Package("p", "1.26.4", "conda", build="py311_0", source="conda-forge"),
            model.Package("p", "2.2.6", "pip"),
        )
        for number in range(30)
    ]
    return record.outcome(
        ids.operation(), exit_code=0, signal=None, duration_ms=1234, changes=changes, warnings=()
    )


def _fill(journal: Journal, count: int) -> None:
    """Without a flush for each, or it would take minutes."""
    from safeinstall.journal import store

    flush, store._sync = store._sync, lambda _: None  # noqa: SLF001
    for number in range(count // 2):
        entry = _intent()
        journal.append(entry)
        journal.append({**_outcome(), "op": entry["op"], "changes": [], "n": number})
    store._sync = flush  # noqa: SLF001


def _clock(work: Callable[[], T]) -> tuple[float, T]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def _list(prefix: str, configuration: settings.Settings, limit: int | None) -> None:
    history.history_list([prefix], configuration, {}, io.StringIO(), limit=limit, form="json")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _spread(label: str, milliseconds: list[float]) -> None:
    cuts = statistics.quantiles(milliseconds, n=20)
    _say(f"{label:<34} p50 {statistics.median(milliseconds):.2f} ms, p95 {cuts[-1]:.2f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
