"""SignInService: how the portal answers challenges for the people before it."""

from dataclasses import dataclass

from groupement.shared_identity.v1 import sign_in_service_pb2 as pb
from groupement.shared_identity.v1.sign_in_service_pb2_grpc import SignInServiceServicer
from servicekit.clock import Clock
from servicekit.rpc.callers import Context
from servicekit.sql import Database
from servicekit.timestamps import timestamp

from shared_identity.codes import Codes
from shared_identity.passwords import Passwords
from shared_identity.people.domain import locale
from shared_identity.sign_in import usecases


@dataclass(frozen=True, kw_only=True)
class SignInRpc(SignInServiceServicer):
    """Answers SignInService; `resume_url` is the provider's address that resumes an authorization."""

    db: Database
    codes: Codes
    passwords: Passwords
    resume_url: str
    clock: Clock

    async def GetChallenge(self, request: pb.GetChallengeRequest, _context: Context) -> pb.GetChallengeResponse:
        async with self.db.reading() as work:
            challenge = await usecases.challenge(work, request.challenge, now=self.clock())
        return pb.GetChallengeResponse(
            client_name=challenge.asked.client_name,
            login_hint=challenge.asked.login_hint,
            expire_time=timestamp(challenge.expires_at),
        )

    async def SignInWithPassword(
        self, request: pb.SignInWithPasswordRequest, _context: Context
    ) -> pb.SignInWithPasswordResponse:
        resume = await usecases.sign_in_with_password(
            self.db,
            self.passwords,
            request.challenge,
            email=request.email,
            password=request.password,
            now=self.clock(),
        )
        return pb.SignInWithPasswordResponse(redirect_url=self._url(resume))

    async def SendSignInLink(self, request: pb.SendSignInLinkRequest, _context: Context) -> pb.SendSignInLinkResponse:
        async with self.db.work() as work:
            await usecases.send_link(
                work,
                request.challenge,
                email=request.email,
                locale=locale(request.locale),
                codes=self.codes,
                now=self.clock(),
            )
        return pb.SendSignInLinkResponse()

    async def SignInWithLink(self, request: pb.SignInWithLinkRequest, _context: Context) -> pb.SignInWithLinkResponse:
        async with self.db.work() as work:
            resume = await usecases.sign_in_with_link(work, request.code, now=self.clock())
        return pb.SignInWithLinkResponse(redirect_url=self._url(resume))

    def _url(self, resume: str) -> str:
        return f"{self.resume_url}?resume={resume}"
