# SPDX-License-Identifier: MIT
"""
The smoke: from `./run install` on a machine without an adapter to the first session, and at the very end away
again. Each step stands on the one before.
"""
import collections
import json
import os
import re

from world import ANNA, BEN, GATEWAY, LATER, ONE_RUNNER, STATE, TREE, Failed, command, journal, rows, service, until

ANNAS = ('strap', 'pod', 'belt')
BLUEZ = {'bookworm': '5.66', 'trixie': '5.82'}     # what README.md promises, and the simulator follows


# ---- to the first session --------------------------------------------------------------------------
def install_starts_the_service(world):
    print(world.install())
    if service('User') != 'strided':
        raise Failed('the service runs as ' + service('User'))
    if not service('StatusText'):
        raise Failed('the service tells systemd no status')


def reload_takes_the_sensors_and_says_that_there_is_no_adapter(world):
    world.configure(ONE_RUNNER)
    world.wait_states({'unavailable'}, ANNAS)


def an_adapter_appears_and_every_sensor_streams(world):
    world.plug()
    for sensor in ('chest', 'foot', 'spare'):
        world.air(sensor + ' range 0')
    world.wait_streams(*ANNAS)


def the_bluetoothd_is_that_of_the_debian_that_was_asked_for(_):
    with open('/etc/os-release', encoding='utf-8') as file:
        suite = re.search(r'(?m)^VERSION_CODENAME="?(\w+)', file.read())[1]
    program = os.readlink('/proc/%s/exe' % service('MainPID', 'bluetooth'))
    version = command(program, '--version').strip()
    print('Debian %s, bluetoothd %s' % (suite, version))
    wanted = os.environ['STRIDED_VM_SUITE']
    if (suite, version) != (wanted, BLUEZ.get(wanted)):
        raise Failed('it is not %s of Debian %s' % (BLUEZ.get(wanted), wanted))


def the_values_at_the_broker_are_the_sensors_own(world):
    live = world.wait_live(LATER, heart_rate_bpm=(120, 1), cadence_spm=(168, 1),
                           speed_m_s=(10 / 3.6, 0.05), grade_pct=(2.5, 0.05))
    source = live['source']
    if (source['distance'], source['cadence'], source['heart_rate']) != ('belt', 'pod', 'strap'):
        raise Failed('sources: %s' % source)
    if not live['session']:
        raise Failed('live without a session: %s' % live)


def the_strap_tells_who_made_it(world):
    world.broker.wait(GATEWAY + '/sensor/strap', lambda s: s['model'] == 'SimStrap' and
                      s['firmware'] == '1.2.3' and s['battery_pct'] == 87)


def changes_arrive(world):
    for line in ('strap set heart_rate_bpm 150', 'belt set speed_km_h 12', 'belt set incline_pct 5'):
        world.air(line)
    world.wait_live(heart_rate_bpm=(150, 1), speed_m_s=(12 / 3.6, 0.05), grade_pct=(5, 0.05))


def a_treadmill_that_splits_its_records_is_understood(world):
    world.air('belt set split 1')
    world.air('belt set incline_pct 1.5')
    world.wait_live(speed_m_s=(12 / 3.6, 0.05), grade_pct=(1.5, 0.05))
    world.air('belt set split 0')       # each of its packets is one of its kind again


PROLOGUE = (install_starts_the_service, reload_takes_the_sensors_and_says_that_there_is_no_adapter,
            an_adapter_appears_and_every_sensor_streams, the_bluetoothd_is_that_of_the_debian_that_was_asked_for,
            the_values_at_the_broker_are_the_sensors_own, the_strap_tells_who_made_it, changes_arrive,
            a_treadmill_that_splits_its_records_is_understood)


# ---- the end -----------------------------------------------------------------------------------------
def the_sandbox_refused_nothing_it_needs(_):
    problems = [entry['MESSAGE'] for entry in journal('PRIORITY=3', 'PRIORITY=4')]
    if any(sign in problem for problem in problems
           for sign in ('Operation not permitted', 'Permission denied', 'Read-only file system')):
        raise Failed('\n'.join(problems))


def distance_only_grew(world):
    last = {}
    for _, runner, live in world.broker.live:
        metres, before = live['distance_m'], last.get(live['session'], 0)
        if live['session'] and metres is not None:
            if metres < before:
                raise Failed('%s: %s: %s after %s' % (runner, live['session'], metres, before))
            last[live['session']] = metres
    if not any(last.values()):
        raise Failed('distances: %s' % last)


def what_it_tells(event):
    """An event without the name that it has."""
    body = event['body']
    if event['id'].startswith(('deleted-', 'undeleted-')):
        return event['id']      # away and back are two, as often as a person says so
    return event['kind'], event['runner'], body['id'] if 'session' in event['kind'] else json.dumps(body, sort_keys=True)


def every_event_was_told_under_one_id(world):
    """Under its id it may come again, as it was, when the daemon found its broker anew: QoS 1 promises no less."""
    ids, told = collections.defaultdict(set), collections.defaultdict(list)
    for at_usec, event in list(world.broker.told):
        ids[what_it_tells(event)].add(event['id'])
        told[event['id']].append((at_usec, event))
    doubled = {fact: names for fact, names in ids.items() if len(names) > 1}
    others = {name: events for name, events in told.items() if any(event != events[0][1] for _, event in events)}
    met_usec = [int(entry['__MONOTONIC_TIMESTAMP']) for entry in journal() if 'broker: connected to' in entry['MESSAGE']]
    again = [(name, before, after) for name, events in told.items()
             for (before, _), (after, _) in zip(events, events[1:])]
    without_reason = [one for one in again if not any(one[1] < met < one[2] for met in met_usec)]
    print('%d events, %d of them again' % (len(told), len(again)))
    if doubled or others or without_reason:
        raise Failed('under two ids: %s; two under one id: %s; again on the same link: %s' %
                     (doubled, others, without_reason))


def every_session_was_told_of(world):
    """What the database has, and what is open, is what the broker's subscriber heard of."""
    def made():
        ended = [row[0] for row in rows("SELECT id FROM sessions WHERE state = 'ended' AND file IS NULL")]
        now = [world.broker.last(runner + '/session') for runner in (ANNA, BEN)]
        begun = [session['id'] for session in now if session and session['state'] in ('running', 'paused')]
        return {one + '-start' for one in ended + begun} | {one + '-end' for one in ended}

    def heard():
        away = {row[0] for row in rows("SELECT id FROM sessions WHERE reason = 'deleted by command'")}
        return {event['id'] for event in world.broker.events if event['kind'] in ('session_start', 'session_end') and
                event['body']['id'] not in away}

    try:
        until(lambda: made() and made() == heard(), '')
    except Failed:
        raise Failed('not told: %s; told: %s' % (made() - heard(), heard() - made())) from None


def stop_is_clean(world):
    command('systemctl', 'stop', 'strided')
    world.broker.wait(GATEWAY + '/status', lambda status: status == 'offline')
    if service('Result') != 'success':
        raise Failed('the service ended with ' + service('Result'))
    for name in ('strap', 'pod', 'belt', 'chest', 'foot'):
        until(lambda name=name: not world.linked(name), name + ' is let go')
    world.doctor('service-stopped')


def uninstall_leaves_nothing(_):
    command(TREE + '/run', 'uninstall', '--purge')
    if os.path.exists('/etc/strided') or os.path.exists(STATE):
        raise Failed('settings or recordings are still there')
    if 'strided' in command('getent', 'passwd', 'strided', check=False):
        raise Failed('the user is still there')


EPILOGUE = (the_sandbox_refused_nothing_it_needs, distance_only_grew, every_event_was_told_under_one_id,
            every_session_was_told_of, stop_is_clean, uninstall_leaves_nothing)
