# SPDX-License-Identifier: MIT
"""Which answers tell of a heart: every verb that Commands=safe leaves open is asked over MQTT, of a runner with ten years of
sessions and one that goes on. By that config/mosquitto/gateway.acl says who may ask for what."""
import os
import re
import sqlite3
from pathlib import Path

from ten_years import fill, yesterday
from test_commands import TABLE
from world import STRAP, Case, run_tests, sensor

CONFIG = ('[HomeAssistant]\nDiscovery=no\n[Rule monotony]\nEnable=yes\n'
          '[Runner anna]\nTimeZone=UTC\nSex=female\nMaxHeartRate=190\nRestHeartRate=50\n' + sensor('strap', STRAP))
ACL = Path(os.environ['STRIDED_SOURCE_ROOT'], 'config/mosquitto/gateway.acl')
# lib/training/monotony.h and form.h: all but the ratios of distance are made of heart loads
HEART = re.compile(r'heart_rate|zone(_s)?$|trimp|edwards|rr_|dfa_|(mean_\d+_days|difference|monotony|strain)$')
ANNA = {'runner': 'anna'}
# What each is asked, one after the other; each other verb takes a runner, or nothing.
REQUESTS = {
    'acknowledge': [{**ANNA, 'rule': 'monotony'}, ANNA],
    'explain': [{**ANNA, 'rule': 'monotony'}],
    'incline': [{**ANNA, 'percent': 1}],
    'log-run': [{**ANNA, 'day': str(yesterday().date()), 'distance_m': 5000, 'moving_s': 1800}],
    'release': [{'sensor': 'strap', 'for_s': 1}],
    'route': [{**ANNA, 'file': None}],
    'scan': [{'seconds': 1}],
    'session': [{'do': 'note', 'effort': 5}, {'do': 'stop', **ANNA}],
    'snooze': [{**ANNA, 'rule': 'monotony', 'for_h': 1}, {**ANNA, 'for_h': 1}],
}


def figures(value, key=''):
    """('heart', key) of what is known of it, and ('monotony', key) where that rule is said to be anything."""
    if isinstance(value, list):
        return {found for one in value for found in figures(one, key)}
    if not isinstance(value, dict):
        return {('heart', key)} if value is not None and HEART.match(key) else \
            {('monotony', key)} if value == 'monotony' and key in ('standing', 'rules') else set()
    if value.get('rule') == 'monotony':
        return {('monotony', k) for k, v in value.items() if k in ('value', 'verdict') and v is not None}
    return {found for k, one in value.items() for found in figures(one, k)}


class Hearts(Case):
    def start_with_years(self):
        self.make_world(CONFIG, ['strap:S:%s:scenario=steady' % STRAP])
        self.world.listen()
        self.world.start_ready()
        self.world.stop()
        fill(self.world.state, 'anna', yesterday())
        with sqlite3.connect(os.path.join(str(self.world.state), 'strided.db')) as db:
            db.execute('UPDATE sessions SET trimp = trimp + rowid % 7') # of loads that are all the same there is no monotony
        db.close()
        since = self.world.listener.mark()
        self.world.start_ready()
        self.world.wait_control()
        self.world.listener.wait('hall/status$', lambda m: m.text == 'online', since=since)
        self.world.listener.wait('anna/alert/monotony$', lambda m: m.json['verdict'] in ('caution', 'warning'), since=since)

    def begin_session(self):
        since = self.world.listener.mark()
        self.assertEqual(self.world.ask_broker('session', {'do': 'start', **ANNA})['status'], 'ok')
        self.world.listener.wait('anna/live$', lambda m: m.json['heart_rate_bpm'], since=since)

    def look(self, verbs, found):
        for verb in verbs:
            row = TABLE[verb]
            if row['unsafe']:
                continue
            whose = ANNA if any(a['name'] == 'runner' for a in row['arguments']) else {}
            for arguments in REQUESTS.get(verb, [whose]):
                answer = self.world.ask_broker(verb, arguments)
                self.assertEqual(answer['status'], 'ok', (verb, answer))
                for what, _ in figures(answer['data']) if verb != 'schema' else (): # which names keys, and no figures
                    found[what].add(verb)

    def test_the_rights_of_the_broker_name_each_verb_that_tells_of_a_heart(self):
        self.start_with_years()
        found = {'heart': set(), 'monotony': set()}
        of_rules = [verb for verb, row in TABLE.items() if any(a['name'] == 'rule' for a in row['arguments'])] + ['alerts']
        self.look(of_rules, found) # what an open session will be in the end is not judged yet
        self.begin_session()
        self.look(sorted(TABLE, key='session'.__eq__), found) # which ends it
        found['monotony'].add('acknowledge') # it names what was said and stands; of years that came at once nothing was
        text = re.sub(r'\n# *', ' ', ACL.read_text())
        always, with_rule = re.search(r'Whoever may ask for ([^.]*?), or with the rule monotony on for ([^.]*?), is told', text).groups()
        self.assertEqual(set(re.findall('`(.*?)`', always)), found['heart'])
        self.assertEqual(set(re.findall('`(.*?)`', with_rule)), found['monotony'] - found['heart'])
        # and of the list of one runner, who is not to be told of another's, what it says itself
        block = re.search(r'^# A runner with a phone\..*?\n\n', ACL.read_text(), re.M | re.S).group()
        may = set(re.findall(r'write strided/pi/request/(\S+)', block))
        self.assertGreater(len(may), 5)
        self.assertEqual(may & found['heart'], set())
        but = re.search(r'No verb in this list tells of another.s heart, but (.*?) where the rule monotony is on', text).group(1)
        self.assertEqual(set(re.findall('`(.*?)`', but)), may & found['monotony'])


if __name__ == '__main__':
    run_tests()
