# SPDX-License-Identifier: MIT
"""
What happens to bluetoothd. Debian 12 leaves one that crashed dead (Debian 13 does not): the daemon starts it then, by
the bus, where systemd says that it failed; one that was stopped or masked it leaves alone.
"""
from case import Cases
from world import BEN, GATEWAY, Failed, command, now_usec, said, service, stays, until

CASES = Cases()


def both_go_on(world, sessions):
    world.wait_streams()
    for runner, session in sessions.items():
        live = world.wait_live(runner=runner)
        if live['session'] != session:
            raise Failed('another session began: %s after %s' % (live['session'], session))


def bluetoothd_runs():
    return service('ActiveState', 'bluetooth') == 'active'


@CASES.alone
def bluetoothd_restarted(world):
    """All is taken up again, in the same sessions."""
    sessions = world.sessions()
    world.ledger.cut()
    command('systemctl', 'restart', 'bluetooth')
    both_go_on(world, sessions)


@CASES.alone
def bluetoothd_killed(world):
    """It is started again: by systemd where its unit says so, else by us."""
    sessions, before, since_usec = world.sessions(), service('MainPID', 'bluetooth'), now_usec()
    world.ledger.cut()
    command('systemctl', 'kill', '--signal=KILL', 'bluetooth')
    until(lambda: service('MainPID', 'bluetooth') not in ('0', before), 'a new one runs')
    both_go_on(world, sessions)
    by_us = bool(said('bluetoothd crashed: starting it again', since_usec))
    restart = service('Restart', 'bluetooth')
    if by_us == (restart == 'on-failure'):
        raise Failed('Restart=%s, and we %s it' % (restart, 'started' if by_us else 'did not start'))


@CASES.alone
def bluetoothd_stopped(world):
    """Who stops it finds it stopped, however long; it is not called an error of ours, and taken up when it is back."""
    sessions = world.sessions()
    world.ledger.cut()
    command('systemctl', 'stop', 'bluetooth')
    world.wait_states({'unavailable'})
    stays(lambda: not bluetoothd_runs(), 'it stays stopped', 35)      # we look each 30 s
    world.wait_problem("'sudo systemctl start bluetooth' starts it")
    if world.broker.last(GATEWAY + '/status') != 'online':
        raise Failed('the gateway is offline')
    command('systemctl', 'start', 'bluetooth')
    both_go_on(world, sessions)


@CASES.alone
def bluetoothd_masked(world):
    """One that crashed and is masked is left alone, until it may run."""
    sessions = world.sessions()
    command('systemctl', 'mask', '--runtime', 'bluetooth')
    world.ledger.cut()
    command('systemctl', 'kill', '--signal=KILL', 'bluetooth')
    world.wait_states({'unavailable'})
    stays(lambda: not bluetoothd_runs(), 'it stays away', 35)
    world.wait_problem('bluetooth.service is masked')
    world.wait_live(heart_rate_bpm=None)
    command('systemctl', 'unmask', '--runtime', 'bluetooth')
    until(bluetoothd_runs, 'it is started again', 120)      # it failed, and may run
    both_go_on(world, sessions)
