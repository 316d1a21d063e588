"""What a process counts about itself, for Prometheus; metrics of a subsystem are declared beside the others here."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client import REGISTRY, Counter, Gauge
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import HistogramMetricFamily
from prometheus_client.registry import Collector

_BOUNDS = (0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0)
"""Upper bounds of the buckets of calls, in seconds."""


class Durations:
    """How long calls of one method took that ended with one code. For one thread: there is no lock to pay for."""

    __slots__ = ("_counts", "_total")

    def __init__(self) -> None:
        self._counts = [0] * (len(_BOUNDS) + 1)
        self._total = 0.0

    def observe(self, seconds: float) -> None:
        """Count one call."""
        self._counts[bisect_left(_BOUNDS, seconds)] += 1
        self._total += seconds

    def add_to(self, family: HistogramMetricFamily, labels: Sequence[str]) -> None:
        """Report what was counted, each bucket holding all that took no longer."""
        names = [*map(str, _BOUNDS), "+Inf"]
        buckets = list(zip(names, map(float, accumulate(self._counts)), strict=True))
        family.add_metric(labels, buckets, self._total)


class Calls(Collector):
    """Durations by method and status code: the rate, the errors and the duration of what a server answers."""

    def __init__(self) -> None:
        self._durations: dict[tuple[str, str], Durations] = {}

    def labels(self, method: str, code: str) -> Durations:
        """The durations of one method and code."""
        return self._durations.setdefault((method, code), Durations())

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """What Prometheus is told."""
        family = HistogramMetricFamily(
            "groupement_rpc_seconds", "Calls answered, by method and status code.", labels=("method", "code")
        )
        for labels, durations in self._durations.items():
            durations.add_to(family, labels)
        yield family


RPC_SECONDS = Calls()
REGISTRY.register(RPC_SECONDS)
OUTBOX_FACTS = Gauge("groupement_outbox_facts", "Facts waiting in the outbox.")
OUTBOX_AGE_SECONDS = Gauge("groupement_outbox_age_seconds", "Age of the oldest fact waiting in the outbox.")
FACTS_RELAYED = Counter("groupement_facts_relayed", "Facts acknowledged by the bus.")
FACTS_HANDLED = Counter(
    "groupement_facts_handled", "Facts heard, by subscriber and outcome.", ["subscriber", "outcome"]
)
SUBSCRIBER_LAG = Gauge("groupement_subscriber_lag", "Facts not yet heard, by subscriber.", ["subscriber"])
DEAD_LETTERS = Counter("groupement_dead_letters", "Facts given up, by subscriber.", ["subscriber"])
DUE_HANDLED = Counter("groupement_due_handled", "Due rows handled, by kind and outcome.", ["kind", "outcome"])

CONTENT_TYPE = CONTENT_TYPE_LATEST


def exposition() -> bytes:
    """Every metric of this process, in Prometheus' text format."""
    return generate_latest(REGISTRY)
