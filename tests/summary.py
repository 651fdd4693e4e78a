#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
The last line of `./run test`: N passed, N failed, N skipped, over the logs meson wrote.

Meson counts programs; people count cases. A program that prints how its cases went (cmocka, Python's
unittest, TAP) is counted by them, any other as one. A program that failed counts as at least one
failure, whatever it printed, and no test at all is a failure too.

usage: summary.py TESTLOG.JSON...
"""
import json
import re
import sys

PASSED, FAILED, SKIPPED = range(3)
BAD = {'FAIL', 'TIMEOUT', 'ERROR', 'INTERRUPT', 'UNEXPECTEDPASS'}


def cmocka(text):
    def total(word):
        return sum(int(n) for n in re.findall(r'^\[  %s *\] (?:\S+: )?(\d+) test\(s\)' % word, text, re.M))
    return total('PASSED'), total('FAILED'), total('SKIPPED')


def tap(text):
    lines = re.findall(r'^(not ok|ok)\b([^\n]*)', text, re.M)
    skipped = sum('# skip' in rest.lower() for _, rest in lines)
    failed = sum(word == 'not ok' for word, _ in lines)
    return len(lines) - failed - skipped, failed, skipped


def unittest(text):
    passed = failed = skipped = 0
    for ran, verdict in re.findall(r'^Ran (\d+) tests? in .*\n\s*\n((?:OK|FAILED).*)', text, re.M):
        def number(word):
            return sum(int(n) for n in re.findall(r'\b%s=(\d+)' % word, verdict))
        bad = number('failures') + number('errors') + number('unexpected successes')
        skipped += number('skipped')
        failed += bad
        passed += int(ran) - bad - number('skipped')
    return passed, failed, skipped


def count(entry):
    text = (entry.get('stdout') or '') + '\n' + (entry.get('stderr') or '')
    cases = [0, 0, 0]
    for reader in (cmocka, tap, unittest):
        found = reader(text)
        if sum(found):
            cases = list(found)
            break
    result = entry['result']
    if result in BAD:
        cases[FAILED] = max(1, cases[FAILED])
    elif not sum(cases):
        cases[SKIPPED if result == 'SKIP' else PASSED] = 1
    return cases


def main():
    totals, failures = [0, 0, 0], []
    for path in sys.argv[1:]:
        here = [0, 0, 0]
        with open(path, encoding='utf-8', errors='replace') as log:
            for line in log:
                entry = json.loads(line)
                here = [a + b for a, b in zip(here, count(entry))]
                if entry['result'] in BAD:
                    failures.append('%s: %s' % (path, entry['name']))
        if not sum(here):
            failures.append('%s: no test ran' % path)
            here[FAILED] = 1
        totals = [a + b for a, b in zip(totals, here)]
        print('%s: %d passed, %d failed, %d skipped' % (path, *here))
    for failure in failures:
        print('FAILED ' + failure)
    print('%d passed, %d failed, %d skipped' % tuple(totals))
    return 1 if totals[FAILED] or failures else 0


if __name__ == '__main__':
    sys.exit(main())
