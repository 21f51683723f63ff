"""The forms of the first run, which the owner finds again later: notice, plan, masks, sign, broker, updates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from edgecam.core.errors import BadInput
from edgecam.custody.paper.notice import Notice
from edgecam.custody.paper.sign import SignSize
from edgecam.keys.certificatepair import check_pair
from edgecam.web.answers import DoneAnswer
from edgecam.web.firststeps import SetupStep
from edgecam.web.setupdoor import AsSetter, SetupForm, may_take
from edgecam.web.setupparts import (
    BrokerChoice,
    BrokerTried,
    Language,
    PlanShown,
    Policy,
    RetentionChoice,
    SetsUp,
    UpdatesChoice,
)


class ChooseRetention(SetupForm):
    policy: Policy
    days: float = Field(14.0, gt=0, le=366, allow_inf_nan=False)
    floor_days: float = Field(0.0, ge=0, le=366, allow_inf_nan=False)
    size_gib: float = Field(0.0, ge=0, le=65_536, allow_inf_nan=False)

    def choice(self) -> RetentionChoice:
        return RetentionChoice(self.policy, self.days, self.floor_days, self.size_gib)


class NothingToHide(SetupForm):
    reason: str = Field(min_length=3, max_length=200, pattern=r"\S")


class ChooseBroker(SetupForm):
    kind: Literal["off", "embedded", "mqtt"]
    host: str = Field("", max_length=255)
    port: int = Field(0, ge=0, le=65_535)
    tls: bool = False
    username: str = Field("", max_length=200)
    password: str | None = Field(None, max_length=1024)
    ca_pem: str | None = Field(None, max_length=16_384)
    cert_pem: str | None = Field(None, max_length=16_384)
    key_pem: str | None = Field(None, max_length=8192)
    home_assistant: bool = False

    def choice(self) -> BrokerChoice:
        """Raises: BadInput for an address that is none, and for files that cannot be used together."""
        if self.kind == "mqtt" and not self.host.strip():
            raise BadInput("the broker needs an address", do="type its name or number", field="host")
        if self.ca_pem and "-----BEGIN CERTIFICATE-----" not in self.ca_pem:
            raise BadInput("this is no certificate", do="choose a PEM file", field="ca_pem")
        self._check_shown()
        return BrokerChoice(**self.model_dump())

    def _check_shown(self) -> None:
        """Raises: BadInput unless certificate and key come together, belong together, and go with TLS."""
        if bool(self.cert_pem) != bool(self.key_pem):
            missing = "key_pem" if self.cert_pem else "cert_pem"
            raise BadInput("a certificate and its key come together", do="choose both files", field=missing)
        if self.cert_pem and self.key_pem:
            if not self.tls:
                raise BadInput("a certificate is shown over TLS alone", do="switch TLS on", field="tls")
            check_pair(self.cert_pem.encode(), self.key_pem.encode())


class ChooseUpdates(SetupForm):
    """What is left out stays as it is."""

    automatic: bool | None = None
    notices: bool | None = None


@dataclass(frozen=True, slots=True)
class BrokerAnswer:
    """What is set; never password or key. ``has_certificate``: whether the camera shows one of its own."""

    kind: str
    host: str
    port: int
    tls: bool
    username: str
    home_assistant: bool
    has_certificate: bool


def place_forms(parts: SetsUp) -> APIRouter:
    """The routes of what is told of the place: notice, retention, masks, sign."""
    router = APIRouter(prefix="/api/setup")

    @router.get("/notice")
    async def notice(_: AsSetter) -> Notice:
        return await run_in_threadpool(parts.notice)

    @router.put("/notice")
    async def set_notice(body: Notice, visitor: AsSetter) -> DoneAnswer:
        await may_take(parts, SetupStep.NOTICE)
        await run_in_threadpool(parts.set_notice, body, visitor.name)
        return DoneAnswer()

    @router.get("/plan")
    async def plan(_: AsSetter) -> PlanShown:
        return await run_in_threadpool(parts.plan, None)

    @router.post("/plan")
    async def what_if(body: ChooseRetention, _: AsSetter) -> PlanShown:
        return await run_in_threadpool(parts.plan, body.choice())

    @router.put("/retention")
    async def keep(body: ChooseRetention, visitor: AsSetter) -> PlanShown:
        await may_take(parts, SetupStep.RETENTION)
        return await run_in_threadpool(parts.keep, body.choice(), visitor.name)

    @router.post("/nothing-to-hide")
    async def nothing_to_hide(body: NothingToHide, visitor: AsSetter) -> DoneAnswer:
        await may_take(parts, SetupStep.MASKS)
        await run_in_threadpool(parts.hide_nothing, body.reason.strip(), visitor.name)
        return DoneAnswer()

    @router.get("/sign.pdf", response_class=Response)
    async def sign(language: Language, size: SignSize, _: AsSetter) -> Response:
        page = await run_in_threadpool(parts.sign, language, size)
        named = {"Content-Disposition": f'inline; filename="sign-{language}-{size.value}.pdf"'}
        return Response(page, media_type="application/pdf", headers=named)

    return router


def broker_forms(parts: SetsUp) -> APIRouter:
    """The routes of where the camera tells what it notices."""
    router = APIRouter(prefix="/api/setup")

    @router.get("/broker")
    async def broker(_: AsSetter) -> BrokerAnswer:
        told = await run_in_threadpool(parts.broker)
        return BrokerAnswer(
            told.kind, told.host, told.port, told.tls, told.username, told.home_assistant, told.has_certificate
        )

    @router.post("/broker/try")
    async def try_broker(body: ChooseBroker, _: AsSetter) -> BrokerTried:
        return await run_in_threadpool(parts.try_broker, body.choice())

    @router.put("/broker")
    async def set_broker(body: ChooseBroker, visitor: AsSetter) -> DoneAnswer:
        await may_take(parts, SetupStep.BROKER)
        await run_in_threadpool(parts.set_broker, body.choice(), visitor.name)
        return DoneAnswer()

    return router


def update_forms(parts: SetsUp) -> APIRouter:
    """The route of whether updates are installed by themselves, and told."""
    router = APIRouter(prefix="/api/setup")

    @router.put("/updates")
    async def set_updates(body: ChooseUpdates, visitor: AsSetter) -> DoneAnswer:
        await may_take(parts, SetupStep.SUMMARY)
        await run_in_threadpool(parts.set_updates, UpdatesChoice(body.automatic, body.notices), visitor.name)
        return DoneAnswer()

    return router
