# SPDX-License-Identifier: MIT
"""What happens to the daemon while bluetoothd keeps its links, and what it does with them of its own will."""
import contextlib
import sqlite3

from case import Cases
from case_bluetoothd import both_go_on
from world import BEN, SENSORS, STATE, STRIDECTL, Failed, command, journal, near, service, stays, until

CASES = Cases()


def connections(world):
    return {sensor: world.air.number(sensor + ' connections') for sensor in SENSORS}


@CASES.alone
def daemon_killed(world):
    """The links stay up; the next one adopts them and goes on with the sessions."""
    sessions, links, killed = world.sessions(), connections(world), service('MainPID')
    world.ledger.cut()
    command('systemctl', 'kill', '--signal=KILL', 'strided')
    until(lambda: service('MainPID') not in ('0', killed) and service('ActiveState') == 'active', 'systemd replaces it')
    both_go_on(world, sessions)
    if connections(world) != links:
        raise Failed('links were made anew: %s after %s' % (connections(world), links))


@CASES.alone
def daemon_restarted(world):
    """It lets go of the sensors, takes them back and goes on with the sessions."""
    sessions = world.sessions()
    world.ledger.cut()
    command('systemctl', 'restart', 'strided')
    both_go_on(world, sessions)


@CASES.alone
def daemon_frozen(world):
    """The watchdog replaces it, and the sessions go on."""
    sessions, frozen = world.sessions(), service('MainPID')
    world.ledger.cut()
    command('kill', '-STOP', frozen)
    until(lambda: service('MainPID') not in ('0', frozen) and service('ActiveState') == 'active', 'systemd replaces it')
    if not any('watchdog' in entry['MESSAGE'].lower() for entry in journal()):
        raise Failed('the watchdog did not say so')
    both_go_on(world, sessions)


@CASES.lane('strap')
def released(world):
    """Released, a watch takes it; when the time is over and the watch has gone, we do."""
    world.ledger.cut('strap')
    world.release('strap', 30)
    until(lambda: not world.linked('strap'), 'the link is gone')
    world.air('strap set taken 1')
    world.wait_live(heart_rate_bpm=None)
    stays(lambda: world.state('strap') != 'streaming', 'it is left alone', 35)
    world.air('strap set taken 0')
    world.wait_streams('strap')


@CASES.lane('foot')
def left_to_a_watch(world):
    """Within Grace it is left to whoever else may want it; when nobody did, it is ours."""
    with world.configured('[Sensor foot]\nGrace=20s\n'):
        world.ledger.cut('foot')
        world.release('foot', 2)        # what was lost against our will is taken back without Grace
        until(lambda: not world.linked('foot'), 'the link is gone')
        before = world.air.number('foot connections')
        world.wait_states({'seen'}, ['foot'])
        world.air('foot set taken 1')       # the watch was faster
        stays(lambda: world.air.number('foot connections') == before, 'it is the watch\'s', 25)
        world.air('foot set taken 0')
        world.wait_states({'seen'}, ['foot'])
        world.wait_streams('foot')


def stored_session(session):
    """Its row in the database."""
    with contextlib.closing(sqlite3.connect('file:%s/strided.db?mode=ro' % STATE, uri=True, timeout=60)) as database:
        return database.execute('SELECT state, runner, distance_m FROM sessions WHERE id = ?', [session]).fetchone()


@CASES.last
def whole_way(world):
    """All that a runner ran is told, and stored when the session ends, whatever became of the links meanwhile."""
    world.ledger.leave('foot', 'chest')
    session = world.sessions()[BEN]
    ran_m, told_m = world.air.number('foot odometer') - world.begun_m, world.broker.last(BEN + '/live')['distance_m']
    print('ben ran %.0f m, and is told %.0f m' % (ran_m, told_m))
    if not near(told_m, ran_m, 10 + ran_m / 100):
        raise Failed('ben ran %.0f m, and is told %.0f m' % (ran_m, told_m))
    command(STRIDECTL, '--runner', 'ben', 'session', 'stop')
    until(lambda: [event for event in world.broker.events if event['kind'] == 'session_end'], 'its end is told')
    body = [event['body'] for event in world.broker.events if event['kind'] == 'session_end'][-1]
    row = stored_session(session)
    if body['id'] != session or not row or row[:2] != ('ended', 'ben') or not near(row[2], body['distance_m'], 1) \
            or not near(row[2], ran_m, 25 + ran_m / 100):
        raise Failed('of session %s it is told: %s, and stored: %s' % (session, body, row))


@CASES.last
def idle(world):
    """With no session and no step it is let go, left alone while it goes on advertising, and taken after a rest."""
    world.ledger.leave('foot', 'chest')
    with world.configured('[Sensor foot]\nIdleTimeout=10s\n[Sensor chest]\nIdleTimeout=10s\n'):
        world.air('foot set speed_m_s 0')
        world.air('foot set strides_per_min 0')
        world.air('chest set heart_rate_bpm 60')    # an effort is not idle
        world.air('belt set speed_km_h 0')          # a shared treadmill that moves may be for anybody
        if world.broker.last(BEN + '/session')['state'] in ('running', 'paused'):
            command(STRIDECTL, '--runner', 'ben', 'session', 'stop')
        world.wait_states({'released'}, ['foot', 'chest'])
        until(lambda: not world.linked('foot') and not world.linked('chest'), 'the links are gone')
        before = connections(world)
        stays(lambda: connections(world) == before, 'it is left alone', 40)
        world.air('foot range 0')
        world.wait_states({'absent'}, ['foot'], 240)
        world.air('foot set speed_m_s 3')
        world.air('foot set strides_per_min 90')
        world.air('chest set heart_rate_bpm 140')
        world.air('foot range 1')
        world.wait_streams('foot', 'chest')         # and the strap with it, as the runner moves
