"""Everything that is due on this camera, for the page and the command line: each sort from where it is known."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from edgecam.core.clock import NS_PER_S, Clock, Instant
from edgecam.core.errors import BadInput, MediaFailing
from edgecam.custody.cases.calendar import Calendar, Due, DueWhat, Source, due, of_card, of_cases, of_holds
from edgecam.custody.cases.casestore import CaseStore
from edgecam.custody.cases.duedays import kept_through
from edgecam.custody.disclosure.duplicates import Duplicates
from edgecam.custody.holds import Holds
from edgecam.custody.register.bookfiles import closed_books
from edgecam.custody.register.bookline import year_and_zone
from edgecam.custody.register.register import Register
from edgecam.keys.camera import CameraKey
from edgecam.keys.certificate import certificate_end
from edgecam.papering import standard_due
from edgecam.places import Places
from edgecam.reports import Reports
from edgecam.ringbuffer.reader import live_epochs
from edgecam.settings import Settings


def calendar_of(
    settings: Settings,
    places: Places,
    key: CameraKey,
    register: Register,
    cases: CaseStore,
    holds: Holds,
    clock: Clock,
) -> Calendar:
    """The owner's calendar of one camera; nothing is read before it is asked."""
    duplicates = Duplicates(places.disclosed, register, key, clock, quota_bytes=0)
    reports = Reports(places, clock, observes=settings.analysis.enabled)

    def held(now: Instant) -> list[Due]:
        if not holds.store.all():
            return []
        standing = holds.standing(live_epochs(places.ring))
        return of_holds([one for one in standing if not one.ended], now)

    def card(_: Instant) -> list[Due]:
        recorder = reports.recorder()
        return of_card(recorder.wear_percent if recorder is not None else None)

    sources: list[Source] = [
        lambda now: of_cases(cases.all(), now),
        held,
        lambda now: _certificates(settings, places, now),
        card,
        lambda now: _books(settings, places, now),
        lambda now: _duplicates(duplicates, now),
        standard_due(settings, places, key, register, clock),
    ]
    return Calendar(clock, sources)


def _duplicates(duplicates: Duplicates, now: Instant) -> Iterable[Due]:
    for one in duplicates.all():
        told = {"case_id": one.case_id, "subject": one.duplicate_id}
        yield due(DueWhat.DUPLICATE_ERASURE, one.kept_until_wall_ns, now, **told)


def _certificates(settings: Settings, places: Places, now: Instant) -> Iterable[Due]:
    broker = settings.telemetry.cert_file
    files = [
        (DueWhat.PAGE_CERTIFICATE, places.page_certificate),
        (DueWhat.PAGE_AUTHORITY, places.page_authority),
    ]
    if broker:
        path = (places.settings.parent / Path(broker).expanduser()).absolute()
        files.append((DueWhat.BROKER_CERTIFICATE, path))
    for what, path in files:
        # One that is missing or damaged is a fault of who needs it, and told there.
        with suppress(OSError, BadInput):
            ends = certificate_end(path.read_bytes())
            yield due(what, int(ends.timestamp()) * NS_PER_S, now, subject=path.name)


def _books(settings: Settings, places: Places, now: Instant) -> Iterable[Due]:
    zone = settings.retention.timezone
    try:
        books = closed_books(places.register)
        known = [(book, year_and_zone(book, zone)) for book in books]
    except FileNotFoundError:
        return
    except OSError as refused:
        raise MediaFailing(
            f"the register's books cannot be read ({refused.strerror})", do="check the card"
        ) from refused
    for book, year in known:
        if year is not None:
            end_ns = kept_through(year[0], settings.custody.kept_years, zone)
            yield due(DueWhat.BOOK_ERASURE, end_ns, now, subject=book.name)
