"""Metrics: what calls are counted as reads as Prometheus reads it."""

from prometheus_client.parser import text_string_to_metric_families
from servicekit import metrics


def test_calls_are_a_histogram_by_method_and_code() -> None:
    method = "/house.greeting.v1.GreetingService/Measured"
    for seconds in (0.0005, 0.003, 0.003, 60.0):
        metrics.RPC_SECONDS.labels(method, "OK").observe(seconds)
    metrics.RPC_SECONDS.labels(method, "NOT_FOUND").observe(0.2)
    families = {family.name: family for family in text_string_to_metric_families(metrics.exposition().decode())}
    ours = {
        (sample.name.removeprefix("groupement_rpc_seconds_"), sample.labels["code"], sample.labels.get("le")): value
        for sample in families["groupement_rpc_seconds"].samples
        if sample.labels["method"] == method and (value := sample.value) is not None
    }
    assert [ours["bucket", "OK", le] for le in ("0.001", "0.005", "10.0", "+Inf")] == [1, 3, 3, 4]
    assert ours["count", "OK", None] == 4
    assert ours["count", "NOT_FOUND", None] == 1
    assert round(ours["sum", "OK", None], 4) == 60.0065
