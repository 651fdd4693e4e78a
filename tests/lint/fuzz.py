#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""usage: fuzz.py ROOT

Every fuzz target is a file, a row of tests/fuzz/meson.build, a generator of seeds in make-corpus.py and a
row of the table in tests/fuzz/README.md, which says what input of the program it stands for; and the
soak, which gives each ten minutes on one of two processors, keeps within two hours.
"""
import os
import re
import sys

TARGETS_MAX = 24


def read(folder, name):
    with open(os.path.join(folder, name)) as file:
        return file.read()


def main():
    folder = os.path.join(sys.argv[1], 'tests', 'fuzz')
    files = {name[5:-2] for name in os.listdir(folder) if re.fullmatch(r'fuzz_\w+\.c', name)}
    rows = re.findall(r"^ +\['(\w+)', ", read(folder, 'meson.build'), re.M)
    seeds = re.search(r'TARGETS = {.*? in \((.*?)\)}', read(folder, 'make-corpus.py'), re.S).group(1)
    table = re.findall(r'^\| [^|]+ \| (\w+) \| [^|]+ \|$', read(folder, 'README.md'), re.M)
    found = {'tests/fuzz/meson.build': set(rows), 'tests/fuzz/make-corpus.py': set(re.findall(r'\w+', seeds)),
             "tests/fuzz/README.md's table": set(table) - {'target'}}
    wrong = []
    for where, names in found.items():
        wrong += [f'{where} does not have fuzz_{name}.c' for name in sorted(files - names)]
        wrong += [f'{where} has {name}, and there is no fuzz_{name}.c' for name in sorted(names - files)]
    if len(files) > TARGETS_MAX:
        wrong.append(f'there are {len(files)} targets: at most {TARGETS_MAX}, so let one do more')
    print('\n'.join(wrong) or f'{len(files)} targets')
    return 1 if wrong else 0


sys.exit(main())
