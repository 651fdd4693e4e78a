# SPDX-License-Identifier: MIT
"""The page of `stridectl report`, in a browser: it asks for nothing, complains of nothing, fits a phone,
has its colours by day and by night, and is all there for who does not see it."""
import datetime
import html.parser
import itertools
import json
import os
import re
import sqlite3
import subprocess
import tempfile
import unittest

import chromium
import report_answers
from harness import find_program
from rules import DAY, TODAY, RulesCase
from terminal import OnTerminal
from world import run_tests

SIZES = ((1200, False), (360, True))
VOID = {'meta', 'link', 'br', 'rect', 'line'}   # rect and line as they are written: <rect .../>


class Nesting(html.parser.HTMLParser):
    """Every element ends where it should, ids are there once, and links within the page have an end."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.count = [], [], [], {}

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.count[tag] = self.count.get(tag, 0) + 1
        self.ids += [attributes['id']] if 'id' in attributes else []
        self.links += [attributes['href'][1:]] if attributes.get('href', '').startswith('#') else []
        self.links += attributes.get('aria-labelledby', '').split()
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.count[tag] = self.count.get(tag, 0) + 1

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, (tag, self.open)


def hostile():
    """A person's answers with markup, and words that are longer than any screen."""
    answers = report_answers.usual()
    answers['week']['runner'] = 'x' * 200
    answers['alerts']['said'][0]['sentence'] = '<script>document.title = "taken"</script>' + 'y' * 300
    answers['explain'][0]['source'] = '<img src="http://example.org/x"><style>@import "http://example.org"</style>'
    for row in answers['history']['weeks']:
        row['distance_m'] = row['distance_m'] and row['distance_m'] * 1e6
        row['downhill_drop_m'] = 123456
    return answers


ANSWERS = {'usual': report_answers.usual(), 'imperial': report_answers.usual('imperial'),
           'new': report_answers.new(), 'hostile': hostile()}


def run(*words):
    done = subprocess.run([find_program('stridectl', 'STRIDECTL'), *words], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


class Report(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='report-')
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def answers(self, name):
        with open(self.path(name + '.json'), 'w') as f:
            json.dump(ANSWERS[name], f)
        return f.name

    def page(self, name):
        path = self.path(name + '.html')
        self.assertEqual(run('report', '--from', self.answers(name), '--html', path), (0, '', ''))
        return path

    # ---- what is written ----

    def test_the_page_is_well_nested_and_every_link_has_its_end(self):
        for name in ANSWERS:
            with self.subTest(name), open(self.page(name), encoding='utf-8') as f:
                page = Nesting()
                page.feed(f.read())
                page.close()
                self.assertEqual(page.open, [])
                self.assertEqual(len(page.ids), len(set(page.ids)))
                self.assertEqual(set(page.links) - set(page.ids), set())
                self.assertEqual((page.count['title'], page.count['desc']), (3, 2)) # its own, and of two drawings
                self.assertEqual(page.count.get('script', 0) + page.count.get('img', 0), 0)
                self.assertEqual(page.count['tr'] - 1, len(ANSWERS[name]['history']['weeks']))

    def test_it_goes_where_it_is_asked_to(self):
        status, page, err = run('report', '--html', '-', '--from', self.answers('usual'))
        self.assertEqual((status, err), (0, ''))
        with open(self.page('usual'), encoding='utf-8') as f:
            self.assertEqual(f.read(), page)
        status, out, _ = run('--json', 'report', '--from', self.answers('usual'))
        self.assertEqual((status, json.loads(out)), (0, ANSWERS['usual']))
        status, out, _ = run('report', '--from', self.answers('usual'))
        self.assertEqual(status, 0)
        self.assertIn('\nSaid in these weeks\n', out)

    def test_what_goes_wrong_is_said(self):
        status, out, err = run('report', '--from', self.path('none.json'))
        self.assertEqual((status, out), (2, ''))
        self.assertIn('none.json', err)
        status, out, err = run('report', '--from', self.answers('usual'), '--html', self.path('none/x.html'))
        self.assertEqual((status, out), (1, ''))
        self.assertIn('none/x.html: No such file or directory', err)
        status, out, err = run('report', '--from', self.answers('usual'), '--html', '/dev/full')
        self.assertEqual((status, out), (1, ''))
        self.assertIn('/dev/full: No space left on device', err)
        self.assertEqual(run('week', '--html', 'x')[0], 2)

    def test_json_on_a_terminal_is_nothing_to_obey(self):
        answers = report_answers.usual()
        answers['week']['runner'] = 'anna\u009b2J\u202e \u00e9\x1b[2J'
        path = self.path('hostile.json')
        with open(path, 'w') as f:
            json.dump(answers, f)
        for words in (('report', '--from', path), ('--full', 'report', '--from', path),
                      ('doctor', 'config=/no-such\u202e\u00e9')):
            with self.subTest(words):
                terminal = OnTerminal([find_program('stridectl', 'STRIDECTL'), '--json', *words],
                                      {**os.environ, 'TERM': 'xterm', 'LC_ALL': 'C.UTF-8'})
                self.addCleanup(terminal.close)
                terminal.wait_end()
                self.assertTrue(terminal.raw.isascii(), terminal.raw)
                self.assertNotIn('\x1b', terminal.raw)
                told = json.loads(terminal.raw)
                if 'week' in told:
                    self.assertEqual(told, answers)
                else:
                    self.assertIn('/no-such\u202e', json.dumps(told, ensure_ascii=False).replace('?', '\u202e'))

    # ---- in a browser ----

    def check_look(self, page):
        self.assertEqual(page.complaints(), [])
        self.assertEqual(page.requests(), [])
        self.assertFalse(page.is_wider_than_its_window())
        self.assertTrue(page.value('document.title').startswith('Training report: '))
        # every drawing has its size, and what is written in it stays in it
        self.assertEqual(page.value(WITHIN), [True, True])
        # dark on light or light on dark, everywhere that something is written
        self.assertGreaterEqual(page.value(CONTRAST), 4.5, 'contrast')

    @unittest.skipUnless(chromium.find(), 'chromium is not installed')
    def test_a_browser_finds_nothing_to_ask_for_or_to_complain_of(self):
        browser = chromium.Chromium()
        self.addCleanup(browser.close)
        backgrounds = {}
        for name, scheme, (width, phone) in itertools.product(ANSWERS, ('light', 'dark'), SIZES):
            with self.subTest(name=name, scheme=scheme, width=width):
                page = chromium.Page(browser, 'file://' + self.page(name), width, scheme=scheme, phone=phone)
                self.check_look(page)
                backgrounds[scheme] = page.value('getComputedStyle(document.body).backgroundColor')
                page.close()
        self.assertNotEqual(backgrounds['light'], backgrounds['dark'])

    @unittest.skipUnless(chromium.find(), 'chromium is not installed')
    def test_on_paper_it_is_light(self):
        browser = chromium.Chromium()
        self.addCleanup(browser.close)
        page = chromium.Page(browser, 'file://' + self.page('usual'), 800, scheme='dark', media='print')
        self.assertEqual(page.value('getComputedStyle(document.body).backgroundColor'), 'rgb(255, 255, 255)')
        page.print(self.path('report.pdf'))
        with open(self.path('report.pdf'), 'rb') as f:
            self.assertEqual(f.read(5), b'%PDF-')

    @unittest.skipUnless(chromium.find(), 'chromium is not installed')
    def test_the_browser_tells_of_a_page_that_is_not_as_it_should_be(self):
        """Else all of the above could be silent for another reason."""
        path = self.path('bad.html')
        with open(path, 'w') as f:
            f.write('<img src="http://example.org/x.png"><script>console.error("no")</script>'
                    '<div style="width:2000px">wide</div>')
        browser = chromium.Chromium()
        self.addCleanup(browser.close)
        page = chromium.Page(browser, 'file://' + path, 360, phone=False)
        self.assertEqual(page.requests(), ['http://example.org/x.png'])
        self.assertTrue(page.complaints())
        self.assertTrue(page.is_wider_than_its_window())


class OfADaemon(RulesCase):
    """The same of answers that a daemon gave."""

    def test_a_week_of_hikes_is_in_the_report_with_its_warning(self):
        self.prepare(hikes=[(1, 9000, 300), (3, 4000, 20)]).start_ready()
        self.wait_alert('weekly_downhill', 'warning')
        status, page, err = self.world.stridectl('report', '--html', '-')
        self.assertEqual((status, err), (0, ''))
        self.assertIn('Descent in the last 7 days: 320 m', page)
        self.assertIn('id="why-weekly_downhill"', page)
        self.assertIn('pain at rest or that wakes at night', page)
        status, text, err = self.world.stridectl('report')
        self.assertEqual((status, err), (0, ''))
        self.assertIn('Descent in the last 7 days: 320 m', text)
        for title in ('What it does not mean', 'Evidence'):
            self.assertIn(title, page)


    SAID = ('weekly_distance', 'weekly_time', 'monotony')

    def say(self, n):
        """Messages of eighty days, of the store, the last of them yesterday's; their values tell them apart."""
        with sqlite3.connect(os.path.join(str(self.world.state), 'strided.db')) as db:
            for i in range(n):
                at = TODAY - DAY - (n - 1 - i) * datetime.timedelta(days=80) / n
                db.execute('INSERT INTO said (id, runner, rule, news, verdict, day, at_usec, value, reference, up_to, evidence,'
                           " sentence) VALUES (?, 'anna', ?, 'crossed', 'warning', ?, ?, ?, 25000, 27500, 'C', ?)",
                           ('old-%d' % i, self.SAID[i % 3], str(at.date()), int(at.timestamp() * 1e6), 100000 + 1000 * i,
                            'Message number %d.' % i))
        db.close()

    def test_all_that_was_said_is_in_it_with_its_own_figures(self):
        n = 150 # of which an answer has 64
        self.prepare()
        self.say(n)
        self.world.start_ready()
        self.wait_alert('weekly_distance', 'ok')
        status, out, err = self.world.stridectl('--json', 'report')
        self.assertEqual((status, err), (0, ''))
        report = json.loads(out)
        self.assertEqual([row['sentence'] for row in report['alerts']['said']],
                         ['Message number %d.' % i for i in range(n - 1, -1, -1)])
        self.assertEqual((report['alerts']['more'], report['alerts']['next'], report['missing']), (False, None, {}))
        # nothing is above its limit now: of an old message no figure of today is told
        self.assertEqual({row['alert']['rule'] for row in report['explain']}, set(self.SAID))
        self.assertEqual([row.get('steps', row.get('formula')) for row in report['explain']], [None] * 3)
        for words in ((), ('--html', '-')):
            status, text, err = self.world.stridectl('report', *words)
            self.assertEqual((status, err), (0, ''))
            for i in range(n):
                self.assertIn('Message number %d.' % i, text)
                if self.SAID[i % 3] == 'weekly_distance':
                    self.assertIn('Then %d.0 km, compared with 25.0 km, limit 27.5 km.' % (100 + i), text)
            self.assertNotIn('There was more', text)
            self.assertIn('What it does not mean', text)
            self.assertIn(MONOTONY, re.sub(r'\s+', ' ', text)) # which is off by now
            self.assertNotIn('numbers', text)
        status, out, err = self.world.stridectl('alerts', 'days=84')
        following = re.search(r'Older ones: the same with before=(\S+)', out).group(1)
        self.assertEqual(following, 'old-%d' % (n - 64))
        status, out, err = self.world.stridectl('alerts', 'days=84', 'before=' + following)
        self.assertEqual((status, err), (0, ''))
        self.assertIn('Message number %d.' % (n - 65), out)
        self.assertNotIn('Message number %d.' % (n - 64), out)
        status, _, err = self.world.stridectl('report', '--runner', 'eve')
        self.assertEqual((status, 'allowed: anna' in err), (1, True))

    def check_doctor(self, words, said):
        status, out, err = self.world.stridectl(*words)
        self.assertEqual(status, 1)
        self.assertIn(said, err)
        for item in report_answers.DOCTOR:
            self.assertIn('- ' + item, out)
        return re.sub(r'\s+', ' ', out)

    def test_when_to_see_a_doctor_is_told_where_nothing_can_be_judged(self):
        self.prepare()
        self.world.start_ready()
        out = self.check_doctor(('explain', 'monotony'), 'This rule is off for this runner')
        self.assertIn(MONOTONY, out)
        self.world.stop()
        self.world.sim.ctl('clock wall 5000')
        self.world.start_ready()
        self.check_doctor(('explain', 'weekly_distance'), 'The training log or the date is not known')
        status, out, err = self.world.stridectl('report')
        self.assertIn('The week is missing: The training log or the date is not known.', out)
        self.assertIn('\nNow\nIt is missing: The training log', out)
        self.assertIn('- pain at rest or that wakes at night', out)
        self.assertEqual((status, err), (1, '')) # there is nothing else in it
        answer = json.loads(self.world.stridectl('--json', 'explain', 'weekly_distance')[1])
        self.assertEqual(answer['status'], 'error')
        self.world.stop()
        status, out, err = self.world.stridectl('explain', 'weekly_distance')
        self.assertEqual(status, 3)
        self.assertIn('- pain at rest or that wakes at night', out)


MONOTONY = 'It says nothing of knees, and of descents it knows nothing'
WITHIN = '''[...document.querySelectorAll('figure svg')].map(svg => {
    const box = svg.getBoundingClientRect();
    return box.width > 250 && [...svg.querySelectorAll('text')].every(text => {
        const t = text.getBoundingClientRect();
        return t.left >= box.left - 1 && t.right <= box.right + 1 && t.top >= box.top - 1 &&
            t.bottom <= box.bottom + 1;
    });
})'''
# The least contrast (WCAG 2) between a text and what is behind it.
CONTRAST = '''(() => {
    const parts = colour => colour.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(
        v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce(
        (sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = element => {
        for (; element; element = element.parentElement) {
            const colour = parts(getComputedStyle(element).backgroundColor);
            if (colour.length === 3 || colour[3] > 0)
                return colour;
        }
        return [255, 255, 255];
    };
    let least = 99;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || ['TITLE', 'DESC'].includes(element.tagName.toUpperCase()))
            continue;
        const style = getComputedStyle(element);
        const a = light(parts(element.closest('svg') ? style.fill : style.color)), b = light(behind(element));
        least = Math.min(least, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
    }
    return least;
})()'''


if __name__ == '__main__':
    run_tests()
