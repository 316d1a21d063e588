"""PersonService: the front door of people."""

from dataclasses import dataclass
from typing import TypeVar

from groupement.shared_identity.v1 import person_service_pb2 as pb
from groupement.shared_identity.v1.person_service_pb2_grpc import PersonServiceServicer
from servicekit.caller import current_caller
from servicekit.clock import Clock
from servicekit.rpc.callers import Context
from servicekit.rpc.commands import Commands
from servicekit.sql import Database

from shared_identity.codes import Codes
from shared_identity.days import day_of
from shared_identity.keys import Keys
from shared_identity.passwords import Passwords, common_passwords
from shared_identity.people import cards, usecases, wire
from shared_identity.people.domain import check_password, email_address


@dataclass(frozen=True, kw_only=True)
class PersonRpc(PersonServiceServicer):
    """Answers PersonService."""

    db: Database
    commands: Commands
    keys: Keys
    codes: Codes
    passwords: Passwords
    known_at: usecases.KnownAt
    clock: Clock

    async def RegisterPerson(self, request: pb.RegisterPersonRequest, context: Context) -> pb.RegisterPersonResponse:
        if request.password:
            check_password(request.password, common_passwords())
        wish = wire.registration(request, await self.passwords.hash(request.password))
        async with self.commands(_without_password(request), context) as work:
            await usecases.register(work, wish, codes=self.codes, now=self.clock())
            return work.answer(pb.RegisterPersonResponse())

    async def VerifyEmail(self, request: pb.VerifyEmailRequest, context: Context) -> pb.VerifyEmailResponse:
        async with self.commands(request, context) as work:
            await usecases.verify_email(work, request.code, now=self.clock())
            return work.answer(pb.VerifyEmailResponse())

    async def RequestPasswordReset(
        self, request: pb.RequestPasswordResetRequest, context: Context
    ) -> pb.RequestPasswordResetResponse:
        async with self.commands(request, context) as work:
            email = email_address(request.email)
            await usecases.request_password_reset(work, email, codes=self.codes, now=self.clock())
            return work.answer(pb.RequestPasswordResetResponse())

    async def ResetPassword(self, request: pb.ResetPasswordRequest, context: Context) -> pb.ResetPasswordResponse:
        check_password(request.password, common_passwords())
        password_hash = await self.passwords.hash(request.password)
        async with self.commands(_without_password(request), context) as work:
            await usecases.reset_password(work, request.code, password_hash, now=self.clock())
            return work.answer(pb.ResetPasswordResponse())

    async def GetMyself(self, _request: pb.GetMyselfRequest, _context: Context) -> pb.GetMyselfResponse:
        async with self.db.reading() as work:
            person = await usecases.myself(work, current_caller().person())
        return pb.GetMyselfResponse(person=wire.person_message(person))

    async def UpdateMyself(self, request: pb.UpdateMyselfRequest, context: Context) -> pb.UpdateMyselfResponse:
        async with self.commands(request, context) as work:
            person_id, change = current_caller().person(), wire.change(request)
            person = await usecases.update_myself(work, person_id, change, etag=request.person.etag)
            return work.answer(pb.UpdateMyselfResponse(person=wire.person_message(person)))

    async def GetMyCard(self, _request: pb.GetMyCardRequest, _context: Context) -> pb.GetMyCardResponse:
        person_id, kids, now = current_caller().person(), self.keys.cards, self.clock()
        async with self.db.reading() as work:
            card = await cards.card_in_hand(work, person_id, kids=kids, now=now)
        if card is None:
            async with self.db.work() as work:
                card = await cards.give_card(work, person_id, kids=kids, kid=self.keys.card_key_id, now=now)
        return pb.GetMyCardResponse(card=wire.card_message(card, self.keys.cards))

    async def ReplaceMyCard(self, request: pb.ReplaceMyCardRequest, context: Context) -> pb.ReplaceMyCardResponse:
        async with self.commands(request, context) as work:
            person_id, kid = current_caller().person(), self.keys.card_key_id
            card = await cards.replace_card(work, person_id, kid=kid, now=self.clock())
            return work.answer(pb.ReplaceMyCardResponse(card=wire.card_message(card, self.keys.cards)))

    async def LookUpNames(self, request: pb.LookUpNamesRequest, _context: Context) -> pb.LookUpNamesResponse:
        async with self.db.reading() as work:
            names = await usecases.look_up_names(
                work,
                request.person_ids,
                structure=current_caller().acting_for,
                known_at=self.known_at,
                today=day_of(self.clock()),
            )
        return pb.LookUpNamesResponse(names=[wire.name_message(*named) for named in names])


_R = TypeVar("_R", pb.RegisterPersonRequest, pb.ResetPasswordRequest)


def _without_password(request: _R) -> _R:
    """The request as it may be remembered: even a digest of it would let its password be guessed at leisure."""
    bare = type(request)()
    bare.CopyFrom(request)
    bare.ClearField("password")
    return bare
