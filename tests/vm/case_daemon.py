# SPDX-License-Identifier: MIT
"""What happens to the daemon while bluetoothd keeps its links, and what it does with them of its own will."""
from case import Cases
from case_bluetoothd import all_linked_anew, both_go_on
from ledger import air_facts
from world import ANNA, BEN, SENSORS, STRIDECTL, Failed, command, near, now_usec, rows, said, service, stays, until

GRACE_S = 20
CASES = Cases()


@CASES.outage(30)       # RestartSec=, and a start on an emulated machine
def daemon_killed(world):
    """The links of a daemon that is killed stay up; the next one adopts them and goes on with the sessions."""
    sessions, links, killed = world.sessions(), world.connections(), service('MainPID')
    world.ledger.cut()
    command('systemctl', 'kill', '--signal=KILL', 'strided')
    until(lambda: service('MainPID') not in ('0', killed) and service('ActiveState') == 'active', 'systemd replaces it')
    both_go_on(world, sessions)
    if world.connections() != links:
        raise Failed('links were made anew: %s after %s' % (world.connections(), links))


@CASES.outage(20)
def daemon_restarted(world):
    """A daemon that is restarted lets go of the sensors, takes them back and goes on with the sessions."""
    sessions, links = world.sessions(), world.connections()
    world.ledger.cut()
    command('systemctl', 'restart', 'strided')
    all_linked_anew(world, links)
    both_go_on(world, sessions)


@CASES.outage(45)       # WatchdogSec= and the time to abort, too; 25 was seen on a busy host
def daemon_frozen(world):
    """A daemon that hangs is replaced by the watchdog; the next one adopts the links that stay up, and the sessions
    go on."""
    sessions, links, frozen, since_usec = world.sessions(), world.connections(), service('MainPID'), now_usec()
    world.ledger.cut()
    command('kill', '-STOP', frozen)
    until(lambda: service('MainPID') not in ('0', frozen) and service('ActiveState') == 'active', 'systemd replaces it')
    until(lambda: said('Watchdog timeout', since_usec), 'the watchdog says so')
    both_go_on(world, sessions)
    if world.connections() != links:
        raise Failed('links were made anew: %s after %s' % (world.connections(), links))


@CASES.lane('strap')
def released(world):
    """What is released a watch takes; when the time is over and the watch has gone, we do."""
    world.ledger.cut('strap')
    world.release('strap', 45)
    until(lambda: not world.linked('strap'), 'the link is gone')
    world.wait_states({'released'}, ['strap'])
    before = world.air.number('strap connections')
    stays(lambda: world.state('strap') == 'released' and world.air.number('strap connections') == before,
          'it is left alone while it advertises', 15)
    world.air('strap set taken 1')
    world.wait_live(heart_rate_bpm=None)
    stays(lambda: world.state('strap') != 'streaming', 'it is left alone', 35)
    world.air('strap set taken 0')
    world.wait_streams('strap')


@CASES.lane('foot')
def left_to_a_watch(world):
    """Within Grace a sensor is left to whoever else may want it; when nobody did, it is ours."""
    with world.configured('[Sensor foot]\nGrace=%ds\n' % GRACE_S):
        world.ledger.cut('foot')
        world.release('foot', 2)        # what was lost against our will is taken back without Grace
        until(lambda: not world.linked('foot'), 'the link is gone')
        before = world.air.number('foot connections')
        world.wait_states({'seen'}, ['foot'])
        world.air('foot set taken 1')       # the watch was faster
        world.wait_states({'absent'}, ['foot'])
        if world.air.number('foot connections') != before:
            raise Failed('it was not left to the watch')
        free_usec = now_usec()
        world.air('foot set taken 0')
        world.wait_states({'seen'}, ['foot'])
        world.wait_streams('foot')
        up_usec = min(fact.t_usec for fact in air_facts() if (fact.sensor, fact.what) == ('foot', 'up') and
                      fact.t_usec > free_usec)
        if up_usec - free_usec < GRACE_S * 1e6:
            raise Failed('it was taken %.1f s after it was free' % ((up_usec - free_usec) / 1e6))


def ends_with_all_that_was_run(world, runner, sensor):
    """Told, and stored as its session is ended here; ran is what the sensor's own odometer counted meanwhile."""
    name = runner.split('/')[-1]
    session = world.broker.wait(runner + '/live', lambda live: live['session'], fresh=True)['session']
    ran_m = world.air.number(sensor + ' odometer') - world.begun_m[sensor]
    told_m = world.broker.last(runner + '/live')['distance_m']
    print('%s ran %.0f m, and is told %.0f m' % (name, ran_m, told_m))
    if not near(told_m, ran_m, 10 + ran_m / 100):
        raise Failed('%s ran %.0f m, and is told %.0f m' % (name, ran_m, told_m))
    command(STRIDECTL, '--runner', name, 'session', 'stop')
    until(lambda: session + '-end' in [event['id'] for event in world.broker.events], 'its end is told')
    body = [event['body'] for event in world.broker.events if event['id'] == session + '-end'][-1]
    stored = rows('SELECT state, runner, distance_m FROM sessions WHERE id = ?', session)
    if body['id'] != session or [one[:2] for one in stored] != [('ended', name)] or \
            not near(stored[0][2], body['distance_m'], 1) or not near(stored[0][2], ran_m, 25 + ran_m / 100):
        raise Failed('of session %s it is told: %s, and stored: %s' % (session, body, stored))


@CASES.last
def whole_way(world):
    """All that a runner ran is told, and stored when the session ends, whatever became of the links meanwhile."""
    world.ledger.leave('foot', 'chest')
    ends_with_all_that_was_run(world, BEN, 'foot')


@CASES.last
def idle(world):
    """With no session and no step a sensor is let go, left alone while it goes on advertising, and taken after a rest."""
    world.ledger.leave('foot', 'chest')
    with world.configured('[Sensor foot]\nIdleTimeout=10s\n[Sensor chest]\nIdleTimeout=10s\n'):
        world.air('foot set speed_m_s 0')
        world.air('foot set strides_per_min 0')
        world.air('chest set heart_rate_bpm 60')    # an effort is not idle
        world.air('belt set speed_km_h 0')          # a shared treadmill that moves may be for anybody
        world.air('pod set speed_m_s 0')            # who went on beside one that stands would count on
        world.air('pod set strides_per_min 0')
        if world.broker.last(BEN + '/session')['state'] in ('running', 'paused'):
            command(STRIDECTL, '--runner', 'ben', 'session', 'stop')
        world.wait_states({'released'}, ['foot', 'chest'])
        until(lambda: not world.linked('foot') and not world.linked('chest'), 'the links are gone')
        before = world.connections()
        stays(lambda: world.connections() == before, 'it is left alone', 40)
        world.air('foot range 0')
        world.wait_states({'absent'}, ['foot'], 240)
        world.air('foot set speed_m_s 3')
        world.air('foot set strides_per_min 90')
        world.air('chest set heart_rate_bpm 140')
        world.air('foot range 1')
        world.wait_streams('foot', 'chest')         # and the strap with it, as the runner moves


@CASES.last     # of all, as the next one who comes to the treadmill may be either
def whole_way_on_a_treadmill(world):
    """All that a treadmill moved under a runner is told and stored, with a pod that bridges what it was away."""
    world.ledger.leave(*SENSORS)        # of the other runner, whose session is over already
    ends_with_all_that_was_run(world, ANNA, 'belt')
