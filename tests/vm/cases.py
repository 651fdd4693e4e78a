#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
The daemon on the real thing, in the guest: the smoke, and then whatever happens to sensors, bluetoothd, adapter and
daemon while people run.

    cases.py                       all of them but the long ones, once each, from the smoke's install to its uninstall
    cases.py NAME[=COUNT]...       these, so often, after a short install
    cases.py --whole NAME...       these between the smoke's install and its uninstall
    cases.py --soak                what ./run soak wants of them, each as often as it says
    cases.py --list                their names, with what each is about
    cases.py --table               the table of tests/FAULTS.md

A case leaves all sensors streaming, or the next one is preceded by an attempt to get there. Cases that mind their own
sensor only (they have a lane) and stand next to each other run at the same time, a thread a lane. After each, every
measurement that was sent must be stored once (ledger.py); the figures are the table at the end.
"""
import itertools
import sys
import threading
import time
import traceback

import case_adapter
import case_air
import case_bluetoothd
import case_daemon
import case_rights
import case_surface
import smoke
from ledger import Ledger
from world import ANNA, ANOTHER, BEN, LATER, ONE_RUNNER, SENSORS, Failed, command
from world import World as Machine

MODULES = (case_rights, case_surface, case_air, case_daemon, case_bluetoothd, case_adapter)
CASES = {case.name: case for case in sorted((case for module in MODULES for case in module.CASES),
                                           key=lambda case: case.last)}
HEAD = '%-44s %5s %5s %5s %6s %5s %7s %5s %6s %6s' % ('case', 'times', 'sent', 'void', 'stored', 'lost', 'doubled',
                                                     'live', 'gap/s', 'live/s')


class Report:
    """TAP, and the table."""

    def __init__(self):
        self.began, self.passed, self.failed, self.rows = time.monotonic(), 0, 0, []

    def ok(self, label):
        self.passed += 1
        print('ok %d - %s (%d s)' % (self.passed + self.failed, label, time.monotonic() - self.began), flush=True)

    def not_ok(self, label, error, since_usec=0):
        self.failed += 1
        print('not ok %d - %s (%d s)' % (self.passed + self.failed, label, time.monotonic() - self.began))
        known = str(error) if isinstance(error, Failed) else ''.join(traceback.format_exception(error))
        print('# ' + known.rstrip().replace('\n', '\n# '))
        lines = command('journalctl', '-q', '-b', '-u', 'strided', '-u', 'bluetooth', '-n', '200', '--no-pager',
                        '-o', 'short-monotonic', check=False).splitlines()
        print('\n'.join(line for line in lines if float(line[1:].split(']')[0]) * 1e6 >= since_usec), flush=True)

    def count(self, label, times, count):
        self.rows.append('%-44s %5d %5d %5d %6d %5d %7d %5d %6.1f %6.2f' % (label, times, *count))

    def end(self, left_out):
        if self.rows:
            print('\n%s\n%s\n' % (HEAD, '\n'.join(self.rows)))
        print('%d passed, %d failed, %d skipped' % (self.passed, self.failed, left_out))
        return 1 if self.failed else 0


def run_steps(report, world, steps):
    """Each stands on the one before. How many were not come to."""
    for number, step in enumerate(steps, 1):
        label = step.__name__.replace('_', ' ')
        try:
            step(world)
        except Exception as error:      # a step's own mistake is a failure like any other
            report.not_ok(label, error)
            return len(steps) - number
        report.ok(label)
    return 0


def begin_quickly(world):
    world.install()
    world.configure(ONE_RUNNER)
    world.plug()
    world.air('spare range 0')
    for sensor in ('chest', 'foot'):
        world.air(sensor + ' range 0')
    world.wait_live(LATER, heart_rate_bpm=(120, 1), speed_m_s=(10 / 3.6, 0.05))


def second_runner(world):
    """The treadmill is Anna's by now: it began when Ben was not there."""
    world.configure(ANOTHER)
    world.recover()
    for runner, sensor, speed_m_s in (BEN, 'foot', 3), (ANNA, 'belt', 12 / 3.6):
        live = world.wait_live(LATER, runner, speed_m_s=(speed_m_s, 0.05))
        world.begun_m[sensor] = world.air.number(sensor + ' odometer') - live['distance_m']


def run_together(world, cases):
    """The errors, by case. Those of one lane follow each other."""
    errors = {}

    def lane(own):
        for case, count in own:
            for _ in range(count):
                try:
                    case.run(world)
                except Exception as error:
                    errors[case.name] = error
                    if case.lane:
                        world.heal(case.lane)
                    break

    lanes = {}
    for case, count in cases:
        lanes.setdefault(case.lane, []).append((case, count))
    threads = [threading.Thread(target=lane, args=(own,)) for own in lanes.values()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def run_group(report, world, cases):
    names = ' + '.join(case.name for case, _ in cases)
    gap_s = max(case.gap_s for case, _ in cases)
    outages = 1 if cases[0][0].lane else sum(count for _, count in cases)
    world.ledger = Ledger(world.broker, SENSORS, world.runners(), gap_s, outages)
    errors = run_together(world, cases)
    try:
        world.recover()
        report.count(names if len(cases) == 1 else '%d at the same time' % len(cases),
                     sum(count for _, count in cases), world.ledger.close())
        world.air.check()
    except Exception as error:
        errors.setdefault(cases[-1][0].name, error)
    for case, _ in cases:
        if case.name in errors:
            report.not_ok(case.label, errors[case.name], world.ledger.since_usec)
        else:
            report.ok(case.label)


def groups(wanted):
    """Neighbours with lanes are one group."""
    for together, cases in itertools.groupby(wanted, lambda one: one[0].lane is not None):
        cases = list(cases)
        yield from ([cases] if together else [[case] for case in cases])


def read_wanted(words):
    wanted = []
    for word in words:
        name, _, count = word.partition('=')
        if name not in CASES or not (count or '1').isdigit():
            sys.exit('cases.py: there is no case %s (--list shows them)' % word)
        wanted.append((CASES[name], int(count or 1)))
    return wanted


def promises():
    """The table of tests/FAULTS.md. Who runs the soak runs every case on the next Debian, too."""
    yield '| case | promise | strikes: test, soak | shown by |'
    yield '|---|---|---|---|'
    for case in CASES.values():
        once = 0 if case.named else 1
        yield '| `%s` | %s. | %d, %d | `tests/vm/%s.py` |' % (case.name, case.label.partition(': ')[2], once,
                                                           once + case.soak, case.run.__module__)


def main(words):
    if words == ['--table']:
        print('\n'.join(promises()))
        return 0
    if words == ['--list']:
        for case in CASES.values():
            print('%-34s %s' % (case.name, case.label.partition(': ')[2]))
        return 0
    whole = not words or words[0] in ('--whole', '--soak')
    if words == ['--soak']:
        wanted = [(case, case.soak) for case in CASES.values() if case.soak]
    else:
        wanted = read_wanted(words[1:] if whole else words) or [(case, 1) for case in CASES.values() if not case.named]
    report, world = Report(), Machine()
    left_out = run_steps(report, world, (*(smoke.PROLOGUE if whole else (begin_quickly,)), second_runner))
    if report.failed:
        return report.end(left_out + len(wanted))
    for group in groups(wanted):
        run_group(report, world, group)
    if whole:
        left_out = run_steps(report, world, smoke.EPILOGUE)
    return report.end(left_out)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
