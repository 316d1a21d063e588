"""Pools as messages."""

from groupement.shared_identity.v1 import registration_pb2
from servicekit.timestamps import timestamp

from shared_identity.seats.domain import Pool


def pool_message(pool: Pool) -> registration_pb2.Pool:
    """A pool as organisers see it."""
    return registration_pb2.Pool(
        pool_id=pool.pool_id,
        kind=registration_pb2.PoolKind.Value(f"POOL_KIND_{pool.kind}"),
        organiser_id=pool.organiser_id,
        session_id=pool.session_id,
        size=pool.size,
        taken=pool.taken,
        release_time=None if pool.release_at is None else timestamp(pool.release_at),
        open_to_members=pool.open_to_members,
    )
