#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""usage: circles.py BUILD_DIR

No two files of lib/ and daemon/ call each other, at whatever distance: each can then be read, tested
and changed with what is below it alone. What has to come back up comes by a function that was handed
down. Read from the built objects: it is calls that count, and not what a header happens to show.
"""
import collections
import fnmatch
import glob
import os
import subprocess
import sys

# files (as their objects are named): why they may
EXCEPTIONS = {
    ('daemon/sensors_link', 'daemon/sensors_subscription'): 'answers come back to the machine that asked',
    ('daemon/commands_verbs*',): 'the list of verbs and what verbs share are one file',
    ('daemon/store_*',): 'the database prepares the statements of its tables, which run them on it',
}


def objects(build):
    """{file: (names it defines, names it leaves to others)}, of every object of a library"""
    found = collections.defaultdict(lambda: (set(), set()))
    paths = glob.glob(os.path.join(build, '*', '*.a.p', '*.c.o'))
    symbols = subprocess.run(['nm', '-A', '-g'] + paths, stdout=subprocess.PIPE, text=True,
                             check=True).stdout if paths else ''
    for line in symbols.splitlines():
        path, kind, name = line.split(':')[0], *line.split()[-2:]
        top, _, file = os.path.relpath(path, build).split('/')
        if kind in 'TDRBCU':
            found[top + '/' + file[:-len('.c.o')]][kind == 'U'].add(name)
    return found


def calls(found):
    """file: {file: names it takes from there}"""
    owner = {name: file for file, (defined, _) in found.items() for name in defined}
    edges = collections.defaultdict(lambda: collections.defaultdict(set))
    for file, (_, wanted) in found.items():
        for name in wanted & owner.keys():
            edges[file][owner[name]].add(name)
    return edges


def reached(edges, file):
    seen, todo = set(), [file]
    while todo:
        new = set(edges.get(todo.pop(), ())) - seen
        seen |= new
        todo.extend(new)
    return seen


def circles(edges):
    below = {file: reached(edges, file) for file in list(edges)}
    return {frozenset(other for other in below[file] if file in below.get(other, ()))
            for file in below if file in below[file]}


def is_allowed(circle):
    return any(all(any(fnmatch.fnmatch(file, pattern) for pattern in patterns) for file in circle)
               for patterns in EXCEPTIONS)


def main():
    found = objects(sys.argv[1])
    if not found:
        print('skipped: nothing is built here')
        return 77
    edges = calls(found)
    wrong = [circle for circle in circles(edges) if not is_allowed(circle)]
    for circle in wrong:
        print('these call each other:')
        for file in sorted(circle):
            for other in sorted(circle & edges[file].keys()):
                print('  %s -> %s: %s' % (file, other, ', '.join(sorted(edges[file][other]))))
    print('%d objects' % len(found))
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
