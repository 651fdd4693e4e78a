#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Hold the README to the code: readme.py SOURCE_ROOT BUILD_ROOT.

What a table of the code has, the README has: every key with its default, every topic, verb and
argument, every state of a sensor. What the README shows as a message passes the schema of its topic,
what it names as a file is there, and neither it nor anything the program says to people promises or
judges what a training log cannot: the words of tests/unit/forbidden.h, which no sentence about a rule
may have either.
"""
import json
import re
import sys
from pathlib import Path

# Where such a word speaks of a setting or of a file and not of a body. The whole literal, or the
# part of a line of the README, must match.
ABOUT_SOMETHING_ELSE = [
    r'^safe$', r'Which commands are taken over MQTT; safe:', r'The database .*was damaged',
    r'Cannot set the damaged %s aside', r'^%s\.damaged-%s(\.%d)?$',
    r'^strided\.db\.damaged-$', r'^Protect(Home|System)$', # a file's name, and systemd's settings
    r'^- a race or season .* where a diagnosis decides\.$', # a doctor's
]
# Literals that a compiler, a shell or a database reads, and no person.
NOT_SAID = re.compile(r'^\s*#\s*include|^\s*\*|^\s*/\*')

problems = []
forbidden = []  # regular expressions


def problem(text, *arguments):
    problems.append(text % arguments)


def rows(path, pattern, at_least):
    """All matches in a file; a table that changed its form must not pass for an empty one."""
    found = re.findall(pattern, path.read_text(encoding='utf-8'), re.M)
    if len(found) < at_least:
        sys.exit('%s: %d rows found where %d are expected: its form has changed, and this test has '
                 'to learn it' % (path, len(found), at_least))
    return found


def read_forbidden(source):
    for literal in rows(source / 'tests/unit/forbidden.h', r'^    "(.+)",$', 14):
        forbidden.append(re.compile(literal.replace('\\\\', '\\'), re.I))


# ---- what has to stand there --------------------------------------------------------------------

def check_keys(source, table_lines):
    keys = rows(source / 'lib/conf_key.c', r'KEY\(\w+, "(\w+)",[^"]*?\.fallback = "([^"]*)"', 25)
    # the defaults of a rule's keys are in the rule's own row
    keys += [(key, '') for key in rows(source / 'lib/conf_key.c', r'\{ KEY\(RULE, "(\w+)",', 5)]
    if len(keys) != len(rows(source / 'lib/conf_key.c', r'\{ KEY\(', 30)):
        sys.exit('lib/conf_key.c: a row without its fallback: this test has to learn its form')
    for key, fallback in keys:
        lines = [line for line in table_lines if re.search(r'`%s`' % key, line.split('|')[1])]
        if not lines:
            problem('no row for the key %s=', key)
        elif fallback and not any('`%s`' % fallback in line for line in lines):
            problem('the row of %s= does not name its default `%s`', key, fallback)


def check_topics(source, text):
    for pattern in rows(source / 'daemon/broker/topic.c', r'^    \[TOPIC_\w+\] = \{ "([^"]+)"', 10):
        if '`%s`' % pattern not in text:
            problem('nothing about the topic `%s`', pattern)


def check_events(source, table_lines):
    """What of the contract is sent: the code does so, and the row of the topic names it and no other."""
    text = (source / 'lib/payload.c').read_text()
    names = dict(rows(source / 'lib/payload.c', r'\[(EVENT_\w+)\] = "(\w+)"', 10))
    sent = set(re.findall(r'\[(EVENT_\w+)\] = true', text))
    code = '\n'.join(path.read_text() for path in (source / 'daemon').rglob('*.c')
                     if path.parts[-2] not in ('broker', 'replay', 'store'))
    for kind, name in names.items():
        if (re.search(r'\b%s\b' % kind, code) is not None) != (kind in sent):
            problem('lib/payload.c: event_kind_is_sent() is wrong about %s', kind)
        if any('`runner/<r>/event`' in line and '`%s`' % name in line for line in table_lines) != (kind in sent):
            problem('the row of the topic event is wrong about `%s`', name)


def check_verbs(source, table_lines):
    path = source / 'daemon/commands/table.c'
    for verb in rows(path, r'\.verb = "([a-z-]+)"', 6):
        if not any(re.search(r'`%s\b' % verb, line.split('|')[1]) for line in table_lines):
            problem('no row for the verb %s', verb)
    for argument in rows(path, r'\.name = "(\w+)"', 5):
        if not re.search(r'\b%s\b' % argument, '\n'.join(table_lines)):
            problem('no row names the argument %s', argument)


def check_transactions(source, text):
    """Which verbs are answered again, and not done again."""
    verbs = rows(source / 'daemon/commands/table.c', r'\{ \.verb = "([a-z-]+)",([^}]*)\}', 6)
    done = {verb for verb, row in verbs if '.tells = true' not in row}
    said = re.search(r'^This holds for ([^;]*);', text, re.M)
    if not said or set(re.findall(r'`([a-z-]+)`', said.group(1))) != done:
        problem('what is answered again in its transaction is %s, and nothing says so', ' '.join(sorted(done)))
    bounds = rows(source / 'daemon/store/answers.c', r'^#define (?:ANSWERS|BYTES)_MAX +\(?(\d+)', 2)
    if not re.search(r'The last %s\ssuch answers are kept, of %s KiB together' % tuple(bounds), text):
        problem('the bounds of the answers that are kept, %s and %s KiB, are not said', *bounds)


def check_states(source, table_lines):
    words = rows(source / 'lib/payload.c', r'\[SENSOR_[A-Z]+\] = "(\w+)"', 8)
    for word in words:
        if not any('`%s`' % word in line.split('|')[1] for line in table_lines):
            problem('no row for the sensor state %s', word)


def check_rules(source, table_lines):
    text = (source / 'lib/training/rule.c').read_text()
    found = re.findall(r'\.id = "(\w+)".*?\.enable = (\w+), \.notify = (\w+)', text, re.S)
    if len(found) < 9:
        problem('only %d rules are found in lib/training/rule.c', len(found))
    for rule, enable, notify in found:
        does = 'off' if enable == 'false' else 'message' if notify == 'true' else 'shown'
        if not any('`%s`' % rule in line.split('|')[1] and does in line.split('|')[-2] for line in table_lines):
            problem('no row for the rule %s, which says "%s" at its end', rule, does)


def check_entry(source, text):
    listing = re.search(r"^verbs='\n(.*?)\n'$", (source / 'run').read_text(), re.S | re.M).group(1)
    for verb in re.findall(r'^([a-z-]+) +\|', listing, re.M):
        if verb != 'help' and './run %s' % verb not in text:
            problem('nothing about ./run %s', verb)
    for verb in re.findall(r'\./run ([a-z-]+)', text):
        if not re.search(r'^%s +\|' % verb, listing, re.M):
            problem('./run %s is no verb', verb)


# ---- what stands there has to be true -----------------------------------------------------------

def check_files(source, text):
    for path in re.findall(r'`((?:lib|daemon|tests|systemd|config|\.ci)/[\w./-]*)`', text):
        if not (source / path).exists():
            problem('%s is not there', path)


def check_globs(source, text):
    """The caller's shell makes a name of a `*`, and cannot look into the folders of root or of strided."""
    told = [('README.md', text)] + [(str(p.relative_to(source)), p.read_text(encoding='utf-8'))
                                    for p in sorted((source / 'daemon').rglob('*.c'))]
    for where, words in told:
        for command in re.findall(r"""sudo (?!sh -c )[^'"`\n]*""", words):
            if re.search(r'(/var/lib/(bluetooth|strided)|\{\})\S*\*', command):
                problem('%s: no shell but root\'s finds what "%s" names', where, command)


def blocks(text):
    return re.findall(r'^```\w*\n(.*?)^```$', text, re.S | re.M)


def check_messages(build, text):
    """Every block that begins with a topic is a message as it was published."""
    try:
        import jsonschema
    except ImportError:
        print('skipped: the messages (python3-jsonschema is not installed)')
        return
    count = 0
    for topic, body in re.findall(r'^strided/[\w-]+/(\S+)\n(\{.*?\n?\})$',
                                  '\n'.join(blocks(text)), re.S | re.M):
        kind = topic.split('/')[2 if topic.startswith('runner/') else 0]
        schema = build / 'daemon' / ('%s.schema.json' % {'now': 'live'}.get(kind, kind))
        if not schema.exists():
            print('skipped: the messages (the daemon is not built here)')
            return
        try:
            jsonschema.validate(json.loads(body), json.loads(schema.read_text()))
        except (ValueError, jsonschema.ValidationError) as e:
            problem('the message of %s: %s', topic, str(e).splitlines()[0])
        count += 1
    if count < 7:
        problem('%d messages are shown, there should be one of each kind', count)


def check_words(where, text, line_of=lambda at: None):
    for pattern in forbidden:
        for match in pattern.finditer(text):
            if not any(re.search(allowed, text) for allowed in ABOUT_SOMETHING_ELSE):
                at = line_of(match.start())
                problem('%s%s says "%s"', where, ':%d' % at if at else '', match.group(0))


def check_prose(path):
    """Code and file names are not prose; a config word may stand between backticks."""
    text = re.sub(r'```.*?```', lambda m: '\n' * m.group(0).count('\n'),
                  path.read_text(encoding='utf-8'), flags=re.S)
    text = re.sub(r'`[^`\n]*`', '', text)
    for number, line in enumerate(text.splitlines(), 1):
        check_words('%s:%d' % (path.name, number), line)


def check_literals(source):
    files = sorted(p for folder in ('daemon', 'lib') for p in (source / folder).rglob('*.[ch]'))
    for path in files:
        for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1):
            if NOT_SAID.match(line):
                continue
            for literal in re.findall(r'"((?:[^"\\]|\\.)*)"', line):
                check_words('%s:%d' % (path.relative_to(source), number), literal)


def main():
    source, build = Path(sys.argv[1]), Path(sys.argv[2])
    text = (source / 'README.md').read_text(encoding='utf-8')
    table_lines = [line for line in text.splitlines() if line.startswith('|')]
    read_forbidden(source)
    check_keys(source, table_lines)
    check_topics(source, text)
    check_events(source, table_lines)
    check_verbs(source, table_lines)
    check_transactions(source, text)
    check_states(source, table_lines)
    check_rules(source, table_lines)
    check_entry(source, text)
    check_files(source, text)
    check_globs(source, text)
    check_messages(build, text)
    check_prose(source / 'README.md')
    check_prose(source / 'CHANGELOG.md')
    check_literals(source)
    for line in problems:
        print('README: ' + line if ':' not in line.split(' ')[0] else line)
    sys.exit(1 if problems else 0)


if __name__ == '__main__':
    main()
