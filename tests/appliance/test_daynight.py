"""Day and night: what the light does to filter and lamp, and what no light can make them do."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest
from fakes.lines import FakeChip
from fakes.turningclock import TurningClock
from hypothesis import given, settings
from hypothesis import strategies as st

from edgecam.appliance.daynight import LEAD_S, NEXT, OPTICS, PROBE_S, UNSETTLED_S, DayNight, Light, LightPlan, Sign
from edgecam.appliance.optics import DrivenOptics, Wiring
from edgecam.core.errors import BadInput

pytestmark = pytest.mark.row("C8")
PLAN = LightPlan()
TURN_S = 0.5
MOST_SWITCHES_AN_HOUR = 10
SWITCHED = (Light.DAY, Light.NIGHT)


class World:
    """A scene with so much light of its own, and what an automatic exposure makes of it."""

    def __init__(self, plan: LightPlan = PLAN, light: Light = Light.DAY) -> None:
        self.now_s = 1000.0
        self.camera = DayNight(plan, self.now_s, light)
        self.entered: list[tuple[float, Light]] = []
        self.ambient = 200.0

    def light(self) -> Light:
        return self.camera.light

    def brightness(self) -> float:
        optics = self.camera.optics
        seen = self.ambient * (1.0 if optics.filter_in else 1.5) + (300.0 if optics.lamp else 0.0)
        return min(seen, 110.0)

    def live(self, seconds: float, *, wanted: bool | None = None, brightness: float | None = -1.0) -> None:
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            seen = self.brightness() if brightness == -1.0 else brightness
            if self.camera.step(self.now_s, seen, wanted):
                self.entered.append((self.now_s, self.camera.light))
            self.now_s += TURN_S

    def switches(self) -> list[float]:
        return switches_of(self.entered)


def switches_of(entered: Iterable[tuple[float, Light]]) -> list[float]:
    """When it changed from day to night or back; a look without the lamp is no change."""
    last, found = Light.DAY, []
    for at_s, light in entered:
        if light in SWITCHED and light is not last:
            last = light
            found.append(at_s)
    return found


def test_the_table_never_lights_a_lamp_behind_its_filter() -> None:
    assert set(OPTICS) == set(Light)
    assert not [light for light, optics in OPTICS.items() if optics.lamp and optics.filter_in]


def test_every_state_leads_back_to_day() -> None:
    for start in Light:
        reached, edge = {start}, {start}
        while edge:
            edge = {after for (before, _), after in NEXT.items() if before in edge} - reached
            reached |= edge
        assert reached == set(Light), start


def test_what_moves_the_optics_was_announced_first() -> None:
    """Filter and lamp change on the way out of a state that was told, or at the end of what it told."""
    for (before, sign), after in NEXT.items():
        if OPTICS[before] != OPTICS[after]:
            assert before in (Light.NIGHT_COMES, Light.DAY_COMES, Light.PROBE_COMES, Light.PROBE), (before, sign)


def test_dusk_switches_after_the_dwell_and_dawn_is_found_without_the_lamp() -> None:
    world = World()
    world.live(60)
    assert world.light() is Light.DAY
    world.ambient = 35.0
    world.live(28)
    assert world.light() is Light.DAY
    world.live(4 + LEAD_S)
    assert world.light() is Light.NIGHT
    # By its own lamp the picture is as bright as by day, and that is not taken for one.
    world.live(3 * 3600)
    assert world.light() is Light.NIGHT
    assert len(world.switches()) == 1
    world.ambient = 200.0
    world.live(1210 + PROBE_S + UNSETTLED_S)
    assert world.light() is Light.DAY
    assert len(world.switches()) == 2


def test_probes_are_as_rare_as_planned_and_short() -> None:
    world = World(LightPlan(probe_s=1200))
    world.ambient = 5.0
    world.live(4 * 3600)
    probes = [at_s for at_s, light in world.entered if light is Light.PROBE]
    ends = [at_s for at_s, light in world.entered if light is Light.NIGHT][1:]
    assert 10 <= len(probes) <= 12
    assert all(later - earlier >= 1200 for earlier, later in pairwise(probes))
    assert all(0 < end - begin <= PROBE_S + TURN_S for begin, end in zip(probes, ends, strict=True))


def test_without_a_plan_it_looks_when_the_night_grows_brighter() -> None:
    world = World(LightPlan(probe_s=0))
    world.ambient = 5.0
    world.live(120)
    assert world.light() is Light.NIGHT
    world.live(3600, brightness=60.0)
    assert Light.PROBE not in [light for _, light in world.entered]
    world.ambient = 200.0
    world.live(60)
    assert world.light() is Light.DAY


def test_a_room_whose_light_goes_off_is_not_left_black_for_the_dwell() -> None:
    world = World()
    world.live(30)
    world.live(2.5, brightness=18.0)
    assert world.light() is Light.NIGHT


def test_without_a_lamp_the_picture_tells_both() -> None:
    world = World(LightPlan(has_lamp=False))
    world.live(60, brightness=40.0)
    assert world.light() is Light.NIGHT
    world.live(260, brightness=100.0)
    assert world.light() is Light.NIGHT
    world.live(20, brightness=100.0)
    assert world.light() is Light.DAY
    assert Light.PROBE not in [light for _, light in world.entered]


def test_somebody_elses_lamp_makes_it_try_ever_more_rarely() -> None:
    """The open filter shows light that the closed one keeps out."""
    world = World(LightPlan(probe_s=60))
    until_s = world.now_s + 6 * 3600
    while world.now_s < until_s:
        world.ambient = 100.0 if not world.camera.optics.filter_in else 20.0
        world.live(TURN_S)
    switches = world.switches()
    days = [later - earlier for earlier, later in pairwise(switches[1::2])]
    assert days == sorted(days)
    assert days[0] < 700
    assert days[-1] >= 3600


@pytest.mark.parametrize("light", SWITCHED)
def test_a_timetable_goes_before_the_light(light: Light) -> None:
    world = World(light=light)
    world.live(20, wanted=True, brightness=110.0)
    assert world.light() is Light.NIGHT
    world.live(3600, wanted=True)
    assert world.light() is Light.NIGHT
    world.live(6, wanted=False, brightness=2.0)
    assert world.light() is Light.DAY
    world.live(3600, wanted=False, brightness=2.0)
    assert world.light() is Light.DAY


def test_without_a_picture_all_stays() -> None:
    world = World()
    world.live(29, brightness=40.0)
    world.live(3600, brightness=None)
    assert world.entered == []
    world.live(20, brightness=40.0)
    assert world.entered == []


def test_what_is_announced_covers_the_whole_change() -> None:
    world = World(LightPlan(probe_s=600))
    world.ambient = 10.0
    moved: list[float] = []
    before = world.camera.optics
    for _ in range(8 * 3600):
        world.live(TURN_S)
        if world.camera.optics != before:
            before = world.camera.optics
            moved.append(world.now_s)
            begin_s, until_s = world.camera.strange_s
            assert begin_s + LEAD_S <= world.now_s
            assert until_s >= world.now_s - TURN_S + UNSETTLED_S
    assert len(moved) > 10


brightnesses = st.one_of(st.none(), st.sampled_from([0.0, 20.0, 29.0, 45.0, 55.0, 70.0, 95.0, 110.0, 250.0]))
stretches = st.lists(st.tuples(brightnesses, st.sampled_from([0.5, 2.0, 31.0, 300.0, 700.0])), max_size=60)
plans = st.builds(
    LightPlan,
    dwell_s=st.sampled_from([5.0, 30.0]),
    probe_s=st.sampled_from([0.0, 60.0, 1200.0]),
    has_lamp=st.booleans(),
)


@settings(max_examples=150, deadline=None)
@given(plans, stretches, st.sampled_from(SWITCHED))
def test_no_light_makes_it_switch_too_often_or_harms_the_optics(
    plan: LightPlan, lights: list[tuple[float | None, float]], begin: Light
) -> None:
    chip, clock = FakeChip(), TurningClock()
    wiring = Wiring(0, 1, 2)
    optics = DrivenOptics(wiring, chip.open(outputs=wiring.outputs), clock)
    world = World(plan, begin)
    for brightness, seconds in lights:
        until_s = world.now_s + seconds
        while world.now_s < until_s:
            world.live(TURN_S, brightness=brightness)
            optics.bring(world.camera.optics)
    switches = world.switches() if begin is Light.DAY else switches_of([(1000.0, Light.NIGHT), *world.entered])
    for index, at_s in enumerate(switches):
        assert len([one for one in switches[index:] if one < at_s + 3600]) <= MOST_SWITCHES_AN_HOUR
    assert_harmless(chip.history)


def assert_harmless(history: list[tuple[int, bool]]) -> None:
    """The coil never has current from both sides, and no lamp burns while the filter is in or moves."""
    coil, lamp, filter_in = {0: False, 1: False}, False, True
    for line, high in history:
        if line == 2:
            lamp = high
        else:
            coil[line] = high
            filter_in = line == 0 if high else filter_in
            assert not (high and lamp)
        assert not (coil[0] and coil[1])
        assert not (lamp and (filter_in or any(coil.values())))
    assert not any(coil.values())


WAYS = [(Light.DAY, Light.NIGHT, Light.PROBE, Light.NIGHT, Light.DAY), (Light.NIGHT, Light.DAY)]


@pytest.mark.parametrize("way", WAYS)
def test_a_filter_of_one_line_is_held_and_one_of_two_is_pulsed(way: tuple[Light, ...]) -> None:
    clock = TurningClock()
    held, pulsed = FakeChip(), FakeChip()
    level = DrivenOptics(Wiring(0, None, 2), held.open(outputs=[0, 2]), clock)
    pulse = DrivenOptics(Wiring(0, 1, 2, 0.2), pulsed.open(outputs=[0, 1, 2]), clock)
    for light in way:
        before_ns = clock.mono_ns()
        for optics in (level, pulse):
            optics.bring(OPTICS[light])
        assert held.levels[0] is OPTICS[light].filter_in
        assert pulsed.levels[:2] == [False, False]
        assert held.levels[2] is pulsed.levels[2] is OPTICS[light].lamp
        assert clock.mono_ns() - before_ns in (0, 200_000_000)
    pulses = [line for line, high in pulsed.history if high and line < 2]
    stood = [OPTICS[light].filter_in for light in way]
    assert pulses == [0 if now else 1 for before, now in pairwise([None, *stood]) if now is not before]


def test_a_filter_that_could_not_be_moved_is_moved_again() -> None:
    chip = FakeChip()
    optics = DrivenOptics(Wiring(0), chip.open(outputs=[0]), TurningClock())
    optics.bring(OPTICS[Light.DAY])
    chip.gone = True
    with pytest.raises(Exception, match="gone"):
        optics.bring(OPTICS[Light.NIGHT])
    chip.gone = False
    chip.levels[0] = False
    optics.bring(OPTICS[Light.DAY])
    assert chip.levels[0]


@pytest.mark.parametrize("wiring", [Wiring(1, 1), Wiring(3, None, 3), Wiring(None, 4)])
def test_a_wiring_that_cannot_be_is_refused(wiring: Wiring) -> None:
    with pytest.raises(BadInput):
        _ = wiring.outputs


def test_the_table_knows_no_sign_twice() -> None:
    assert {sign for _, sign in NEXT} == set(Sign)
