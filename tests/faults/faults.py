#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The fault suite: every fault of the table strikes, and what it cost is counted.

usage: faults.py BUILD [--soak] [--seed N] [--times N] [--jobs N] [--out FILE] [--resume FOLDER] [FAULT...]
       faults.py --list                names, promises and counts, one a line
       faults.py --table               the table of tests/FAULTS.md

Each fault is a process of its own, some at a time. The last line is `N passed, N failed, N skipped`."""
import argparse
import concurrent.futures
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True

from figures import Figures, table  # noqa: E402

MODULES = ['kills', 'power_cuts', 'machine_cuts', 'brokers', 'disks', 'folders', 'clocks', 'floods']
COUNTED = ['sent', 'stored', 'lost', 'doubled', 'made', 'delivered', 'events_lost', 'events_doubled', 'stall_ms']
LIMIT_S = {False: 600, True: 3 * 3600} # for one fault, in the test and in the soak
PROGRAMS = {'STRIDED': 'daemon/strided', 'STRIDECTL': 'daemon/stridectl', 'STRIDED_SIM': 'tests/sim/strided-sim',
            'STRIDED_BLUEZ_SIM': 'tests/sim/strided-bluez-sim',
            'STRIDED_DISK_JOURNAL': 'tests/faults/libdisk_journal.so', 'STRIDED_SLOW_WORLD': 'tests/faults/libslow_world.so'}


def load():
    import fault
    for module in MODULES:
        __import__(module)
    return fault.FAULTS


def promises(faults):
    """The table of FAULTS.md."""
    yield '| fault | promise | strikes: test, soak | shown by |'
    yield '|---|---|---|---|'
    for one in faults.values():
        yield '| `%s` | %s | %d, %d | `tests/faults/%s.py` %s |' % (
            one.name, one.promise, one.test, one.soak, one.case.__module__, one.method)


def judge(result, case):
    """(verdict, figures, what the result does not say): who did not count what there is to count has shown nothing."""
    figures = getattr(case, 'figures', Figures()).as_dict()
    figures['note'] = figures['note'].strip()
    uncounted = [name for name in COUNTED if figures[name] is None]
    if result.skipped:
        figures['note'] = result.skipped[0][1]
        return 'skipped', figures, ''
    if not result.wasSuccessful():
        return 'FAILED', figures, ''
    if uncounted:
        return 'FAILED', figures, 'not counted: ' + ', '.join(uncounted)
    if case.not_held:
        figures['note'] = case.not_held
        return 'skipped', figures, ''
    return 'passed', figures, ''


def run_one(name, times, seed):
    """In this process. Prints one line of JSON at last."""
    fault = load()[name]
    case = fault.case(fault.method)
    case.times, case.seed = times, seed
    words = io.StringIO()
    result = unittest.TextTestRunner(stream=words, verbosity=0).run(case)
    verdict, figures, why = judge(result, case)
    if verdict == 'FAILED':
        print(words.getvalue() + why)
    print(json.dumps({'verdict': verdict, 'figures': figures}))


def spawn(name, arguments, environment):
    """(verdict, figures, what it said)"""
    argv = [sys.executable, os.path.abspath(__file__), arguments.build, '--one', name, '--seed', str(arguments.seed)]
    argv += ['--soak'] if arguments.soak else []
    argv += ['--times', str(arguments.times)] if arguments.times else []
    with tempfile.TemporaryFile() as said:
        try:
            subprocess.run(argv, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                           timeout=LIMIT_S[arguments.soak])
        except subprocess.TimeoutExpired:
            pass
        said.seek(0)
        text = said.read().decode(errors='replace')
    try:
        last = json.loads(text.rstrip().rsplit('\n', 1)[-1])
        return last['verdict'], last['figures'], text
    except (ValueError, KeyError, TypeError):
        return 'FAILED', {'note': 'no result'}, text


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument('build', nargs='?')
    parser.add_argument('faults', nargs='*')
    parser.add_argument('--soak', action='store_true')
    parser.add_argument('--seed', type=int, default=int(time.time()))
    parser.add_argument('--times', type=int, help='strike so often, in place of what the table says')
    parser.add_argument('--jobs', type=int, default=os.cpu_count() or 1)
    parser.add_argument('--out', help='the table as JSON')
    parser.add_argument('--resume', help='a folder that remembers which faults passed')
    parser.add_argument('--one', metavar='FAULT', help='in this process')
    for flag in ('--list', '--table'):
        parser.add_argument(flag, action='store_true')
    return parser.parse_args()


def remembered(folder, name):
    try:
        with open(os.path.join(folder, name)) as f:
            return json.load(f)
    except (TypeError, FileNotFoundError):
        return None


def strike(name, arguments, environment):
    """As spawn(), or as it was remembered of a run before this."""
    before = remembered(arguments.resume, name)
    if before:
        return 'passed', before, ''
    begun_s = time.monotonic()
    verdict, figures, text = spawn(name, arguments, environment)
    figures['took_s'] = round(time.monotonic() - begun_s)
    if arguments.resume and verdict == 'passed':
        os.makedirs(arguments.resume, exist_ok=True)
        with open(os.path.join(arguments.resume, name), 'w') as f:
            json.dump(figures, f)
    return verdict, figures, text


def run_all(arguments, names):
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE='1')
    environment.update({k: os.path.abspath(os.path.join(arguments.build, v)) for k, v in PROGRAMS.items()})
    rows = []
    for case in {load()[name].case for name in names}:
        case.make_ready()
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        begun = {pool.submit(strike, name, arguments, environment): name for name in names}
        for done in concurrent.futures.as_completed(begun):
            verdict, figures, text = done.result()
            rows.append((begun[done], verdict, figures))
            print('%-8s %s (%d s)' % (verdict, begun[done], figures['took_s']), flush=True)
            if verdict == 'FAILED':
                print(text[-20000:], flush=True)
    return sorted(rows, key=lambda row: names.index(row[0]))


def main():
    arguments = parse()
    faults = load()
    if arguments.list:
        for one in faults.values():
            print('%s | %s | %d | %d' % (one.name, one.promise, one.test, one.soak))
        return 0
    if arguments.table:
        print('\n'.join(promises(faults)))
        return 0
    if arguments.one:
        one = faults[arguments.one]
        run_one(one.name, arguments.times or (one.soak if arguments.soak else one.test), arguments.seed)
        return 0
    unknown = [name for name in arguments.faults if name not in faults]
    if unknown or not arguments.build:
        sys.exit('faults: what is %s? (--list shows them)' % (unknown or 'the build'))
    print('seed %d' % arguments.seed, flush=True)
    rows = run_all(arguments, arguments.faults or list(faults))
    print('\n' + '\n'.join(table(rows)))
    if arguments.out:
        with open(arguments.out, 'w') as f:
            json.dump({'seed': arguments.seed, 'rows': rows}, f)
    count = {word: sum(row[1] == word for row in rows) for word in ('passed', 'FAILED', 'skipped')}
    print('%d passed, %d failed, %d skipped' % (count['passed'], count['FAILED'], count['skipped']))
    return 1 if count['FAILED'] or not count['passed'] else 0


if __name__ == '__main__':
    sys.exit(main())
