"""The front door to joint events: what the public reads, and what those who prepare them do, by their standing."""

from datetime import timedelta

from groupement.shared_identity.v1 import joint_event_service_pb2 as pb
from groupement.shared_identity.v1.joint_event_service_pb2_grpc import JointEventServiceServicer
from servicekit.caller import current_caller
from servicekit.clock import Clock
from servicekit.identifiers import new_id
from servicekit.rpc.callers import Context
from servicekit.rpc.commands import Commands
from servicekit.rpc.paging import after, cut, instant, page
from servicekit.sql import Database

from shared_identity.joint_events import delegates, editing, preparing, usecases, wire, wishes
from shared_identity.joint_events.domain import JointEvent
from shared_identity.joint_events.editing import Bonds
from shared_identity.joint_events.parts import TELL_AFTER, Access
from shared_identity.joint_events.storage import Key


class JointEventRpc(JointEventServiceServicer):
    """Answers `JointEventService`; `bonds` tells what later slices hang on the parts of an event.

    People registered are told of another time or place `tell_after` it was changed.
    """

    def __init__(self, db: Database, *, bonds: Bonds, clock: Clock, tell_after: timedelta = TELL_AFTER) -> None:
        self._db = db
        self._tell_after = tell_after
        self._bonds = bonds
        self._clock = clock
        self._command = Commands(db, clock=clock)

    async def ListPublishedEvents(
        self, request: pb.ListPublishedEventsRequest, _context: Context
    ) -> pb.ListPublishedEventsResponse:
        asked, now = page(request), self._clock()
        start = after(asked, _key)
        async with self._db.reading() as work:
            found = await usecases.published(work, now=now, past=request.past, after=start, limit=asked.size + 1)
        shown, token = cut(request, asked, found, _key_of)
        return pb.ListPublishedEventsResponse(events=map(wire.public_message, shown), next_page_token=token)

    async def GetPublishedEvent(
        self, request: pb.GetPublishedEventRequest, _context: Context
    ) -> pb.GetPublishedEventResponse:
        async with self._db.reading() as work:
            found = await usecases.public(work, request.slug)
        return pb.GetPublishedEventResponse(event=wire.public_message(found))

    async def ListMyEvents(self, request: pb.ListMyEventsRequest, _context: Context) -> pb.ListMyEventsResponse:
        asked = page(request)
        start = after(asked, _key)
        async with self._db.reading() as work:
            found = await usecases.mine(work, current_caller(), after=start, limit=asked.size + 1)
        shown, token = cut(request, asked, found, lambda each: _key_of(each[0]))
        mine = [wire.my_event_message(event, standing) for event, standing in shown if standing is not None]
        return pb.ListMyEventsResponse(events=mine, next_page_token=token)

    async def GetEvent(self, request: pb.GetEventRequest, _context: Context) -> pb.GetEventResponse:
        async with self._db.reading() as work:
            event, standing = await usecases.standing(work, current_caller(), request.event_id, at_least=Access.DOOR)
        return pb.GetEventResponse(event=wire.to_message(event), standing=wire.standing_message(standing))

    async def CreateEvent(self, request: pb.CreateEventRequest, context: Context) -> pb.CreateEventResponse:
        details, structure = wishes.details(request), current_caller().acting_for
        async with self._command(request, context) as work:
            event = await preparing.create(
                work,
                details,
                structure=structure,
                event_id=new_id("event"),
                organiser_id=new_id("organiser"),
                now=self._clock(),
            )
            return work.answer(pb.CreateEventResponse(event=wire.to_message(event)))

    async def UpdateEvent(self, request: pb.UpdateEventRequest, context: Context) -> pb.UpdateEventResponse:
        caller, details = current_caller(), wishes.details(request)
        async with self._command(request, context) as work:
            event = await preparing.describe(
                work,
                caller,
                request.event_id,
                details,
                etag=request.etag,
                now=self._clock(),
                tell_after=self._tell_after,
            )
            return work.answer(pb.UpdateEventResponse(event=wire.to_message(event)))

    async def SaveOrganiser(self, request: pb.SaveOrganiserRequest, context: Context) -> pb.SaveOrganiserResponse:
        caller, wish, fresh = current_caller(), wishes.organiser(request.organiser), new_id("organiser")
        async with self._command(request, context) as work:
            event, saved = await editing.save_organiser(
                work, caller, request.event_id, wish, fresh_id=fresh, now=self._clock()
            )
            message = wire.organiser_message(saved)
            return work.answer(pb.SaveOrganiserResponse(event=wire.to_message(event), organiser=message))

    async def RemoveOrganiser(self, request: pb.RemoveOrganiserRequest, context: Context) -> pb.RemoveOrganiserResponse:
        caller, gone = current_caller(), request.organiser_id
        async with self._command(request, context) as work:
            event = await editing.remove_organiser(
                work, caller, request.event_id, gone, bonds=self._bonds, now=self._clock()
            )
            return work.answer(pb.RemoveOrganiserResponse(event=wire.to_message(event)))

    async def ListDelegates(self, request: pb.ListDelegatesRequest, _context: Context) -> pb.ListDelegatesResponse:
        asked = page(request)
        start = after(asked, str) or ""
        async with self._db.reading() as work:
            found = await delegates.listed(work, current_caller(), request.event_id, after=start, limit=asked.size + 1)
        shown, token = cut(request, asked, found, lambda delegate: (delegate.delegate_id,))
        return pb.ListDelegatesResponse(delegates=map(wire.delegate_message, shown), next_page_token=token)

    async def InviteDelegate(self, request: pb.InviteDelegateRequest, context: Context) -> pb.InviteDelegateResponse:
        caller, wish = current_caller(), wishes.delegate(request, new_id("delegate"))
        async with self._command(request, context) as work:
            invited = await delegates.invite(work, caller, wish, now=self._clock())
            return work.answer(pb.InviteDelegateResponse(delegate=wire.delegate_message(invited)))

    async def RemoveDelegate(self, request: pb.RemoveDelegateRequest, context: Context) -> pb.RemoveDelegateResponse:
        caller = current_caller()
        async with self._command(request, context) as work:
            gone = await delegates.remove(work, caller, request.event_id, request.delegate_id)
            return work.answer(pb.RemoveDelegateResponse(delegate=wire.delegate_message(gone)))

    async def SaveChallenge(self, request: pb.SaveChallengeRequest, context: Context) -> pb.SaveChallengeResponse:
        caller, wish, fresh = current_caller(), wishes.challenge(request.challenge), new_id("challenge")
        async with self._command(request, context) as work:
            event, saved = await editing.save_challenge(
                work, caller, request.event_id, wish, fresh_id=fresh, now=self._clock()
            )
            message = wire.challenge_message(saved)
            return work.answer(pb.SaveChallengeResponse(event=wire.to_message(event), challenge=message))

    async def RemoveChallenge(self, request: pb.RemoveChallengeRequest, context: Context) -> pb.RemoveChallengeResponse:
        caller, gone = current_caller(), request.challenge_id
        async with self._command(request, context) as work:
            event = await editing.remove_challenge(
                work, caller, request.event_id, gone, bonds=self._bonds, now=self._clock()
            )
            return work.answer(pb.RemoveChallengeResponse(event=wire.to_message(event)))

    async def SaveSession(self, request: pb.SaveSessionRequest, context: Context) -> pb.SaveSessionResponse:
        caller, wish, fresh = current_caller(), wishes.session(request.session), new_id("session")
        async with self._command(request, context) as work:
            event, saved = await editing.save_session(
                work, caller, request.event_id, wish, fresh_id=fresh, now=self._clock()
            )
            message = wire.session_message(saved)
            return work.answer(pb.SaveSessionResponse(event=wire.to_message(event), session=message))

    async def RemoveSession(self, request: pb.RemoveSessionRequest, context: Context) -> pb.RemoveSessionResponse:
        caller, gone = current_caller(), request.session_id
        async with self._command(request, context) as work:
            event = await editing.remove_session(work, caller, request.event_id, gone, now=self._clock())
            return work.answer(pb.RemoveSessionResponse(event=wire.to_message(event)))

    async def SaveQuestion(self, request: pb.SaveQuestionRequest, context: Context) -> pb.SaveQuestionResponse:
        caller, wish, fresh = current_caller(), wishes.question(request.question), new_id("question")
        async with self._command(request, context) as work:
            event, saved = await editing.save_question(
                work, caller, request.event_id, wish, fresh_id=fresh, now=self._clock()
            )
            message = wire.question_message(saved)
            return work.answer(pb.SaveQuestionResponse(event=wire.to_message(event), question=message))

    async def RemoveQuestion(self, request: pb.RemoveQuestionRequest, context: Context) -> pb.RemoveQuestionResponse:
        caller, gone = current_caller(), request.question_id
        async with self._command(request, context) as work:
            event = await editing.remove_question(work, caller, request.event_id, gone, now=self._clock())
            return work.answer(pb.RemoveQuestionResponse(event=wire.to_message(event)))

    async def ProposeArrangement(
        self, request: pb.ProposeArrangementRequest, context: Context
    ) -> pb.ProposeArrangementResponse:
        caller, now = current_caller(), self._clock()
        wish = wishes.arrangement(request.arrangement, now)
        async with self._command(request, context) as work:
            event = await editing.propose_arrangement(work, caller, request.event_id, wish, now=now)
            return work.answer(pb.ProposeArrangementResponse(event=wire.to_message(event)))

    async def ApproveArrangement(
        self, request: pb.ApproveArrangementRequest, context: Context
    ) -> pb.ApproveArrangementResponse:
        caller, version = current_caller(), request.version
        async with self._command(request, context) as work:
            event = await editing.approve_arrangement(work, caller, request.event_id, version, now=self._clock())
            return work.answer(pb.ApproveArrangementResponse(event=wire.to_message(event)))

    async def PublishEvent(self, request: pb.PublishEventRequest, context: Context) -> pb.PublishEventResponse:
        caller = current_caller()
        async with self._command(request, context) as work:
            event = await preparing.publish(work, caller, request.event_id, etag=request.etag, now=self._clock())
            return work.answer(pb.PublishEventResponse(event=wire.to_message(event)))

    async def CancelEvent(self, request: pb.CancelEventRequest, context: Context) -> pb.CancelEventResponse:
        caller, explanation = current_caller(), wishes.explanation(request)
        async with self._command(request, context) as work:
            event = await preparing.cancel(
                work, caller, request.event_id, explanation, etag=request.etag, now=self._clock()
            )
            return work.answer(pb.CancelEventResponse(event=wire.to_message(event)))


def _key(start: str, event_id: str) -> Key:
    return instant(start), event_id


def _key_of(event: JointEvent) -> tuple[str, str]:
    return event.starts_at.isoformat(), event.event_id
