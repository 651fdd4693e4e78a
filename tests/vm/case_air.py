# SPDX-License-Identifier: MIT
"""
What happens between a sensor and the adapter. The first ones mind their own sensor and run side by side, while the
other sensors' sessions go on.
"""
import collections
import contextlib
import subprocess

from case import Cases
from case_bluetoothd import all_linked_anew
from ledger import air_facts
from world import ANNA, BEN, LATER, SENSORS, Failed, command, journal, now_usec, stays, until

CASES = Cases()


# ---- side by side ------------------------------------------------------------------------------------
@CASES.lane('strap')
def out_of_range_and_back(world):
    """A strap out of range is null, not stale, and comes back by itself."""
    world.air('strap range 0')
    world.wait_away('strap')
    world.wait_live(heart_rate_bpm=None)
    world.air('strap range 1')
    world.wait_streams('strap')
    world.wait_live(heart_rate_bpm=(150, 30))


@CASES.lane('strap')
def linked_but_silent(world):
    """A link that stands and says nothing is made anew."""
    before = world.air.number('strap connections')
    world.air('strap set muted 1')
    world.wait_states({'silent'}, ['strap'])
    world.wait_live(heart_rate_bpm=None)
    until(lambda: world.air.number('strap connections') > before, 'the strap is connected anew', LATER)
    world.air('strap set muted 0')
    world.wait_streams('strap')
    world.wait_live(heart_rate_bpm=(150, 30))


@CASES.lane('pod')
def link_fails_at_once(world):
    """Links that die as soon as they are there (0x3e) are tried again."""
    # after links that were short each try is later, a minute in the end; one that stood so long is a good one
    stays(lambda: world.state('pod') == 'streaming', 'a link that stands', 31)
    before = world.air.number('pod connections')
    world.air('pod set failures 3')
    world.air('pod drop')
    world.wait_away('pod')
    # one that dies may be told to stream for the moment that it stands
    until(lambda: world.air.number('pod connections') > before, 'a good link', LATER)
    world.wait_streams('pod')
    if world.air.number('pod connections') != before + 1:
        raise Failed('%s good links after %s' % (world.air('pod connections'), before))
    world.wait_live(cadence_spm=(168, 1))


def taken_by_a_watch(world, sensor):
    before = world.air.number(sensor + ' connections')
    world.air(sensor + ' set taken 1')
    world.air(sensor + ' drop')
    world.wait_states({'absent'}, [sensor])
    stays(lambda: world.state(sensor) != 'streaming' and world.air.number(sensor + ' connections') == before,
          'nobody connects to what does not advertise', 20)
    stays(lambda: not any(sensor in problem for problem in world.problems()), 'it is not called a problem', 15)
    world.air(sensor + ' set taken 0')
    world.wait_streams(sensor)


@CASES.lane('pod')
def watch_has_it(world):
    """A pod that does not advertise, as the watch has it, is no error, and is taken when the watch lets go."""
    taken_by_a_watch(world, 'pod')


@CASES.lane('strap')
def watch_has_the_strap(world):
    """A strap that the watch has, though nobody released it, is no error, and is taken when the watch lets go."""
    taken_by_a_watch(world, 'strap')
    world.wait_live(heart_rate_bpm=(150, 30))


@CASES.lane('chest')
def absent_for_minutes(world):
    """Minutes of absence, and it is taken up where it was."""
    world.air('chest range 0')
    world.wait_away('chest')
    stays(lambda: world.state('chest') != 'streaming', 'it is away', 130)
    world.air('chest range 1')
    world.wait_streams('chest')
    world.wait_live(runner=BEN, heart_rate_bpm=(140, 1))


@CASES.lane('foot')
def deaf(world):
    """A sensor that answers no request is not said to stream, and others do not suffer."""
    world.air('foot set deaf 1')
    world.air('foot drop')
    world.wait_away('foot')
    stays(lambda: world.state('foot') != 'streaming', 'it does not stream', 60)
    world.air('foot set deaf 0')
    world.wait_streams('foot', within=2 * LATER)
    world.wait_live(runner=BEN, cadence_spm=(180, 1))


# ---- alone -------------------------------------------------------------------------------------------
def forget_all():
    """One may be forgotten already: bluetoothd does so by itself 30 s after a link ended, if it is not heard."""
    for number in range(1, 6):
        command('busctl', 'call', 'org.bluez', '/org/bluez/hci0', 'org.bluez.Adapter1', 'RemoveDevice', 'o',
                '/org/bluez/hci0/dev_C0_DE_00_00_00_%02d' % number, check=False)
    until(lambda: 'dev_C0_DE' not in command('busctl', 'tree', '--list', 'org.bluez'), 'bluetoothd knows none of them')


@CASES.outage(30, soak=30)
def first_connection(world):
    """Sensors that neither bluetoothd nor a daemon that just began has heard of are found, connected and read."""
    links = world.connections()
    world.ledger.cut()
    command('systemctl', 'stop', 'strided')     # and a new one, for which links that were short are no trouble
    forget_all()
    command('systemctl', 'start', 'strided')
    all_linked_anew(world, links)
    world.wait_streams()
    world.wait_live(heart_rate_bpm=(150, 30), cadence_spm=(168, 1))
    world.wait_live(runner=BEN, heart_rate_bpm=(140, 1), cadence_spm=(180, 1))


@CASES.alone
def two_runners(world):
    """Four sensors and one treadmill: each runner's figures are their own, the treadmill's are of who came to it."""
    # one that was silent may bring yet what the pod told meanwhile: 5 s pass before it has the word
    world.broker.wait(ANNA + '/live', lambda live: live['source']['distance'] == 'belt', fresh=True)
    anna = world.wait_live(heart_rate_bpm=(150, 30), cadence_spm=(168, 1))
    ben = world.wait_live(runner=BEN, heart_rate_bpm=(140, 1), cadence_spm=(180, 1), speed_m_s=(3, 0.05))
    if anna['source']['distance'] != 'belt' or ben['source']['distance'] != 'pod':
        raise Failed('distances are from: %s, %s' % (anna['source']['distance'], ben['source']['distance']))
    if anna['session'] == ben['session']:
        raise Failed('both in one session: %s' % anna['session'])
    begin_m = world.air.number('foot odometer')
    first_m = world.broker.last(BEN + '/live')['distance_m']
    stays(lambda: world.state('foot') == 'streaming', 'it streams', 20)
    ran_m = world.air.number('foot odometer') - begin_m
    told_m = world.broker.last(BEN + '/live')['distance_m'] - first_m
    if abs(told_m - ran_m) > 15:        # five seconds of running, for the ways of both
        raise Failed('ben ran %.0f m and is told %.0f' % (ran_m, told_m))


def somebody_scans():
    return 'true' in command('busctl', 'get-property', 'org.bluez', '/org/bluez/hci0', 'org.bluez.Adapter1', 'Discovering')


@contextlib.contextmanager
def another_client_scans():
    """As Home Assistant does on the same machine, all day."""
    client = subprocess.Popen(['bluetoothctl'], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        client.stdin.write('menu scan\ntransport le\nduplicate-data on\nback\nscan on\n')
        client.stdin.flush()
        until(somebody_scans, 'it scans')
        yield
        stays(somebody_scans, 'it scans yet, and not we', 6)    # as all stream; a burst of ours that ends takes 4 s
    finally:
        client.kill()
        client.wait()


@CASES.outage(30)
def another_client_scans_all_the_time(world):
    """A sensor that can be heard is linked within 15 s, though the kernel takes its time while somebody scans; of five
    at once each within 15 s of its first call, also where nobody has heard of them before."""
    with another_client_scans():
        one_by_one = {sensor: dropped(world, [sensor])[sensor] for sensor in SENSORS}
        at_once = dropped(world, SENSORS)
    with another_client_scans():
        unheard_of = met_anew(world, ('strap', 'foot'))
    for sensor in SENSORS:
        world.heal(sensor)
    print('one by one: %s\nat once: %s\nunheard of: %s' % (one_by_one, at_once, unheard_of))
    first = min(unheard_of.values(), key=lambda taken: taken.since_heard_s)     # they are called one after the other
    slow = [taken for taken in (*one_by_one.values(), first) if taken.since_heard_s > LINKED_S] + \
           [taken for taken in (*at_once.values(), *unheard_of.values()) if taken.since_called_s > LINKED_S]
    if slow:
        raise Failed('too slow: %s' % slow)


LINKED_S = 15
Taken = collections.namedtuple('Taken', 'since_heard_s since_called_s calls')


def dropped(world, sensors):
    """How each is taken back whose link ends now, as it advertises from then on and is ours."""
    since_usec = now_usec()
    for sensor in sensors:
        world.air(sensor + ' drop')
    return taken(sensors, lambda sensor: until_taken(sensor, down_usec(sensor, since_usec)))


def met_anew(world, sensors):
    """How each of these is taken where neither bluetoothd nor a daemon that just began has heard of any. (The others
    stay away: beside a scan each takes its ten seconds.)"""
    world.ledger.cut()
    command('systemctl', 'stop', 'strided')
    for sensor in SENSORS:
        world.air(sensor + ' set taken 1')      # or it is heard anew as soon as it is forgotten
    forget_all()
    since_usec = now_usec()
    command('systemctl', 'start', 'strided')
    for sensor in sensors:
        world.air(sensor + ' set taken 0')
    return taken(sensors, lambda sensor: until_taken(sensor, seen_usec(sensor, since_usec)))


def taken(sensors, how):
    found = {}
    for sensor in sensors:
        until(lambda sensor=sensor: found.update({sensor: how(sensor)}) or found[sensor], sensor + ' is taken',
              2 * LATER)
    return found


def down_usec(sensor, since_usec):
    return min((fact.t_usec for fact in air_facts() if (fact.sensor, fact.what) == (sensor, 'down') and
                fact.t_usec >= since_usec), default=None)


def states_of(sensor, since_usec):
    return [(int(entry['__MONOTONIC_TIMESTAMP']), entry['STATE'])
            for entry in journal('SENSOR=' + sensor, since_usec=since_usec) if 'STATE' in entry]


def seen_usec(sensor, since_usec):
    heard = ('seen', 'waiting', 'connecting')
    return min((at for at, state in states_of(sensor, since_usec) if state in heard), default=None)


def until_taken(sensor, heard_usec):
    """From when it was heard, and from the first call, to the first packet or subscription; failed calls are between.
    None if it is not there yet."""
    if heard_usec is None:
        return None
    states = states_of(sensor, heard_usec)
    usable_usec = min((at for at, state in states if state == 'streaming'), default=None)
    if usable_usec is None:
        return None
    calls = [at for at, state in states if state == 'connecting' and at < usable_usec]
    return Taken((usable_usec - heard_usec) / 1e6, (usable_usec - calls[0]) / 1e6, len(calls))


SPARE = '[Sensor spare]\nAddress=C0:DE:00:00:00:06\nRunner=ben\nConnect=auto\nGrace=0s\n'


@CASES.alone
def five_links_full(world):
    """The sixth sensor is told to have no place, the five go on, and it comes when one is released."""
    before = world.air.number('spare connections')     # another case assigned it
    with world.configured(SPARE):
        world.air('spare range 1')
        world.wait_problem('spare cannot connect: the Bluetooth adapter seems to have no connection left',
                           3 * LATER)
        if world.air.number('spare connections') != before:
            raise Failed('the adapter took a sixth')
        if not all(world.state(sensor) == 'streaming' for sensor in SENSORS):
            raise Failed('states: %s' % {sensor: world.state(sensor) for sensor in SENSORS})
        world.ledger.cut('belt')
        world.release('belt', 45)
        world.wait_streams('spare', within=2 * LATER)
        with world.ledger.also('spare'):
            stays(lambda: world.state('spare') == 'streaming', 'it streams', 5)
    world.air('spare range 0')
    world.wait_streams()
