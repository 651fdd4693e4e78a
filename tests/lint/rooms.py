#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""usage: rooms.py ROOT

Who may know whom: the includes between the folders of lib/ and daemon/ are held to the table below,
which says why each is there; what is not in it is refused. A folder
inside a room is part of the room. --print lists the edges there are.
"""
import os
import re
import sys

# A file directly in daemon/ is of the room 'daemon'; those that join rooms are rooms by themselves, each
# with the files that bear its name (gateway_wires.c is of the gateway's).
JOINERS = {
    'gateway': 'the one that knows both ends of the chain, and wires them',
    'doors': 'its part: what commands reach, and how they come in',
    'health': 'its part: what is wrong, asked of every end',
    'live': 'its part: figures from the sessions to the broker',
    'releases': 'its part: who was let go, over a restart',
    'backups': 'its part: copies of the database, by night or when asked for',
    'retained': 'its part: sensors and sessions as the broker keeps them',
    'noted': 'its part: what is said of the latest session, as the broker keeps it',
    'fit': '--fit: a recording and a file, and nothing else of the daemon',
    'scan': '--scan: the radio and a terminal, and nothing else of the daemon',
    'main': 'starts one of these',
}
# room: the rooms it may include, and why
ALLOWED = {
    'lib': {'lib/training': 'the rules, whose names, ranges and settings the configuration takes', 'lib/metrics': 'the label of the knee-load index',
            'lib/terrain': 'the figures of the hills'},
    'lib/activity': {'lib': 'dates and UTF-8', 'lib/metrics': 'how it was run',
                     'lib/terrain': 'the hills of a file'},
    'lib/gatt': {'lib': 'bytes and samples'},
    'lib/metrics': {'lib': 'samples and windows'},
    'lib/sensor': {'lib': 'samples', 'lib/gatt': 'what a packet says'},
    'lib/terrain': {'lib/metrics': 'its formulas'},
    'lib/training': {'lib': 'samples', 'lib/metrics': 'its figures', 'lib/sensor': 'its sources',
                     'lib/terrain': 'the hills of a session', 'lib/activity': 'told as a file tells it'},
    'daemon': {'lib': 'values'},
    'daemon/config': {'lib': 'what it says'},
    'daemon/bluez': {'lib': 'addresses and digests', 'lib/gatt': 'which characteristic is which'},
    'daemon/sensors': {'lib': 'values', 'lib/gatt': 'what to subscribe to', 'daemon/bluez': 'its radio'},
    'daemon/recording': {'lib': 'the format of the files'},
    'daemon/store': {'lib': 'values', 'lib/metrics': 'how it was run on the level', 'daemon/recording': 'the disk both write to'},
    'daemon/sessions': {'lib': 'digests', 'lib/training': 'the session it keeps',
                        'daemon/recording': 'packets go to disk', 'daemon/store': 'results go to disk'},
    'daemon/training': {'lib': 'values', 'lib/training': 'the log and the rules',
                        'daemon/store': 'what ended, and what was said'},
    'daemon/import': {'lib': 'values', 'lib/activity': 'what a file says',
                      'lib/training': 'which of two sessions counts',
                      'daemon/store': 'sessions and verdicts go to disk'},
    'daemon/entries': {'lib': 'values', 'daemon/recording': 'the names that sessions have',
                       'daemon/store': 'what is entered goes to disk'},
    'daemon/broker': {'lib': 'values', 'daemon/store': 'events wait there until they are taken',
                      'daemon/commands': 'the table of verbs: what Home Assistant may be offered to press'},
    'daemon/commands': {'lib': 'values', 'daemon/sensors': 'release and scan',
                        'daemon/sessions': 'start, stop and discard', 'daemon/broker': 'privacy, and what its payloads look like',
                        'lib/training': 'how many weeks of history there are',
                        'daemon/import': 'the list of files, and a way to follow',
                        'daemon/training': 'what the days come to as load',
                        'daemon/entries': 'how long what is deleted can come back',
                        'backups': 'a copy of the database'},
    'gateway': {'daemon/config': 'what it is to be', 'daemon/sensors': 'one end', 'daemon/recording': 'what it hears is kept',
                'daemon/sessions': 'and made a session', 'daemon/store': 'and a result',
                'daemon/training': 'that counts',
                'daemon/import': 'files, the other way in',
                'daemon/entries': 'and what people enter',
                'daemon/broker': 'the other end', 'doors': 'its part', 'health': 'its part', 'live': 'its part',
                'releases': 'its part', 'retained': 'its part', 'noted': 'its part', 'daemon/corrections': 'its part', 'daemon/archive': 'its part',
                'backups': 'its part', 'daemon/bindings': 'its part', 'daemon/records': 'its part'},
    'daemon/archive': {'lib': 'values', 'lib/activity': 'what a kept file is', 'lib/training': 'days',
                       'daemon/store': 'what is stored', 'daemon/training': 'what the days come to',
                       'daemon/import': 'where copies of files lie', 'daemon/broker': 'privacy', 'fit': 'a recording as a file'},
    'daemon/records': {'lib': 'the form of the files', 'lib/training': 'what is known of a device', 'daemon/sessions': 'who knows it',
                'daemon/recording': 'the end of their names'},
    'daemon/bindings': {'lib': 'values', 'daemon/config': 'the file it writes, and the code that reads it'},
    'daemon/corrections': {'lib': 'values', 'daemon/sessions': 'what was recorded', 'daemon/import': 'what came in as a file',
                           'daemon/entries': 'what a person entered', 'daemon/store': 'where both are stored'},
    'doors': {'daemon/commands': 'what may be asked', 'daemon/broker': 'the length of what it hears',
              'daemon/sensors': 'asked of', 'daemon/sessions': 'asked of', 'daemon/import': 'asked of',
              'daemon/training': 'asked of', 'daemon/store': 'what was answered', 'health': 'told', 'retained': 'told',
              'releases': 'asked of', 'daemon/corrections': 'asked of', 'daemon/archive': 'asked of', 'backups': 'asked of',
              'daemon/bindings': 'asked of', 'daemon/records': 'asked of'},
    'health': {'lib': 'digests', 'daemon/sensors': 'the radio', 'daemon/sessions': 'a maximum that is too low', 'daemon/recording': 'the disk', 'daemon/store': 'the database',
               'daemon/import': 'its folder', 'backups': 'whether the nights leave one',
               'daemon/broker': 'the link, and where it is told'},
    'live': {'lib': 'values', 'daemon/sessions': 'the figures', 'daemon/training': 'what is left of today', 'daemon/broker': 'where they are told'},
    'releases': {'lib': 'values', 'daemon/sensors': 'lets them go', 'daemon/store': 'remembers it'},
    'backups': {'lib': 'values', 'daemon/store': 'makes the copy'},
    'retained': {'daemon/sensors': 'states', 'daemon/sessions': 'results',
                 'daemon/broker': 'where they are told'},
    'noted': {'lib': 'values', 'daemon/sessions': 'which is open', 'daemon/store': 'which is the latest',
              'daemon/broker': 'where it is told'},
    'scan': {'daemon/config': 'which are ours', 'daemon/sensors': 'what is in the air'},
    'fit': {'daemon/recording': 'what a session is made of', 'lib/training': 'told as facts',
            'lib/activity': 'written as a file'},
    'daemon/doctor': {'lib': 'what is set', 'daemon/config': 'is read as the daemon reads it',
                      'daemon/bluez': 'the objects of org.bluez', 'daemon/commands': 'where strided is asked',
                      'daemon/store': 'the database, looked at', 'daemon/recording': 'what its folder is called',
                      'daemon/broker': 'the topics, and a link made with the same settings',
                      'daemon/import': 'which folders hold no files'},
    'daemon/stridectl': {'lib': 'dates, UTF-8 and how bytes come as text', 'daemon/commands': 'the table of verbs, and where it is asked',
                         'lib/training': 'what a rule is called, and when to see a doctor',
                         'daemon/doctor': 'looks where nobody answers'},
    'daemon/replay': {'lib': 'values', 'lib/training': 'the sessions it goes through again', 'lib/gatt': 'which packets tell a place',
                      'lib/sensor': 'what came of its packets',
                      'lib/metrics': 'a maximum from the year of birth', 'daemon/recording': 'what it reads',
                      'daemon/broker': 'the names of topics'},
    'daemon/pages': {'lib': 'the keys', 'lib/training': 'the rules', 'daemon': 'how a row of options looks',
                     'daemon/commands': 'the verbs', 'daemon/broker': 'the topics', 'main': 'the options of strided',
                     'daemon/stridectl': 'the options of stridectl', 'daemon/replay': 'and of strided-replay'},
    'main': {'daemon/config': 'checks it', 'gateway': 'runs it', 'scan': 'or this', 'fit': 'or that',
             'daemon/import': 'or reads one file, for another strided'},
}
# Every room of the daemon stands on the files directly in daemon/: clock, log, configuration.
for name in ALLOWED:
    if not name.startswith('lib') and name != 'daemon':
        ALLOWED[name].setdefault('daemon', 'clock, log, configuration')


def room_of(path):
    folder, name = os.path.split(path)
    stem = name.rsplit('.', 1)[0]
    if folder == 'daemon':
        owner = stem.split('_')[0]
        return owner if owner in JOINERS else 'daemon'
    return '/'.join(folder.split('/')[:2])


def includes(root):
    """(file, line, included file) of every include of ours."""
    for top in ('lib', 'daemon'):
        for folder, _, names in os.walk(os.path.join(root, top)):
            for name in sorted(names):
                if not name.endswith(('.c', '.h')):
                    continue
                path = os.path.relpath(os.path.join(folder, name), root)
                with open(os.path.join(root, path)) as f:
                    for number, line in enumerate(f, 1):
                        found = re.match(r'\s*#\s*include\s*"([^"]+)"', line)
                        if found:
                            yield path, number, found.group(1)


def main():
    root, edges, wrong = sys.argv[1], set(), []
    for path, number, included in includes(root):
        mine, other = room_of(path), room_of(included)
        edges.add((mine, other))
        if mine != other and other not in ALLOWED.get(mine, {}):
            wrong.append('%s:%d: %s may not know %s (%s)' % (path, number, mine, other, included))
    if '--print' in sys.argv:
        print('\n'.join('%s -> %s' % edge for edge in sorted(edges) if edge[0] != edge[1]))
    print('\n'.join(wrong) or '%d edges between rooms' % sum(a != b for a, b in edges))
    return 1 if wrong or not edges else 0


if __name__ == '__main__':
    sys.exit(main())
