"""The agent's live status on a terminal, or one line now and then where there is none."""

from __future__ import annotations

from datetime import datetime
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from edgecam.core.clock import NS_PER_S
from edgecam.core.status import Fault, HubStatus, ObserverStatus, RecorderStatus, read_status
from edgecam.places import Places
from edgecam.stage import Stage
from edgecam.supervise import Supervisor

_LIVE_EVERY_NS = NS_PER_S
_LINE_EVERY_NS = 5 * NS_PER_S
RESTING = "outside the recording hours"


class Statuses:
    """What the three parts last said, read once."""

    def __init__(self, places: Places) -> None:
        self.recorder = read_status(places.status_of("recorder"), RecorderStatus)
        self.observer = read_status(places.status_of("observer"), ObserverStatus)
        self.hub = read_status(places.status_of("hub"), HubStatus)

    def faults(self) -> list[Fault]:
        said = (self.recorder, self.observer, self.hub)
        return [fault for status in said if status is not None for fault in status.faults]


class Display:
    """A context manager; `show` may be called as often as one likes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None
        self._shown_ns = 0
        self._told = ""

    def __enter__(self) -> Display:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def show(self, supervisor: Supervisor) -> None:
        now_ns = supervisor.clock.mono_ns()
        if now_ns - self._shown_ns < (_LIVE_EVERY_NS if self._live else _LINE_EVERY_NS):
            return
        self._shown_ns = now_ns
        if supervisor.stage is not Stage.READY:
            self._show_first_run(supervisor.first_run())
            return
        statuses = Statuses(supervisor.places)
        if self._live:
            table = status_table(statuses, now_ns, supervisor.broker_complaint)
            table.add_row("", Text("Ctrl-C stops; footage stays.", style="dim"))
            self._live.update(table, refresh=True)
        else:
            self._console.print(status_line(statuses, now_ns, supervisor.broker_complaint), soft_wrap=True)

    def _show_first_run(self, first_run: tuple[str, str] | None) -> None:
        """Where a new camera is set up, told once."""
        words = first_run_words(*first_run) if first_run else "starting"
        if words == self._told:
            return
        self._told = words
        if self._live:
            self._live.update(Text(words), refresh=True)
        else:
            self._console.print(words, soft_wrap=True, markup=False)


def first_run_words(page: str, code: str) -> str:
    """Where the first run goes on, and with which code."""
    if not code:
        return f"The set-up of this camera goes on at {page}: sign in as its owner."
    return f"This camera is new. Set it up at {page}/#/setup?code={code} (set-up code {code})"


def status_line(said: Statuses, now_ns: int, broker_complaint: str = "") -> str:
    recorder, hub, observer = said.recorder, said.hub, said.observer
    if recorder is None:
        return "starting"
    parts = [
        recording_word(recorder, now_ns),
        f"{recorder.fps:.1f} fps",
        f"dropped {recorder.frames_dropped}",
        f"{recorder.bit_rate_kbps:.0f} kbit/s",
        days_words(recorder),
        f"last event {last_event_words(observer)}",
        f"broker {hub.broker if hub else 'starting'}",
    ]
    sentences = [*(fault.sentence for fault in said.faults()), broker_complaint]
    if recorder.private_by:
        parts.append(f"private {private_words(recorder)}")
    parts += [f"silenced {words}" for words in silence_words(observer)]
    return "  ".join(parts) + "".join(f"\n  ! {sentence}" for sentence in sentences if sentence)


def aim_words(recorder: RecorderStatus) -> str:
    """What is known of where the camera looks."""
    if not recorder.aim_confirmed_by:
        return recorder.aim
    if recorder.aim == "unconfirmed":
        return "learning the view that was confirmed, a few seconds"
    return f"{recorder.aim}, confirmed by {recorder.aim_confirmed_by}"


def status_table(said: Statuses, now_ns: int, broker_complaint: str = "") -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", justify="right")
    table.add_column()
    recorder, hub = said.recorder, said.hub
    if recorder is None:
        table.add_row("edgecam", "starting …")
        return table
    word = recording_word(recorder, now_ns)
    well = word == "recording" or word.startswith(RESTING)
    table.add_row("edgecam", Text(word, style="bold green" if well else "bold yellow"))
    table.add_row("source", f"{recorder.source}  {recorder.width}x{recorder.height}")
    table.add_row("frames", f"{recorder.fps:.1f} per second, {recorder.frames_dropped} dropped")
    table.add_row("bit rate", f"{recorder.bit_rate_kbps:.0f} kbit/s")
    table.add_row("footage", days_words(recorder))
    if recorder.medium_life:
        table.add_row("medium", recorder.medium_life)
    table.add_row("aim", aim_words(recorder))
    if recorder.private_by:
        table.add_row("private", Text(private_words(recorder), style="yellow"))
    table.add_row("last event", last_event_words(said.observer))
    for words in silence_words(said.observer):
        table.add_row("silenced", Text(words, style="yellow"))
    if said.observer and said.observer.habits:
        table.add_row("habits", said.observer.habits)
    table.add_row("broker", f"{hub.broker} {hub.broker_address}, {hub.outbox} waiting" if hub else "starting")
    table.add_row("page", hub.page if hub and hub.page else "off")
    for sentence in [*(fault.sentence for fault in said.faults()), broker_complaint]:
        if sentence:
            table.add_row("", Text(sentence, style="yellow"))
    return table


def private_words(recorder: RecorderStatus) -> str:
    """Who ordered that all is private, and until when."""
    until = f"until {_at(recorder.private_until_wall_ns)}" if recorder.private_until_wall_ns else "without end"
    return f"ordered by {recorder.private_by}, {until}"


def silence_words(observer: ObserverStatus | None) -> list[str]:
    """What is counted and not told, by whose order, until when, and how often."""
    silences = observer.silences if observer is not None else []
    return [
        f"{told['kind']}{' at ' * bool(told['place'])}{told['place']} by {told['by']}, "
        f"until {_at(told['until_wall_ns'])}, {told['events']} events"
        for told in silences
    ]


def _at(wall_ns: int) -> str:
    return f"{datetime.fromtimestamp(wall_ns / NS_PER_S).astimezone():%Y-%m-%d %H:%M:%S}"


def recording_word(recorder: RecorderStatus, now_ns: int) -> str:
    silent = now_ns - recorder.beat_mono_ns > 5 * NS_PER_S
    if recorder.resting and not silent:
        until = datetime.fromtimestamp(recorder.resting_until_wall_ns / NS_PER_S).astimezone()
        return RESTING + (f" until {until:%a %H:%M}" if recorder.resting_until_wall_ns else "")
    if silent or not recorder.recording:
        return "not recording"
    return "recording, wholly masked" if recorder.private else "recording"


def days_words(recorder: RecorderStatus) -> str:
    kept = f"kept {days(recorder.days_kept)} / owed {days(recorder.days_policy)}"
    return f"{kept}, the ring holds {days(recorder.days_forecast)}" if recorder.days_forecast else kept


def days(value: float) -> str:
    if value >= 1:
        return f"{value:.1f} days"
    hours = value * 24
    return f"{hours:.1f} h" if hours >= 1 else f"{hours * 60:.0f} min"


def last_event_words(observer: ObserverStatus | None) -> str:
    if observer is None or not observer.last_event:
        return "none yet"
    at = datetime.fromtimestamp(observer.last_event_wall_ns / NS_PER_S).astimezone()
    return f"{observer.last_event} at {at:%H:%M:%S}"
