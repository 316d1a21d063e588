"""The front door to posts."""

from datetime import date

from groupement.shared_identity.v1 import post_service_pb2 as pb
from groupement.shared_identity.v1.post_service_pb2_grpc import PostServiceServicer
from servicekit.caller import current_caller
from servicekit.rpc.callers import Context
from servicekit.rpc.paging import after, cut, page
from servicekit.sql import Database

from shared_identity.posts import usecases, wire
from shared_identity.posts.domain import Post


class PostRpc(PostServiceServicer):
    """Answers `PostService`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def ListPosts(self, request: pb.ListPostsRequest, _context: Context) -> pb.ListPostsResponse:
        asked, structure = page(request), current_caller().acting_for
        async with self._db.reading() as work:
            found = await usecases.borne_by(work, structure, after=after(asked, _read), limit=asked.size + 1)
        shown, token = cut(request, asked, found, _key)
        return pb.ListPostsResponse(posts=[wire.to_message(filled) for filled in shown], next_page_token=token)


def _key(filled: Post) -> tuple[str, str]:
    return filled.period.start.isoformat(), filled.post_id


def _read(start: str, post_id: str) -> tuple[date, str]:
    return date.fromisoformat(start), post_id
