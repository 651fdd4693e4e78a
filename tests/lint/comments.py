#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""usage: comments.py ROOT

A comment that sends its reader to a file names one that is there: files move, and their names stay
behind in the comments of others.
"""
import os
import re
import sys

NAME = re.compile(r'\b[a-z][a-z0-9_]*(?:/[a-z0-9_]+)*\.[ch]\b')


def sources(root):
    for top in ('lib', 'daemon', 'tests'):
        for folder, _, names in os.walk(os.path.join(root, top)):
            for name in names:
                if name.endswith(('.c', '.h')):
                    yield os.path.relpath(os.path.join(folder, name), root)


def main():
    root = sys.argv[1]
    paths = sorted(sources(root))
    known = {'/'.join(path.split('/')[i:]) for path in paths for i in range(path.count('/') + 1)}
    texts = {}
    for path in paths:
        with open(os.path.join(root, path)) as f:
            texts[path] = f.read()
        known |= set(re.findall(r'#\s*include <([^>]+)>', texts[path])) # of the system
    missing = 0
    for path, text in texts.items():
        for comment in re.finditer(r'/\*.*?\*/', text, re.S):
            for name in NAME.finditer(comment.group()):
                if name.group() not in known:
                    line = text.count('\n', 0, comment.start() + name.start()) + 1
                    print('%s:%d: there is no %s' % (path, line, name.group()))
                    missing += 1
    print('%d files' % len(paths))
    return 1 if missing else 0


if __name__ == '__main__':
    sys.exit(main())
