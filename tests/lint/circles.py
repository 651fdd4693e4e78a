#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""usage: circles.py BUILD_DIR

No two files of lib/ and daemon/ call each other, at whatever distance: each can then be read, tested
and changed with what is below it alone. What has to come back up comes by a function that was handed
down. Read from the built objects: it is calls that count, and not what a header happens to show.
A header that lists the files behind it, each of which uses or calls only "those below it", is held to
that order, too.
"""
import collections
import fnmatch
import glob
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
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


def lists(root):
    """header: the files that it lists, from the top down (as their objects are named)"""
    found = {}
    for top in ('lib', 'daemon'):
        for header in glob.glob(os.path.join(root, top, '**', '*.h'), recursive=True):
            with open(header) as f:
                text = f.read()
            if 'only those below it' in text or 'those below it only' in text:
                folder = os.path.relpath(os.path.dirname(header), root).split(os.sep)
                found[os.path.relpath(header, root)] = [
                    folder[0] + '/' + '_'.join(folder[1:] + [name])
                    for name in re.findall(r'^ \*   (\w+)\.c ', text, re.M)]
    return found


def upwards(files, edges):
    """(file, one above it in the list whom it calls all the same)"""
    return [(file, above) for i, file in enumerate(files) for above in files[:i] if above in edges[file]]


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
    for header, files in sorted(lists(ROOT).items()):
        if not found.keys() & set(files): # the daemon is not built
            continue
        for file in set(files) - found.keys():
            wrong.append(file)
            print('%s lists %s, which is not built' % (header, file))
        for file, above in upwards(files, edges):
            wrong.append(file)
            print('%s has %s below %s: %s' % (header, file, above, ', '.join(sorted(edges[file][above]))))
    print('%d objects' % len(found))
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
