# SPDX-License-Identifier: MIT
"""
What the daemon may do, and what may be done to it: its unit as the kernel sees it, and the policy of the bus as other
users meet it. That it does all its jobs so is what every other case is about.
"""
import contextlib
import json
import os
import re
import socket
import subprocess

from case import Cases
from case_bluetoothd import both_go_on
from ledger import recordings
from world import (ANNA, BEN, CASE_FILE, GATEWAY, HASTE_FILE, LATER, SENSORS, STATE, STRIDECTL, Failed, as_user, command, journal,
                   near, now_usec, rows, said, service, until)

SCORE_MAX = 1.3     # of systemd-analyze security: 0 may do nothing, 10 everything
CASES = Cases()


@CASES.alone
def root_is_heard(world):
    """Root is heard through the policy of the bus."""
    session = world.sessions()[ANNA]
    for verb, wanted in ('status', session), ('sensors', 'streaming'):
        shown = command(STRIDECTL, verb)
        if wanted not in shown:
            raise Failed('%s: %s' % (verb, shown))


def make_users():
    for name, groups in ('member', ('--groups', 'strided')), ('stranger', ()):
        if not command('getent', 'passwd', name, check=False):
            command('useradd', '--no-create-home', *groups, name)


@CASES.alone
def members_are_heard(world):
    """A member of the group is heard, and another user is not."""
    make_users()
    session = world.sessions()[ANNA]
    done = as_user('member', STRIDECTL, 'status')
    if done.returncode != 0 or session not in done.stdout:
        raise Failed('a member was answered %d: %s' % (done.returncode, done.stdout))
    done = as_user('stranger', STRIDECTL, 'status')
    if done.returncode == 0 or 'not allowed' not in done.stdout or session in done.stdout:
        raise Failed('a stranger was answered %d: %s' % (done.returncode, done.stdout))


@CASES.alone
def strangers_may_look(_):
    """Another user may look at what there is and no more, and nobody may be the daemon."""
    ours = ('org.strided1', '/org/strided1')
    bus = ('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus')
    make_users()
    asked = ('call', *ours, 'org.strided1.Gateway')
    denied = 'Call failed: Access denied'       # busctl's words for the bus's own error, and for no other
    rows = (    # as whom, words of busctl, the bus's refusal or what is answered
        ('stranger', ('call', *ours, 'org.freedesktop.DBus.Introspectable', 'Introspect'), None, 'org.strided1.Gateway'),
        ('stranger', ('call', *ours, 'org.freedesktop.DBus.Peer', 'Ping'), None, ''),
        ('stranger', (*asked, 'Session', 's', '{"do":"stop"}'), denied, None),
        ('stranger', ('call', *ours, 'org.freedesktop.DBus.Properties', 'GetAll', 's', 'org.strided1.Gateway'), denied, None),
        ('stranger', ('call', *bus, 'RequestName', 'su', 'org.strided1', '0'), denied, None),
        ('member', ('call', *bus, 'RequestName', 'su', 'org.strided1', '6'), denied, None),     # replace, do not queue
    )
    for user, words, refusal, answer in rows:
        done = as_user(user, 'busctl', *words)
        if (done.returncode != 0) != bool(refusal) or (refusal or answer) not in done.stdout:
            raise Failed('%s: busctl %s: %d: %s' % (user, ' '.join(words), done.returncode, done.stdout))


@CASES.alone
def unit_scores(_):
    """The unit as it is shipped scores as promised (the drop-in of these tests is about times only)."""
    shown = command('systemd-analyze', 'security', '--no-pager', 'strided.service')
    score = float(re.search(r'exposure level for strided.service: ([\d.]+)', shown)[1])
    print('systemd-analyze security: %.1f' % score)
    if score > SCORE_MAX:
        raise Failed('%.1f is more than %.1f:\n%s' % (score, SCORE_MAX, shown))


@CASES.alone
def unit_holds(_):
    """The restrictions hold as the kernel sees the process, not as systemd was told."""
    pid = service('MainPID')
    if service('DropInPaths').split() != [HASTE_FILE]:
        raise Failed('other restrictions than the unit\'s: ' + service('DropInPaths'))
    with open('/proc/%s/status' % pid, encoding='ascii') as file:
        status = dict(line.rstrip('\n').split(':\t', 1) for line in file if ':\t' in line)
    wanted = {'NoNewPrivs': '1', 'Seccomp': '2', 'CapPrm': '0' * 16, 'CapEff': '0' * 16, 'CapBnd': '0' * 16,
              'CapAmb': '0' * 16}
    seen = {name: status[name] for name in wanted}
    if seen != wanted or '0' in status['Uid'].split():
        raise Failed('%s, uid %s' % (seen, status['Uid']))
    into = ('nsenter', '--target', pid, '--mount')
    for folder, wanted in (('/usr', 'Read-only file system'), ('/etc', 'Read-only file system'),
                           ('/home', 'Read-only file system'), (STATE, 'written'), ('/srv/strided/import', 'written')):
        done = command(*into, 'sh', '-c', 'touch %s/.probe 2>&1 && rm %s/.probe && echo written' % (folder, folder),
                       check=False)
        if wanted not in done:
            raise Failed('%s: %s' % (folder, done))
    devices = set(command(*into, 'ls', '/dev').split())
    if 'null' not in devices or devices & {'vda', 'vhci', 'mem', 'rfkill'}:
        raise Failed('it sees devices: %s' % sorted(devices))


GPX = """<?xml version="1.0"?>
<gpx version="1.1" creator="smoke" xmlns="http://www.topografix.com/GPX/1/1"><trk><type>running</type><trkseg>
%s</trkseg></trk></gpx>
"""


IMPORT = '/srv/strided/import/'


def bring(folder, name, day='2026-03-01'):
    """As a program that syncs a folder does."""
    points = ''.join('<trkpt lat="%.5f" lon="8.5"><ele>%.2f</ele><time>%sT08:%02d:%02dZ</time></trkpt>\n' %
                     (47 + second * 3 / 111195, 400 + second / 20, day, second // 60, second % 60)
                     for second in range(0, 1200, 5))
    os.makedirs(IMPORT + folder, exist_ok=True)
    path = IMPORT + '%s/%s' % (folder, name)
    with open(path + '.part', 'w', encoding='ascii') as file:
        file.write(GPX % points)
    command('chown', '-R', 'strided:strided', IMPORT + folder.split('/')[0])
    os.rename(path + '.part', path)


def one_that_came_in(world):
    """Taken in and moved out of the way, which the folder's place in the sandbox is open for; then another's, then
    nobody's."""
    with world.configured('[Import]\nAfter=move\n'):
        bring('anna', 'run.gpx')
        until(lambda: [event for event in world.broker.events if event['kind'] == 'import'], 'the file is taken in', LATER)
        until(lambda: os.path.exists(IMPORT + 'anna/done/run.gpx') and not os.path.exists(IMPORT + 'anna/run.gpx'),
              'the file is moved')
    body = [event['body'] for event in world.broker.events if event['kind'] == 'import'][0]
    if body['file'] != 'run.gpx' or body['verdict'] != 'imported' or \
            not near(body['sessions'][0]['distance_m'], 3585, 40):
        raise Failed('of the file it is said: %s' % body)
    session = body['sessions'][0]['id']

    def row():
        return rows('SELECT runner, state, file, distance_m, start_usec FROM sessions WHERE id = ?', session)

    runner, state, file, distance_m, start_usec = row()[0]
    if (runner, state, start_usec) != ('anna', 'ended', 1772352000_000000) or not file or \
            not near(distance_m, body['sessions'][0]['distance_m'], 1):
        raise Failed('of session %s it is stored: %s' % (session, row()))
    command(STRIDECTL, 'session', 'assign', 'id=' + session, 'runner=ben')
    if row()[0][:3] != ('ben', 'ended', file) or os.path.exists(STATE + '/imported/anna/%s.gz' % file) or \
            not os.path.exists(STATE + '/imported/ben/%s.gz' % file):
        raise Failed('given to ben, of session %s it is stored: %s' % (session, row()))
    command(STRIDECTL, '--runner', 'ben', 'session', 'discard', 'id=' + session)
    if row()[0][:3] != ('ben', 'discarded', file) or \
            not os.path.exists(STATE + '/imported/%s.discarded' % file):
        raise Failed('discarded, of session %s it is stored: %s' % (session, row()))


def route_of(name):
    """The altitude at each distance, in metres, of what the runner was last said to follow: see lib/recording.h."""
    lines = [words for runner, lines in recordings() if runner == name for words in lines if words[0] == 'H']
    return {float(place.split(':')[0]): float(place.split(':')[1])
            for words in lines if words[1] == lines[-1][1] for place in words[2:] if ':' in place}


def grades(world):
    """Of Ben, whom no treadmill tells one."""
    bring('ben/routes', 'hill.gpx')
    command(STRIDECTL, '--runner', 'ben', 'incline', '2')
    live = world.wait_live(runner=BEN, grade_pct=(2, 0.01))
    if live['source']['grade'] != 'incline':
        raise Failed('incline 2: the grade is from: %s' % live['source'])
    command(STRIDECTL, '--runner', 'ben', 'incline', 'null')
    world.wait_live(runner=BEN, grade_pct=None)
    command(STRIDECTL, '--runner', 'ben', 'route', 'hill.gpx')      # the first grade of it takes half a minute
    until(lambda: route_of('ben'), 'the way is in the recording')
    way = route_of('ben')
    if not near(max(way) - min(way), 3585, 40) or not near(way[min(way)], 400, 2) or \
            not near(way[max(way)], 459.75, 2):
        raise Failed('the way is: %s' % way)
    command(STRIDECTL, '--runner', 'ben', 'route', 'null')
    until(lambda: not route_of('ben'), 'there is no way any more')


@CASES.alone
def every_job(world):
    """Each kind of job is done under these restrictions: commands, a scan, heights of a route, a file that a child
    decodes, which is moved, given to another and discarded."""
    for words in ('week', 'load', 'explain weekly_distance'):
        command(STRIDECTL, '--runner', 'anna', *words.split())
    for words in ('imports', 'scan 2'):
        command(STRIDECTL, *words.split())
    grades(world)
    one_that_came_in(world)


@CASES.alone
def journal_fields(world):
    """The journal can be filtered by sensor and session."""
    session = world.sessions()[ANNA]
    states = [entry.get('STATE') for entry in journal('SENSOR=strap')]
    if 'streaming' not in states or 'connecting' not in states:
        raise Failed('SENSOR=strap went through %s' % states)
    states = [entry.get('STATE') for entry in journal('SESSION=' + session)]
    if not states or None in states:
        raise Failed('SESSION=%s went through %s' % (session, states))


@CASES.alone
def boot_and_memory(world):
    """The boot is known to the recording, and the process knows its memory, with /proc hidden."""
    with open('/proc/sys/kernel/random/boot_id', encoding='ascii') as file:
        boot = file.read().strip().replace('-', '')
    command('grep', '-rqa', '^A %s ' % boot, STATE)
    world.broker.wait(GATEWAY + '/health', lambda health: health['rss_bytes'] > 1 << 20, LATER)


SECRETS = '/etc/strided/case'       # of root alone, but for the certificates
CREDENTIALS_FILE = '/run/systemd/system/strided.service.d/credentials.conf'
CREDENTIALS = """
[Service]
LoadCredential=mqtt-password:%s/password
LoadCredential=client-key:%s/gateway.key
LimitCORE=infinity
""" % (SECRETS, SECRETS)
BY_CREDENTIALS = """
[MQTT]
Uri=mqtts://localhost:8883
CaFile=%s/ca.crt
Username=vm
ClientCert=%s/gateway.crt
ClientKey=/run/credentials/strided.service/client-key
""" % (SECRETS, SECRETS)
BROKER = """
listener 8883
cafile ca.crt
certfile broker.crt
keyfile broker.key
require_certificate true
password_file users
user root
"""


def sign(name, alt):
    new = ('-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', name + '.key', '-subj', '/CN=' + name)
    if name == 'ca':
        command('openssl', 'req', '-x509', *new, '-out', 'ca.crt', '-days', '2')
        return
    command('openssl', 'req', *new, '-addext', 'subjectAltName=' + alt, '-out', name + '.csr')
    command('openssl', 'x509', '-req', '-in', name + '.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial',
            '-copy_extensions', 'copy', '-days', '2', '-out', name + '.crt')


def listens(port):
    with socket.socket() as one:
        return one.connect_ex(('localhost', port)) == 0


@contextlib.contextmanager
def another_broker(world):
    """One that wants a certificate and a login; strided is to have both from systemd."""
    os.makedirs(SECRETS, 0o755)
    os.chdir(SECRETS)
    os.umask(0o077)
    for name in ('ca', 'broker', 'gateway'):
        sign(name, 'DNS:localhost')
    for name, text in (('broker.conf', BROKER), ('password', 'from-root\n'), (CREDENTIALS_FILE, CREDENTIALS),
                       (CASE_FILE, BY_CREDENTIALS)):
        with open(name, 'w', encoding='ascii') as file:
            file.write(text)
    command('mosquitto_passwd', '-b', '-c', 'users', 'vm', 'from-root')
    for name in ('ca.crt', 'gateway.crt', CASE_FILE):
        os.chmod(name, 0o644)
    with open('/proc/sys/kernel/core_pattern', 'r+', encoding='ascii') as file:
        pattern = file.read()
        file.write(STATE + '/core.case')
    command('systemd-run', '--unit=another-broker', '--working-directory=' + SECRETS, '/usr/sbin/mosquitto', '-c',
            'broker.conf')
    until(lambda: listens(8883), 'the other broker listens')
    witness = subprocess.Popen(['mosquitto_sub', '-p', '8883', '--cafile', 'ca.crt', '--cert', 'gateway.crt', '--key',
                                'gateway.key', '-u', 'vm', '-P', 'from-root', '-t', GATEWAY + '/health', '-C', '1', '-W',
                                str(LATER)], stdout=subprocess.PIPE)
    try:
        command('systemctl', 'daemon-reload')
        world.ledger.cut()
        command('systemctl', 'restart', 'strided')
        yield witness
    finally:
        witness.kill()
        os.chdir('/')
        os.umask(0o022)
        os.unlink(CREDENTIALS_FILE)
        os.unlink(CASE_FILE)
        command('rm', '-r', SECRETS)
        with open('/proc/sys/kernel/core_pattern', 'w', encoding='ascii') as file:
            file.write(pattern)
        command('systemctl', 'daemon-reload')
        world.ledger.cut()
        command('systemctl', 'restart', 'strided')
        command('systemctl', 'stop', 'another-broker')


def all_stream():
    """As it says itself: at the broker that the others listen to it is not. One that is stopped while it subscribes is
    sent to all the same, and a ledger that was cut before does not know of it."""
    until(lambda: command(STRIDECTL, 'sensors', check=False).count(' streaming ') >= len(SENSORS), 'all stream', LATER)


@CASES.outage(90)       # all that is told to the other broker
def secrets_of_root(world):
    """A password and a key that root alone may read reach it by systemd, and nobody gets them out of it."""
    sessions, since = world.sessions(), now_usec()
    with another_broker(world) as witness:
        until(lambda: said('connected to mqtts://localhost:8883', since), 'it is at the other broker', LATER)
        words = said('others may read', since) or command('/usr/local/bin/strided', '--check-config')
        if 'others may read' in str(words):
            raise Failed('it is warned of the mode that systemd gives: %s' % words)
        health = json.loads(witness.communicate()[0])
        if health['rss_bytes'] < 1 << 20:
            raise Failed('it does not know its memory: %s' % health)
        pid = service('MainPID')
        for name in ('environ', 'maps'):
            done = as_user('strided', 'cat', '/proc/%s/%s' % (pid, name))
            if done.returncode == 0 or 'ermission denied' not in done.stdout:
                raise Failed('user strided reads its %s: %s' % (name, done.stdout[:200]))
        all_stream()
        world.ledger.cut()
        command('systemctl', 'kill', '--signal=ABRT', 'strided')
        until(lambda: service('MainPID') not in ('0', pid) and service('ActiveState') == 'active', 'systemd replaces it')
        if not said('code=killed, status=6/ABRT', since) or [one for one in os.listdir(STATE) if 'core' in one]:
            raise Failed('it was dumped: %s' % said('6/ABRT', since))
        all_stream()
    both_go_on(world, sessions)
