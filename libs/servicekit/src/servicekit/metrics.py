"""What a process counts about itself, for Prometheus; metrics of a subsystem are declared beside the others here."""

from prometheus_client import REGISTRY, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

RPC_SECONDS = Histogram(
    "groupement_rpc_seconds",
    "Calls answered, by method and status code.",
    ["method", "code"],
    buckets=(0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0),
)
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
