# SPDX-License-Identifier: MIT
"""What a person does at the terminal, done by the installed service under its unit's restrictions."""
import json
import os
import time

from case import Cases
from case_rights import bring
from world import ANNA, LATER, STATE, STRIDECTL, Failed, command, near, rows, until

CASES = Cases()


def ask(runner, *words):
    """The data of an answer."""
    answer = json.loads(command(STRIDECTL, '--json', '--runner', runner, *words) if runner else
                        command(STRIDECTL, '--json', *words))
    if answer['status'] != 'ok':
        raise Failed('%s: %s' % (' '.join(words), answer))
    return answer['data']


def enters(world):
    """Notes, a run by hand, a session away and back: what they are is stored at once."""
    day = time.strftime('%Y-%m-%d', time.gmtime(time.time() - 2 * 86400))
    logged = ask('ben', 'log-run', day, '5000', '1800', 'downhill_drop_m=80', 'effort=6')['id']
    ask('ben', 'session', 'note', 'id=' + logged, 'surface=trail')
    if rows('SELECT effort, surface FROM notes WHERE id = ?', logged) != [(6.0, 'trail')]:
        raise Failed('of how it was there is: %s' % rows('SELECT * FROM notes'))
    listed = ask('ben', 'sessions')
    if [one['distance_m'] for one in listed['sessions'] if one['id'] == logged] != [5000]:
        raise Failed('sessions has: %s' % listed)
    ask('ben', 'delete', logged)
    if not os.path.exists(STATE + '/deleted/' + logged) or rows('SELECT state FROM sessions WHERE id = ?', logged) != [('discarded',)]:
        raise Failed('deleted, there is: %s' % rows('SELECT id, state FROM sessions'))
    ask('ben', 'delete', logged, 'undo=true')
    if os.path.exists(STATE + '/deleted/' + logged) or rows('SELECT state FROM sessions WHERE id = ?', logged) != [('ended',)]:
        raise Failed('brought back, there is: %s' % rows('SELECT id, state FROM sessions'))
    ask('ben', 'delete', logged)


def takes_away(world):
    """A backup, and all that is stored of a runner."""
    made = ask(None, 'backup')
    if os.path.getsize('%s/%s' % (STATE, made['name'])) != made['size_bytes']:
        raise Failed('backup: %s' % made)
    everything = json.loads(command(STRIDECTL, '--runner', 'ben', '--output', '-', 'export', 'everything'))
    if 'sessions' not in everything or 'days' not in everything:
        raise Failed('everything is: %s' % list(everything))
    for verb in 'history', 'alerts', 'load', 'week':
        ask('ben', verb)
    for words in ('snooze', '1'), ('snooze', '0'), ('acknowledge',):
        ask('ben', *words)


def asks_for_a_file(world):
    """Read at once, not when the folder has come to rest."""
    bring('ben', 'asked.gpx', '2026-03-02')           # another one than other cases bring
    answer = ask('ben', 'import', 'asked.gpx')
    if answer['verdict'] not in ('imported', 'known') or len(answer['sessions']) != 1:
        raise Failed('import: %s' % answer)
    read = answer['sessions'][0]['id']
    until(lambda: rows('SELECT distance_m FROM sessions WHERE id = ?', read), 'it is stored')
    if not near(rows('SELECT distance_m FROM sessions WHERE id = ?', read)[0][0], 3585, 40):
        raise Failed('import: %s' % rows('SELECT * FROM sessions WHERE id = ?', read))
    ask('ben', 'delete', read)


@CASES.alone
def terminal(world):
    """What people enter, take away and ask for is done under these restrictions: notes, runs by hand, delete and
    undo, backup, export, a file at once, a recording on request."""
    enters(world)
    takes_away(world)
    asks_for_a_file(world)
    begun = ask(None, 'record', 'start', 'chest', 'minutes=1')
    until(lambda: ask(None, 'record', 'status')['packets'] > 2, 'packets are written down', LATER)
    ask(None, 'record', 'stop')
    path = begun['file'] if begun['file'].startswith('/') else '%s/%s' % (STATE, begun['file'])
    command('/usr/local/bin/strided-replay', path)      # every line of it can be read
    if os.stat(path).st_mode & 0o007:
        raise Failed('%s may be read by all' % path)


@CASES.alone
def doctor_finds_nothing(world):
    """The doctor fails nothing where all is well, and sees the service, bluetoothd, adapter, sensors and broker."""
    found = world.doctor()
    wanted = {'config-sound', 'service-runs', 'bus-there', 'daemon-answers', 'bluetoothd-runs', 'adapter-powered',
              'sensor-well', 'disk-room', 'database-sound', 'import-ready', 'broker-listens', 'login-taken',
              'topics-readable', 'name-ours'}
    failing = [row for row in found.values() if row['mark'] == 'fail']
    if failing or not wanted <= set(found):
        raise Failed('the doctor says: %s; not: %s' % ([(row['line'], row['found']) for row in found.values()],
                                                      wanted - set(found)))
    if world.broker.last(ANNA + '/live') is None:
        raise Failed('nobody runs')


@CASES.lane('belt')
def assigned(world):
    """A sensor that is assigned by command is heard, and let go when it is forgotten."""
    world.ledger.cut('belt')
    world.release('belt', 600)                          # the adapter is full with five
    world.air('spare range 1')
    answer = ask(None, 'assign', 'C0:DE:00:00:00:06', 'anna', 'name=spare')
    if (answer['sensor'], answer['runner']) != ('spare', 'anna'):
        raise Failed('assign: %s' % answer)
    world.wait_streams('spare', within=3 * LATER)       # Grace is what it is by default
    ask(None, 'forget', 'spare')
    until(lambda: not world.linked('spare'), 'its link is gone')
    if 'spare' in [one['name'] for one in ask(None, 'sensors')['sensors']]:
        raise Failed('it is not forgotten: %s' % ask(None, 'sensors'))
    world.air('spare range 0')
    world.release('belt', 5)
    world.wait_streams('belt', within=2 * LATER)
