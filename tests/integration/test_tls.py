#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The daemon and a real Mosquitto with certificates of every kind: whom it trusts, what it says of the others,
and that none of these hears its login.

One broker has a listener for each certificate; a reload brings the daemon to the next.
"""
import os
import re
import signal
import stat
import subprocess
import unittest
from pathlib import Path

from harness import free_port, wait_until
from world import PATIENCE, World, run_tests

PASSWORD = 'hunter2-and-more'
LISTENERS = ('right', 'other', 'expired', 'early', 'stranger', 'address', 'wanting')
CA_CONFIG = """[ca]
default_ca = ours
[ours]
dir = .
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
"""
REFUSED = (  # listener, what is said of it
    ('other', 'its certificate is made out to another name: use that one in Uri=, or give the broker a certificate'),
    ('expired', 'its certificate has expired: renew it at the broker'),
    ('early', 'its certificate is not valid yet: is the clock of this machine right?'),
    ('stranger', r'its certificate is not signed by a CA in CaFile=\S+: put the certificate of its CA there'),
)


class Certificates:
    """Two CAs, and what they sign; all in one folder."""

    def __init__(self, folder):
        self.folder = Path(folder)
        for ca in ('ca', 'stranger-ca'):
            self.openssl('req', '-x509', *self.new_key(ca), '-days', '2', '-subj', '/CN=' + ca)
        (self.folder / 'index').touch()
        (self.folder / 'serial').write_text('01\n')
        (self.folder / 'ca.conf').write_text(CA_CONFIG)

    def openssl(self, *argv):
        subprocess.run(['openssl', *argv], check=True, cwd=self.folder, capture_output=True, timeout=PATIENCE)

    def new_key(self, name):
        return ('-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', name + '.key', '-out',
                name + '.crt')

    def sign(self, name, subject, alt='DNS:localhost', ca='ca', dates=('20200101000000Z', '20490101000000Z')):
        key = [name + '.csr' if word == name + '.crt' else word for word in self.new_key(name)]
        self.openssl('req', *key, '-subj', '/CN=' + subject, '-addext', 'subjectAltName=' + alt)
        self.openssl('ca', '-batch', '-config', 'ca.conf', '-cert', ca + '.crt', '-keyfile', ca + '.key', '-in',
                     name + '.csr', '-out', name + '.crt', '-notext', '-startdate', dates[0], '-enddate', dates[1])

    def __getitem__(self, name):
        return str(self.folder / name)


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        spare = World(bus=False, broker=False)
        cls.addClassCleanup(spare.close)
        cls.files = files = Certificates(spare.folder)
        for name, options in (
                ('right', {}), ('wanting', {}), ('other', {'alt': 'DNS:other.example'}), ('address', {'alt': 'IP:127.0.0.1'}),
                ('expired', {'dates': ('20200101000000Z', '20200102000000Z')}),
                ('early', {'dates': ('20480101000000Z', '20490101000000Z')}), ('stranger', {'ca': 'stranger-ca'}),
                ('ours', {}), ('ours-renewed', {}), ('ours-stranger', {'ca': 'stranger-ca'}),
                ('ours-expired', {'dates': ('20200101000000Z', '20200102000000Z')})):
            files.sign(name, name, **options)
        users = files['users']
        subprocess.run(['mosquitto_passwd', '-b', '-c', users, 'hall', PASSWORD], check=True, capture_output=True,
                       timeout=PATIENCE)
        with open(os.open(files['password'], os.O_WRONLY | os.O_CREAT, 0o600), 'w') as f:
            f.write(PASSWORD + '\n')
        cls.ports = {name: free_port() for name in LISTENERS}
        extra = ['log_type all', 'password_file ' + users]
        for name, port in cls.ports.items():
            extra += ['listener %d 127.0.0.1' % port, 'certfile ' + files[name + '.crt'], 'keyfile ' + files[name + '.key']]
        extra += ['cafile ' + files['ca.crt'], 'require_certificate true', 'use_identity_as_username true']
        cls.world = World('', [], broker_extra=extra)
        cls.addClassCleanup(cls.world.close)

    def configure(self, name, *lines, ca='ca.crt', host='localhost', uri='mqtts://%s:%d'):
        self.world.write_config(mqtt=['Uri=' + uri % (host, self.ports.get(name) or free_port()), 'Username=hall',
                                      'PasswordFile=' + self.files['password'], *lines,
                                      *(['CaFile=' + self.files[ca]] if ca else [])])

    def go_to(self, *args, **options):
        """The daemon is at that listener, with these lines; gives the number of its next line."""
        self.configure(*args, **options)
        if not self.world.daemon or not self.world.daemon.alive():
            self.world.start()
            self.world.daemon.wait_log(' is ready')
            return 0
        since = len(self.world.daemon.lines)
        self.world.daemon.process.send_signal(signal.SIGHUP)
        self.world.daemon.wait_log('Configuration reloaded', since=since)
        return since

    def logins(self):
        """CONNECT packets that the broker got of the daemon, each with its answer."""
        return re.findall(r'Sending CONNACK to strided-|New client connected .* as strided-', self.world.broker.log())

    def own(self, name):
        return ['ClientCert=' + self.files[name + '.crt'], 'ClientKey=' + self.files[name + '.key']]

    def connects(self, *args, **options):
        since = self.go_to(*args, **options)
        self.world.daemon.wait_log('broker: connected', since=since)
        wait_until(lambda: self.world.problems() == [], PATIENCE, 'no problem any more')

    def tries(self, name):
        return self.world.broker.log().count('on port %d.' % self.ports[name])

    def is_told(self, pattern, since):
        """In the log, and as the problem."""
        self.world.daemon.wait_log(r'broker localhost:\d+: ' + pattern, since=since)
        self.world.wait_control()
        wait_until(lambda: re.search(pattern, ' '.join(self.world.problems())), PATIENCE, 'the problem')

    def test_whom_it_does_not_trust_it_refuses_and_tells_no_login(self):
        for name, pattern in REFUSED:
            with self.subTest(name):
                before = self.logins()
                self.is_told(pattern, self.go_to(name))
                wait_until(lambda: self.tries(name) >= 2, PATIENCE, 'another try')
                self.assertEqual(self.logins(), before)
                self.assertNotIn(PASSWORD, self.world.log())
        self.connects('right')
        self.assertGreater(len(self.logins()), len(before))

    def test_what_was_wrong_with_a_certificate_is_not_said_of_a_link_without_one(self):
        self.is_told(REFUSED[1][1], self.go_to('expired'))
        self.is_told(r'no link \(', self.go_to('none listens', uri='mqtt://%s:%d'))

    def test_what_it_trusts_is_the_ca_file_or_the_systems(self):
        self.is_told('its certificate is not signed by a CA this system knows: set CaFile= to the certificate',
                     self.go_to('right', ca=None))
        self.world.stop()
        self.world.start(env={'SSL_CERT_FILE': self.files['ca.crt']})  # that of the system, to OpenSSL
        self.world.daemon.wait_log('broker: connected')
        self.is_told(REFUSED[3][1], self.go_to('right', ca='stranger-ca.crt'))
        self.connects('right')

    def test_an_address_may_stand_in_a_certificate_as_well(self):
        self.connects('address', host='127.0.0.1')

    def test_a_broker_that_wants_a_certificate(self):
        self.is_told(r'it ends the TLS (handshake .*does it want a certificate from us\? Set ClientCert= and'
                     r'|link without a word: does it want a certificate from us)', self.go_to('wanting'))
        for name in ('ours-stranger', 'ours-expired'):
            with self.subTest(name):
                self.is_told(r'it (refuses our certificate .*: is ClientCert= signed by a CA that it knows, and still'
                             r'|ends the TLS link without a word: does it know the CA of ClientCert=)',
                             self.go_to('wanting', *self.own(name)))
        self.connects('wanting', *self.own('ours'))
        self.assertRegex(self.world.broker.log(), r"as strided-.*u'ours'")

    def test_a_certificate_that_was_renewed_is_taken_by_a_reload(self):
        mine = self.own('mine')
        for old, new in (('ours', 'mine'), ('ours-renewed', 'mine')):
            for kind in ('.crt', '.key'):
                (self.files.folder / (new + kind)).write_bytes((self.files.folder / (old + kind)).read_bytes())
                os.chmod(self.files[new + kind], 0o600)
            self.connects('wanting', *mine)
        self.assertRegex(self.world.broker.log(), r"as strided-.*u'ours-renewed'")

    def test_a_key_that_does_not_belong_to_it_changes_nothing_at_a_reload(self):
        self.connects('wanting', *self.own('ours'))
        since = len(self.world.daemon.lines)
        self.configure('wanting', 'ClientCert=' + self.files['ours.crt'], 'ClientKey=' + self.files['ours-renewed.key'])
        self.world.daemon.process.send_signal(signal.SIGHUP)
        self.world.daemon.wait_log('ClientKey=.* cannot be used: it is not the key of that certificate', since=since)
        self.world.publish('strided/hall/request/status', '{}')  # the old link is up
        wait_until(lambda: 'strided/hall/response/status' in self.world.broker.log(), PATIENCE, 'an answer')

    def test_a_key_that_changes_under_it_is_told_at_the_next_try(self):
        mine = self.own('mine')
        for kind in ('.crt', '.key'):
            (self.files.folder / ('mine' + kind)).write_bytes((self.files.folder / ('ours' + kind)).read_bytes())
        os.chmod(self.files['mine.key'], stat.S_IRUSR | stat.S_IWUSR)
        self.connects('wanting', *mine)
        self.files.openssl('ec', '-in', 'ours.key', '-aes128', '-passout', 'pass:sesame', '-out', 'mine.key')
        since = len(self.world.daemon.lines)
        self.world.broker.restart()
        self.is_told('ClientKey= cannot be used: the key has a passphrase, and nobody is there to type it', since)
        (self.files.folder / 'mine.key').write_bytes((self.files.folder / 'ours.key').read_bytes())
        self.world.daemon.wait_log('broker: connected', since=since)


if __name__ == '__main__':
    run_tests()
