# SPDX-License-Identifier: MIT
"""
What happens to bluetoothd. Debian 12 leaves one that crashed dead (Debian 13 does not): the daemon starts it then, by
the bus, where systemd says that it failed; one that was stopped or masked it leaves alone.
"""
import contextlib
import json
import subprocess
import threading

from case import Cases
from world import ANNA, BEN, GATEWAY, LATER, Failed, command, now_usec, said, service, stays, until

CASES = Cases()


def both_go_on(world, sessions):
    """Each in the same session, with figures of its own sensors that are of now: what is retained may be of before."""
    for runner, figures in (ANNA, dict(heart_rate_bpm=(150, 30), cadence_spm=(168, 1))), \
                           (BEN, dict(heart_rate_bpm=(140, 1), cadence_spm=(180, 1))):
        live = world.wait_live(LATER, runner, **figures)
        if live['session'] != sessions[runner]:
            raise Failed('another session began: %s after %s' % (live['session'], sessions[runner]))
    world.wait_streams()


def all_linked_anew(world, links):
    until(lambda: all(now > links[sensor] for sensor, now in world.connections().items()), 'all links are made anew',
          LATER)


def bluetoothd_runs():
    return service('ActiveState', 'bluetooth') == 'active'


@contextlib.contextmanager
def seen_starts():
    """The list of what was asked of the bus to start bluetoothd, by anybody, when it is over: who names it, who calls
    it and lets it be started for that, and who asks systemd. (systemctl asks systemd past the bus.)"""
    asked, lines = [], []
    monitor = subprocess.Popen(['busctl', 'monitor', '--json=short',
                                "--match=type='method_call',member='StartServiceByName'",
                                "--match=type='method_call',interface='org.freedesktop.systemd1.Manager'",
                                "--match=type='signal',member='ActivationRequest'"],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    reader = threading.Thread(target=lambda: lines.extend(monitor.stdout))
    reader.start()
    try:
        until(lambda: knock() or lines, 'the bus is watched')   # not each version says so
        yield asked
    finally:
        monitor.terminate()
        reader.join()
        monitor.wait()
        for line in lines:
            message = json.loads(line)
            words = json.dumps(message['payload'])
            if message['member'] in ('StartServiceByName', 'ActivationRequest', 'StartUnit', 'RestartUnit') and \
                    ('bluez' in words or 'bluetooth' in words):
                asked.append('%s %s' % (message['member'], words))


def knock():
    """Asks the bus to start what nobody knows."""
    command('busctl', 'call', 'org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'StartServiceByName',
            'su', 'org.strided1.Nobody', '0', check=False)


@contextlib.contextmanager
def left_alone():
    """Nobody starts it, says that it does, or as much as asks for it."""
    since_usec = now_usec()
    with seen_starts() as asked:
        yield
    said_so = said('starting it again', since_usec)
    if asked or said_so:
        raise Failed('it was not left alone: %s; %s' % (asked, said_so))


@CASES.alone
def bluetoothd_restarted(world):
    """A bluetoothd that is restarted is taken up again, in the same sessions."""
    sessions, links = world.sessions(), world.connections()
    world.ledger.cut()
    command('systemctl', 'restart', 'bluetooth')
    all_linked_anew(world, links)
    both_go_on(world, sessions)


@CASES.alone
def bluetoothd_killed(world):
    """A bluetoothd that crashed is started again: by systemd where its unit says so, else by us."""
    sessions, links = world.sessions(), world.connections()
    before, since_usec = service('MainPID', 'bluetooth'), now_usec()
    world.ledger.cut()
    with seen_starts() as asked:
        command('systemctl', 'kill', '--signal=KILL', 'bluetooth')
        until(lambda: service('MainPID', 'bluetooth') not in ('0', before), 'a new one runs')
    all_linked_anew(world, links)
    both_go_on(world, sessions)
    by_us = bool(said('bluetoothd crashed: starting it again', since_usec))
    restart = service('Restart', 'bluetooth')
    if by_us == (restart == 'on-failure'):
        raise Failed('Restart=%s, and we %s it' % (restart, 'started' if by_us else 'did not start'))
    if by_us and not any('StartServiceByName' in one for one in asked):     # or left_alone() would see nothing, either
        raise Failed('the bus was not seen to be asked for it: %s' % asked)


def kill_bluetoothd(world):
    world.ledger.cut()
    command('systemctl', 'kill', '--signal=KILL', 'bluetooth')
    until(lambda: not bluetoothd_runs(), 'it is gone')


@CASES.named(gap_s=1200)
def bluetoothd_killed_again_and_again(world):
    """One that crashes again and again is started later and later, and not a fourth time in an hour; by hand
    it may be (a quarter of an hour)."""
    if service('Restart', 'bluetooth') == 'on-failure':
        raise Failed('systemd starts it here, and not we')
    links, since_usec = world.connections(), now_usec()
    for pause_s in (2, 30, 120):        # as daemon/sensors/revival.c has them
        kill_bluetoothd(world)
        stays(lambda: not bluetoothd_runs(), 'it is left alone for a while', pause_s - 1)
        until(bluetoothd_runs, 'it is started again', LATER)
        all_linked_anew(world, links)
        world.ledger.wait_heard()
        links = world.connections()
    world.ledger.set_free('belt')       # all are idle for so long that their sessions end
    kill_bluetoothd(world)
    stays(lambda: not bluetoothd_runs(), 'it is not started a fourth time', 630)       # the question comes after 600 s
    world.wait_problem('is left alone for up to an hour')
    starts = len(said('bluetoothd crashed: starting it again', since_usec))
    if starts != 3:
        raise Failed('it was started %d times' % starts)
    command('systemctl', 'start', 'bluetooth')
    all_linked_anew(world, links)
    world.wait_streams()


@CASES.alone
def bluetoothd_stopped(world):
    """Who stops bluetoothd finds it stopped, however long; it is not called an error of ours, and taken up when it
    is back."""
    sessions, links = world.sessions(), world.connections()
    world.ledger.cut()
    command('systemctl', 'stop', 'bluetooth')
    began = service('ActiveEnterTimestampMonotonic', 'bluetooth')
    with left_alone():
        world.wait_states({'unavailable'})
        stays(lambda: not bluetoothd_runs(), 'it stays stopped', 35)      # we look each 30 s
    if service('ActiveEnterTimestampMonotonic', 'bluetooth') != began:
        raise Failed('it ran in between')
    world.wait_problem("'sudo systemctl start bluetooth' starts it")
    world.doctor('bluetoothd-stopped')
    if world.broker.last(GATEWAY + '/status') != 'online':
        raise Failed('the gateway is offline')
    command('systemctl', 'start', 'bluetooth')
    all_linked_anew(world, links)
    both_go_on(world, sessions)


@CASES.alone
def bluetoothd_masked(world):
    """One that crashed and is masked is left alone, until it may run."""
    sessions, links = world.sessions(), world.connections()
    command('systemctl', 'mask', '--runtime', 'bluetooth')
    world.ledger.cut()
    with left_alone():
        command('systemctl', 'kill', '--signal=KILL', 'bluetooth')
        world.wait_states({'unavailable'})
        stays(lambda: not bluetoothd_runs(), 'it stays away', 35)
    world.wait_problem('bluetooth.service is masked')
    world.doctor('bluetoothd-masked')
    world.wait_live(heart_rate_bpm=None)
    command('systemctl', 'unmask', '--runtime', 'bluetooth')
    until(bluetoothd_runs, 'it is started again', 120)      # it failed, and may run
    all_linked_anew(world, links)
    both_go_on(world, sessions)
