#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The man pages: no reader of such pages warns of anything, and every verb, argument, word, key, range, option and
topic is there, held against what the programs themselves say (--help, --check-config, the command table and the
configuration as it is shipped)."""
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

FOLDER = os.environ['STRIDED_PAGES']
SOURCE = os.environ['STRIDED_SOURCE_ROOT']
PAGES = ('strided.8', 'stridectl.1', 'strided-replay.1', 'strided.conf.5')
WIDE = 400 # so that nothing that is looked for is broken over two lines


def run(*argv, **options):
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, **options)


def needs(*programs):
    missing = [p for p in programs if not shutil.which(p)]
    return unittest.skipIf(missing, 'no %s' % ', '.join(missing))


def rendered(page):
    """As a reader sees it, of one style: bold is not told apart here."""
    done = run('groff', '-man', '-Tutf8', '-P-c', '-P-b', '-P-u', '-rLL=%dn' % WIDE, os.path.join(FOLDER, page))
    assert done.returncode == 0, done.stderr
    text = re.sub(r'.\x08', '', done.stdout).replace('\N{HYPHEN}', '-').replace('\N{RIGHT SINGLE QUOTATION MARK}', "'")
    return re.sub(r'\x1b\[[0-9;]*m', '', text)


def sections(text):
    """{title: body}"""
    parts = re.split(r'^([A-Z][A-Z ]+)$', text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


# Behind it stands its text; what may be left out is the term's own. That of a verb, or of an argument, has a capital.
SHORT, SHORT_VERB, SHORT_OPTION = r'.{6} [^ \[]', r'\S{1,5} {2,}|\S{6} [^ \[a-z]', r'\S{1,6} {2,}|\S{6} [A-Z][a-z]'


def items(body, indent, short_term=SHORT):
    """{term: what is said of it} of the lists whose terms stand at that column."""
    found, term = {}, None
    for line in body.splitlines():
        match = re.match(r' {%d}(\S.*)$' % indent, line)
        if match: # a short one has its text behind it, in its column
            term = match.group(1)
            short = re.match(short_term, term)
            term, rest = (term[:7].rstrip(), term[7:]) if short else (term.rstrip(), '')
            found[term] = rest
        elif term is not None:
            found[term] += '\n' + line
    return found


@needs('groff')
class Lint(unittest.TestCase):
    def each(self, *argv, env=None):
        for page in PAGES:
            with self.subTest(page):
                done = run(*argv, os.path.join(FOLDER, page), env={**os.environ, **(env or {})})
                self.assertEqual((done.returncode, done.stderr), (0, ''))
                yield page, done.stdout

    def test_groff(self):
        for _, out in self.each('groff', '-ww', '-man', '-Tutf8'):
            self.assertGreater(len(out), 2000)

    @needs('man')
    def test_man(self):
        for _, out in self.each('man', '--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z',
                                env={'LC_ALL': 'C.UTF-8', 'MANWIDTH': '80'}):
            self.assertGreater(len(out), 2000)

    @needs('mandoc')
    def test_mandoc(self):
        for _, out in self.each('mandoc', '-Tlint'):
            self.assertEqual(out, '')

    @needs('whatis', 'mandb', 'lexgrog')
    def test_the_index_finds_them_by_their_purpose(self):
        for page, out in self.each('lexgrog'):
            self.assertIn('"%s - ' % page.rsplit('.', 1)[0], out)

    def test_lines_keep_within_a_terminal(self):
        for page in PAGES:
            for width in (60, 80, 132):
                done = run('groff', '-man', '-Tascii', '-P-c', '-rLL=%dn' % width, os.path.join(FOLDER, page))
                for line in re.sub(r'.\x08', '', done.stdout).splitlines():
                    self.assertLessEqual(len(line), width, line)


class Install(unittest.TestCase):
    @needs('meson')
    def test_where_debian_looks(self):
        """As in /usr/local: man, bash-completion and Debian's zsh all have share/ below it among their folders."""
        build = os.path.dirname(os.path.dirname(FOLDER))
        done = run('meson', 'introspect', '--installed', build)
        installed = {os.path.basename(k) + ' ' + os.path.dirname(v).split('/share/')[1]
                     for k, v in json.loads(done.stdout).items() if os.path.dirname(k) == FOLDER}
        self.assertEqual(installed, {'strided.8 man/man8', 'stridectl.1 man/man1', 'strided-replay.1 man/man1',
                                     'strided.conf.5 man/man5',
                                     'strided bash-completion/completions', 'stridectl bash-completion/completions',
                                     '_strided zsh/site-functions', '_stridectl zsh/site-functions'})


@needs('groff')
class Contents(unittest.TestCase):
    def test_sections(self):
        for page, wanted in (
                ('strided.8', ['NAME', 'SYNOPSIS', 'DESCRIPTION', 'OPTIONS', 'SIGNALS', 'EXIT STATUS', 'TOPICS', 'ENVIRONMENT',
                               'FILES', 'SEE ALSO']),
                ('stridectl.1', ['NAME', 'SYNOPSIS', 'DESCRIPTION', 'VERBS', 'OPTIONS', 'EXIT STATUS', 'EXAMPLES', 'SEE ALSO']),
                ('strided-replay.1', ['NAME', 'SYNOPSIS', 'DESCRIPTION', 'OPTIONS', 'EXIT STATUS', 'FILES', 'EXAMPLES',
                                      'SEE ALSO']),
                ('strided.conf.5', ['NAME', 'SYNOPSIS', 'DESCRIPTION', 'SECTIONS', 'EXAMPLE', 'SEE ALSO'])):
            self.assertEqual(list(sections(rendered(page))), wanted)

    def test_every_folder_that_the_daemon_makes(self):
        """As its source calls them; `sessions` and `imported` have names of their own for what is in them."""
        told = sections(rendered('strided.8'))['FILES']
        for name in ('assigned.conf', 'sessions/', 'imported/', 'notes/', 'logged/', 'deleted/', 'records/', 'backups/',
                     'strided.db'):
            self.assertIn('/var/lib/strided/' + name, told)
        made = set()
        for path, _, names in os.walk(os.path.join(SOURCE, 'daemon')):
            for name in names:
                if name.endswith('.h'):
                    with open(os.path.join(path, name)) as f:
                        made |= set(re.findall(r'#define \w*(?:_FOLDER|_COPIES)\s+"([a-z]+)"', f.read()))
        made -= {'routes'} # is in the import folder
        self.assertGreater(len(made), 4, made)
        for name in made:
            self.assertIn('/var/lib/strided/%s/' % name, told)
        self.assertIn('assigned.conf is read first', ' '.join(rendered('strided.conf.5').split()))

    def test_every_option_of_help(self):
        for variable, page in (('STRIDED', 'strided.8'), ('STRIDECTL', 'stridectl.1'),
                               ('STRIDED_REPLAY', 'strided-replay.1')):
            text = run(os.environ[variable], '--help').stdout
            options = re.findall(r'^  (?:-(\w), )?--([\w-]+)(?: (\[?[A-Z]+\]?))?', text, re.M)
            self.assertGreaterEqual(len(options), 4)
            told = items(sections(rendered(page))['OPTIONS'], 7, SHORT_OPTION)
            self.assertEqual(list(told), ['%s--%s%s' % ('-%s, ' % letter if letter else '', name, ' ' + argument if argument else '')
                                          for letter, name, argument in options])
            synopsis = sections(rendered(page))['SYNOPSIS']
            for _, name, _ in options:
                self.assertIn('[--' + name, synopsis)

    def test_every_status(self):
        for variable, page in (('STRIDECTL', 'stridectl.1'), ('STRIDED_REPLAY', 'strided-replay.1')):
            text = run(os.environ[variable], '--help').stdout
            told = items(sections(rendered(page))['EXIT STATUS'], 7)
            self.assertEqual(list(told), re.findall(r'(\d+(?:\+N)?)\s+[a-z`]', text.split('Exit status:')[1]))
        with tempfile.NamedTemporaryFile('w') as wrong:
            wrong.write('[MQTT]\nRoot=A B\n')
            wrong.flush()
            ended = run(os.environ['STRIDED'], '--config', wrong.name, '--state-dir', wrong.name + '.d').returncode
        self.assertIn(str(ended), items(sections(rendered('strided.8'))['EXIT STATUS'], 7))

    def test_every_verb_with_its_arguments(self):
        table = json.loads(run(os.environ['STRIDED_COMMAND_ROWS']).stdout)
        told = items(sections(rendered('stridectl.1'))['VERBS'], 7, SHORT_VERB)
        self.assertEqual([term.split(' ')[0] for term in told], [*table, 'doctor', 'watch', 'report', 'help'])
        for (verb, row), (term, body) in zip(table.items(), told.items()):
            with self.subTest(verb):
                arguments = row['arguments']
                self.assertEqual(term.split(' ')[1:], [a['name'] if a['required'] else '[%s]' % a['name'] for a in arguments])
                inner = items(body, 14)
                for a in arguments:
                    self.assertIn(a['name'], inner)
                    text = inner[a['name']]
                    for word in a['words'] + a['with']:
                        self.assertRegex(text, r'\b%s\b' % word)
                    if a['type'] in ('integer', 'number'):
                        self.assertIn('from %.10g to %.10g' % (a['min'], a['max']), text)
                    self.assertEqual('It has to be there.' in text, a['required'])
                    self.assertEqual('Or null.' in text, a['nullable'])
                self.assertEqual('only with Commands=all' in body, bool(row['unsafe'] or row['unsafe_do']))

    def test_every_topic(self):
        with open(os.path.join(SOURCE, 'daemon/broker/topic.c')) as f:
            topics = re.findall(r'^    \[TOPIC_\w+\] = \{ "([^"]+)"', f.read(), re.M)
        self.assertGreaterEqual(len(topics), 12)
        self.assertEqual(list(items(sections(rendered('strided.8'))['TOPICS'], 7))[1:-1], topics)

    def test_every_key_with_its_default_and_what_is_allowed(self):
        text = sections(rendered('strided.conf.5'))['SECTIONS']
        parts = re.split(r'^   \[(\w+)(?: [A-Z]+)?\]$', text, flags=re.M)
        told = {name: items(body, 7) for name, body in zip(parts[1::2], parts[2::2])}
        with open(os.path.join(SOURCE, 'config/strided.conf')) as f: # a unit test holds it to the table
            shipped = f.read()
        count, section = 0, None
        for paragraph in re.split(r'\n\n|(?<==)\n(?=#)|\n(?=\[)|\n(?=#\[)', shipped):
            head = re.search(r'^#?\[(\w+)(?: (\w+))?\]', paragraph, re.M)
            if head:
                section, name = head.groups()
            for key, value in re.findall(r'^#(\w+)=(.*)$', paragraph, re.M):
                count += 1
                with self.subTest(key, section=section):
                    if section == 'Rule': # each with a default of its own
                        self.assertIn('%s=%s' % (key, value), told['Rule'][name])
                        self.assertIn(key + '=', told['Rule'])
                        continue
                    body = ' '.join(told[section][key + '='].split())
                    if value:
                        self.assertIn('Default: %s.' % value, body)
                    comment = ' '.join(line[2:] for line in paragraph.splitlines() if line.startswith('# '))
                    allowed = re.search(r'Allowed: (.*)$', comment)
                    if allowed:
                        self.assertIn(allowed.group(0), body)
        self.assertEqual(count, len(re.findall(r'^#\w+=', shipped, re.M)))
        self.assertGreater(count, 60)

    def test_the_example_is_a_good_configuration(self):
        lines = sections(rendered('strided.conf.5'))['EXAMPLE'].splitlines()[:-1]
        with tempfile.NamedTemporaryFile('w', suffix='.conf') as f:
            f.write('\n'.join(line.strip() for line in lines) + '\n')
            f.flush()
            done = run(os.environ['STRIDED'], '--check-config', '--config', f.name)
        self.assertEqual((done.returncode, done.stderr), (0, ''))
        self.assertIn('Address=D0:CF:5E:11:22:33', done.stdout)
        self.assertNotIn('not set', done.stdout)

    def test_nothing_that_is_typed_is_broken_or_changed(self):
        """At 60 columns, where much is broken."""
        for page in PAGES:
            narrow = run('groff', '-man', '-Tutf8', '-P-c', '-rLL=60n', os.path.join(FOLDER, page)).stdout
            typed = re.findall(r'((?:.\x08.)+)', narrow)
            plain = {re.sub(r'.\x08', '', t) for t in typed}
            self.assertFalse([t for t in plain if re.search('[\N{HYPHEN}\N{RIGHT SINGLE QUOTATION MARK}\N{MINUS SIGN}]', t)])
        self.assertIn('runner/<r>/alert/<rule>', rendered('strided.8'))


if __name__ == '__main__':
    if not shutil.which('groff'):
        print('skipped: no groff')
        raise SystemExit(77)
    unittest.main(verbosity=2)
