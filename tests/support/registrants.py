"""People at the evenings that a prowler goes around: seats kept, tickets, offers, invitations, one for each verb."""

from typing import Any

from border import Answer
from cast import SHARED_IDENTITY, Viewer
from groupement.shared_identity.v1 import registration_pb2
from recipes import Marked
from shared_identity.mail.storage import letter
from sqlalchemy import select
from trespass import Trespass, by_name

_KEPT = ("GetHold", "ReleaseHold", "ConfirmRegistration")
_SEATED = ("GetTicket", "ChangeSessions", "TransferTicket", "CancelRegistration")
_OFFERED = ("AcceptOffer", "DeclineOffer")


async def register(trespass: Trespass, structure: str, event_id: str) -> None:
    """Visitors keep seats, register and wait; a member registers; the structure invites: a code for each verb."""
    here = _Registrants(trespass, event_id)
    for verb in _KEPT:
        here.note(verb, await here.hold())
    for verb in _SEATED:
        here.note(verb, await here.registered())
    for verb in _OFFERED:
        here.note(verb, await here.offered())
    left = await here.offered()
    await here.ask(here.visitor, "DeclineOffer", code=left)
    here.note("RejoinWaitingList", left)
    await here.own(structure)


class _Registrants:
    """What visitors and members do at one evening, over gRPC."""

    def __init__(self, trespass: Trespass, event_id: str) -> None:
        self._trespass = trespass
        self._event_id = event_id
        self._rpcs = by_name()
        self.visitor = self._viewer("a visitor")

    def note(self, verb: str, code: str) -> None:
        """Leaves a code for whoever calls this verb."""
        self._trespass.memory.note(f"code of RegistrationService.{verb}", code)

    async def hold(self) -> str:
        """A seat kept; gives its code, "" when there was none."""
        answer = await self.ask(self.visitor, "HoldSeat", event_id=self._event_id)
        return "" if answer.message is None else str(answer.message.hold.code)  # type: ignore[attr-defined]

    async def registered(self) -> str:
        """Somebody registered; gives the code of their ticket."""
        attendee = self._attendee()
        await self.ask(self.visitor, "ConfirmRegistration", code=await self.hold(), attendee=attendee)
        return await self._mailed(attendee.email)

    async def offered(self) -> str:
        """Somebody who joined the list while seats were free, and was offered one; gives the code."""
        attendee = self._attendee()
        await self.ask(self.visitor, "JoinWaitingList", event_id=self._event_id, attendee=attendee)
        return await self._mailed(attendee.email)

    async def own(self, structure: str) -> None:
        """A member of a structure registers, and the structure invites somebody."""
        memory, manager = self._trespass.memory, self._viewer(f"event_manager {self._number(structure)} of {structure}")
        memory.note("own_event", self._event_id, structure)
        for who in ("a coworker of", "a holder of"):
            answer = await self.ask(self._viewer(f"{who} {structure}"), "RegisterMe", event_id=self._event_id)
            if answer.message is not None:
                memory.note("own_registration", answer.message.ticket.registration_id, structure)  # type: ignore[attr-defined]
        email = self._trespass.border.mark(manager, Marked(after="@demo.example"))
        answer = await self.ask(manager, "Invite", event_id=self._event_id, emails=[email])
        if answer.message is not None:
            memory.note("own_invitation", answer.message.invitations[0].invitation_id, structure)  # type: ignore[attr-defined]

    async def ask(self, viewer: Viewer, verb: str, /, **values: Any) -> Answer:
        """A call, whatever comes of it."""
        rpc = self._rpcs[f"RegistrationService.{verb}"]
        return await self._trespass.call(viewer, SHARED_IDENTITY, rpc, rpc.request(**values), counted=False)

    def _attendee(self) -> registration_pb2.Attendee:
        mark, of = self._trespass.border.mark, Marked(of_person=True)
        email = mark(self.visitor, Marked(after="@demo.example", of_person=True))
        return registration_pb2.Attendee(
            given_name=mark(self.visitor, of), family_name=mark(self.visitor, of), email=email
        )

    async def _mailed(self, email: str) -> str:
        """The code in the last letter to an address."""
        async with self._trespass.world.dbs[SHARED_IDENTITY].reading() as work:
            codes = list((await work.execute(select(letter.c.code_id).where(letter.c.recipient == email))).scalars())
        return self._trespass.world.codes_of(codes[-1]) if codes else ""

    def _viewer(self, name: str) -> Viewer:
        return next(viewer for viewer in self._trespass.viewers if viewer.name == name)

    def _number(self, structure: str) -> int:
        """The number of whoever manages the events of a structure."""
        return next(
            viewer.person
            for viewer in self._trespass.viewers
            if viewer.structure == structure and viewer.roles == ("EVENT_MANAGER",)
        )
