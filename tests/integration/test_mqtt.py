#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The broker link against a real mosquitto: test_mqtt.py MQTT_PROBE [unittest arguments]

Nothing here sleeps: every wait is for a line of the probe, of the broker or of a client.
"""
import os
import queue
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

PATIENCE = 30.0  # for a thing that is sure to come; only a failure waits so long
PROBE = ""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def until(what, test):
    """Asks again and again: `test` takes its time at the broker, and there is no signal for its answer."""
    end = time.monotonic() + PATIENCE
    while not test():
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain for {what}")


class Lines:
    """A child process that speaks in lines; a thread reads them, so that it never has to wait for us."""

    def __init__(self, argv, env=None, stdin=False):
        self.child = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env,
                                      stdin=subprocess.PIPE if stdin else subprocess.DEVNULL)
        self.queue, self.lines = queue.Queue(), []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.child.stdout:
            self.queue.put(line.decode(errors="replace").rstrip("\n"))
        self.queue.put(None)

    def say(self, line):
        self.child.stdin.write(line.encode() + b"\n")
        self.child.stdin.flush()

    def wait(self, pattern, patience=PATIENCE):
        """The next line that matches, after the last one that was waited for."""
        end = time.monotonic() + patience
        while True:
            try:
                line = self.queue.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                how = "ended without" if self.child.poll() is not None else "waited in vain for"
                raise AssertionError(f"{how} {pattern!r} in\n  " + "\n  ".join(self.lines))
            self.lines.append(line)
            match = re.search(pattern, line)
            if match:
                return match

    def end(self):
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()
        self.reader.join()
        self.child.stdout.close()
        if self.child.stdin:
            self.child.stdin.close()


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="strided-mqtt-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.port = free_port()

    def spawn(self, argv, **how):
        child = Lines([str(a) for a in argv], **how)
        self.addCleanup(child.end)
        return child

    def broker(self, *lines):
        config = self.folder / "mosquitto.conf"
        user = ["user root"] if os.geteuid() == 0 else []
        config.write_text("\n".join(["per_listener_settings false", "log_dest stderr", "log_type all",
                                     f"listener {self.port} 127.0.0.1", *user, *lines]) + "\n")
        broker = self.spawn([shutil.which("mosquitto") or "/usr/sbin/mosquitto", "-c", config])
        broker.wait("mosquitto version .* running")
        return broker

    def probe(self, *options, uri=None, env=None):
        uri = uri or f"mqtt://127.0.0.1:{self.port}"
        return self.spawn([PROBE, uri, "strided-test", *options], stdin=True, env={**os.environ, **(env or {})})

    def client(self, name, *argv):
        return self.spawn([name, "-h", "127.0.0.1", "-p", self.port, "-V", "5", *argv])

    def watch(self, *topics):
        """A subscriber that has heard a retained marker: what comes from now on is not missed."""
        marker = self.client("mosquitto_pub", "-t", "marker", "-m", "here", "-r", "-q", "1")
        marker.child.wait(PATIENCE)
        argv = [a for t in (*topics, "marker") for a in ("-t", t)]
        watch = self.client("mosquitto_sub", "-q", "1", "-F", "%t retained=%r expiry=%E [%p]", *argv)
        watch.wait("marker")
        return watch

    def check_quick(self, begin, word):
        """A probe that begin() has brought into trouble ends within two seconds of the word. It would take its
        time over that in each try, so one of them proves it: a machine busy with other things can't spoil all."""
        took = []
        for _ in range(5):
            probe = begin()
            since = time.monotonic()
            probe.say(word)
            self.assertEqual(probe.child.wait(PATIENCE), 0)
            took.append(time.monotonic() - since)
            if took[-1] < 2.5:
                return probe
        self.fail(f"{word} took {took} s")

    def stop(self, probe):
        probe.say("stop")
        probe.wait("^stopped")
        probe.wait("^end")
        # Paho's threads may still be ending: what they use of OpenSSL must not be freed under them
        probe.wait("^openssl stands")
        self.assertEqual(probe.child.wait(PATIENCE), 0)


OPEN = "allow_anonymous true"


class Link(Case):
    def test_publish_is_acknowledged_and_arrives(self):
        for version in ((), ("v311=yes",)):
            with self.subTest(version=version):
                self.port = free_port()
                self.broker(OPEN)
                watch = self.watch("t/#")
                probe = self.probe(*version)
                probe.wait("^connected")
                probe.say("publish 7 1 1 0 t/a hello world")
                probe.wait("^published 7 done")
                watch.wait(r"t/a .*\[hello world\]")
                probe.say("publish 8 0 0 10 t/b quick")
                probe.wait("^published 8 done")
                watch.wait(r"t/b .* expiry=%s? ?\[quick\]" % ("" if version else "(10|9)"))
                self.stop(probe)

    def test_many_at_once_are_all_answered_once(self):
        self.broker(OPEN)
        probe = self.probe()
        probe.wait("^connected")
        for cookie in range(1, 257):
            probe.say(f"publish {cookie} 1 0 0 t/{cookie} x")
        for _ in range(256):
            probe.wait("^published .* done")
        answers = [line for line in probe.lines if line.startswith("published")]
        self.assertEqual(sorted(int(line.split()[1]) for line in answers), list(range(1, 257)))

    def test_nothing_is_taken_while_there_is_no_broker(self):
        probe = self.probe()
        probe.wait("^disconnected 0 broker 127.0.0.1:%d: no link .*is it running" % self.port)
        probe.say("publish 1 1 0 0 t x")
        probe.wait("^publish 1 failed: ENOTCONN")
        self.broker(OPEN)
        probe.wait("^connected")
        self.stop(probe)

    def test_will_is_heard_when_killed_and_not_when_stopped(self):
        self.broker(OPEN)
        watch = self.watch("gw/status")
        probe = self.probe("will=gw/status")
        probe.wait("^connected")
        probe.say("publish 1 1 1 0 gw/status online")
        watch.wait(r"gw/status .*\[online\]")
        probe.child.kill()
        watch.wait(r"gw/status .*\[offline\]")
        probe = self.probe("will=gw/status")
        probe.wait("^connected")
        probe.say("publish 1 1 1 0 gw/status stopped")
        self.stop(probe)
        self.client("mosquitto_pub", "-t", "gw/status", "-m", "after").child.wait(PATIENCE)
        watch.wait(r"gw/status .*\[after\]")
        offline = [line for line in watch.lines if "[offline]" in line]
        self.assertEqual(len(offline), 1, watch.lines)

    def deaf_broker(self, version):
        """Takes a link and answers nothing that is said over it; returns the types of the packets it got, once the link
        has ended."""
        got, ended = [], threading.Event()
        server = socket.create_server(("127.0.0.1", self.port))
        self.addCleanup(server.close)

        def packet(stream):
            head, length, shift = stream.read(1), 0, 0
            while head:
                byte = stream.read(1)[0]
                length, shift = length | (byte & 127) << shift, shift + 7
                if byte < 128:
                    stream.read(length)
                    return head[0] >> 4
            return None

        def serve():
            link, _ = server.accept()
            with link, link.makefile("rb") as stream:
                packet(stream)
                link.sendall(b"\x20\x02\x00\x00" if version else b"\x20\x03\x00\x00\x00")
                try:
                    while (kind := packet(stream)) is not None:
                        got.append(kind)
                except (OSError, IndexError):  # cut in the middle of one
                    pass
            ended.set()

        threading.Thread(target=serve, daemon=True).start()

        def packets():
            self.assertTrue(ended.wait(PATIENCE))
            return got
        return packets

    def test_no_goodbye_to_a_broker_that_did_not_take_the_last_words(self):
        publish, goodbye = 3, 14  # a broker that gets the second one keeps the will to itself
        for version in ((), ("v311=yes",)):
            for word, kind in (("stop", 1), ("stop will", 0), ("quit", 0)):
                for n in (10, 100):  # and more than may be under way: the last ones wait in Paho
                    with self.subTest(version=version, word=word, n=n):
                        self.port = free_port()
                        packets = self.deaf_broker(version)
                        probe = self.probe("will=gw/status", *version)
                        probe.wait("^connected")
                        for cookie in range(1, n):
                            probe.say(f"publish {cookie} 1 0 0 t x")
                        probe.say(f"publish {n} 1 1 0 gw/status offline")
                        probe.say(word)
                        self.assertEqual(probe.child.wait(PATIENCE), 0)
                        self.assertEqual(packets().count(goodbye), kind)
                        if word == "stop will":
                            self.assertEqual(packets().count(publish), min(n, 64))

    def test_comes_back_after_a_broker_restart(self):
        broker = self.broker(OPEN)
        probe = self.probe("sub=cmd/+")
        probe.wait("^connected")
        for round_ in range(2):
            broker.end()
            probe.wait("^disconnected 1 .*the link is lost")
            broker = self.broker(OPEN)
            probe.wait("^connected")
            probe.say(f"publish {round_ + 1} 1 0 0 t x")
            probe.wait(f"^published {round_ + 1} done")
            broker.wait("cmd/\\+ \\(QoS 1\\)")
            self.client("mosquitto_pub", "-t", "cmd/a", "-m", "again").child.wait(PATIENCE)
            probe.wait("^message cmd/a .*payload=again")
        probe.say("state")
        probe.wait("connected=1 losses=2 overruns=0 problem=-")
        self.stop(probe)

    def test_a_frozen_broker_leaves_publishes_undecided_then_lost(self):
        broker = self.broker(OPEN)
        probe = self.probe()
        probe.wait("^connected")
        os.kill(broker.child.pid, 19)  # SIGSTOP
        for cookie in range(1, 258):
            probe.say(f"publish {cookie} 1 0 0 t x")
        probe.wait("^publish 257 failed: ENOBUFS")
        broker.child.kill()
        probe.wait("^disconnected 1")
        lost = [int(line.split()[1]) for line in probe.lines if re.match("published .* lost", line)]
        self.assertEqual(sorted(lost), list(range(1, 257)))

    def test_what_never_got_to_the_broker_is_freed_with_its_link(self):
        for version in ((), ("v311=yes",)):
            with self.subTest(version=version):
                self.port = free_port()
                broker = self.broker(OPEN)
                # Paho keeps a list of what it holds, and says in its trace what is still there at the end
                probe = self.probe(*version, env={"MQTT_C_CLIENT_TRACE": "ON", "MQTT_C_CLIENT_TRACE_LEVEL": "ERROR"})
                probe.wait("^connected")
                os.kill(broker.child.pid, 19)
                for cookie in range(1, 257):  # four times what may be under way: the rest waits in Paho
                    probe.say(f"publish {cookie} 1 1 60 t/{cookie} {'x' * cookie}")
                probe.say("publish 257 1 0 0 t x")
                probe.wait("^publish 257 failed: ENOBUFS")
                broker.child.kill()
                probe.wait("^disconnected 1")
                self.stop(probe)
                self.assertEqual([line for line in probe.lines if "not freed" in line], [])

    def test_stop_is_quick_though_the_broker_is_frozen(self):
        def frozen():
            self.port = free_port()
            broker = self.broker(OPEN)
            probe = self.probe()
            probe.wait("^connected")
            os.kill(broker.child.pid, 19)
            probe.say("publish 1 1 0 0 t x")
            return probe

        probe = self.check_quick(frozen, "stop")
        probe.wait("^published 1 lost")
        probe.wait("^stopped")


class Refusals(Case):
    def passwords(self):
        self.folder.chmod(0o755)
        file = self.folder / "passwords"
        subprocess.run(["mosquitto_passwd", "-b", "-c", file, "anna", "right"], check=True)
        return file

    def test_login(self):
        self.broker("allow_anonymous false", f"password_file {self.passwords()}")
        for version in ((), ("v311=yes",)):
            with self.subTest(version=version):
                probe = self.probe("user=anna", "password=wrong", *version)
                probe.wait("^disconnected 0 .*refuses the login of user 'anna'")
                self.assertNotIn("wrong", "\n".join(probe.lines))
                probe = self.probe(*version)
                probe.wait("^disconnected 0 .*without a login: set Username=")
                probe = self.probe("user=anna", "password=right", *version)
                probe.wait("^connected")
                self.stop(probe)

    def test_publish_that_access_rules_forbid(self):
        rules = self.folder / "acl"
        rules.write_text("topic readwrite allowed/#\n")
        self.broker(OPEN, f"acl_file {rules}")
        probe = self.probe()
        probe.wait("^connected")
        probe.say("publish 1 1 0 0 forbidden x")
        probe.wait("^published 1 refused 0x87")
        probe.say("publish 2 1 0 0 allowed/a x")
        probe.wait("^published 2 done")
        self.stop(probe)

    def old_broker(self, answer):
        """Answers every CONNECT with these bytes and hangs up once the client has said something."""
        server = socket.create_server(("127.0.0.1", self.port))
        self.addCleanup(server.close)
        # wakes who waits in accept(), or the server of a later test, of the same number, is theirs to answer for
        self.addCleanup(server.shutdown, socket.SHUT_RDWR)

        def serve():
            while True:
                try:
                    link, _ = server.accept()
                except OSError:
                    return
                with link:
                    link.recv(1024)
                    link.sendall(answer)
                    if answer[:4] == b"\x20\x03\x00\x00":
                        link.recv(1024)
                        # closed with something unread, the client's side would forget what it has not read either
                        link.shutdown(socket.SHUT_WR)
                        while link.recv(1024):
                            pass

        threading.Thread(target=serve, daemon=True).start()

    def test_old_broker_that_names_the_version(self):
        self.old_broker(b"\x20\x02\x00\x01")
        self.probe().wait(r"^disconnected 0 .*does not speak MQTT 5: set Version=3\.1\.1")

    def test_broker_that_names_the_version_the_new_way(self):
        self.old_broker(b"\x20\x03\x00\x84\x00")
        self.probe().wait(r"^disconnected 0 .*does not speak MQTT 5: set Version=3\.1\.1")

    def test_old_broker_that_hangs_up_without_a_word(self):
        self.old_broker(b"")
        self.probe().wait(r"^disconnected 0 .*Version=3\.1\.1")

    def test_our_identifier_taken_over_by_another(self):
        connack, disconnect = b"\x20\x03\x00\x00\x00", b"\xe0\x02\x8e\x00"
        self.old_broker(connack + disconnect)
        probe = self.probe("sub=x")
        for _ in range(2):
            probe.wait("^disconnected 1 .*another client with our identifier")
        probe.wait("^disconnected 1 .*another gateway has our machine id")

    def test_something_else_listens_on_the_port(self):
        self.old_broker(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        self.probe().wait("^disconnected 0 broker .*: no link")

    def test_uri_that_is_none(self):
        for uri in ("http://host", "mqtt://", "mqtt://host:0", "mqtt://host:65536", "mqtt://host:1x", "mqtt://[::1", "host",
                    "mqtt://host/path", "mqtt://" + "h" * 300):
            with self.subTest(uri=uri):
                self.probe(uri=uri).wait("^new failed: EINVAL")

    def said(self, probe, pattern):
        """Whether it has come to say so; a moment is left to it, for this is asked again and again."""
        try:
            return probe.wait(pattern, 0.1)
        except AssertionError:
            return None

    def check_twins(self, *options):
        self.broker(OPEN)
        probes = [self.probe(*options) for _ in range(2)]  # both with one client identifier
        off = []
        until("one of them to stay off", lambda: off.extend(
            p for p in probes if self.said(p, "^disconnected 1 .*machine id.*ff for 15 min.* Name=")) or off)
        on = probes[1 - probes.index(off[0])]
        off[0].say("state")
        off[0].wait("^state connected=0 .*systemd-machine-id-setup")
        # and so the other one is left in peace
        until("the other one to be connected", lambda: on.say("state") or self.said(on, "^state connected=1 "))
        on.say("publish 1 1 0 0 t x")
        on.wait("^published 1 done")
        self.stop(on)

    def test_two_gateways_with_one_identity(self):
        self.check_twins()

    def test_two_gateways_with_one_identity_on_311(self):
        self.check_twins("v311=yes")


class Tls(Case):
    def certificate(self, host):
        """A CA, and a certificate of it for `host`."""
        def openssl(*argv):
            subprocess.run(["openssl", *argv], check=True, cwd=self.folder, capture_output=True)
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.crt", "-days", "2",
                "-subj", "/CN=test CA")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "host.key", "-out", "host.csr", "-subj", f"/CN={host}")
        (self.folder / "ext").write_text(f"subjectAltName=DNS:{host}\n")
        openssl("x509", "-req", "-in", "host.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
                "-out", "host.crt", "-days", "2", "-extfile", "ext")
        self.folder.chmod(0o755)

    def tls_broker(self, host, *lines):
        self.certificate(host)
        return self.broker(OPEN, f"certfile {self.folder}/host.crt", f"keyfile {self.folder}/host.key", *lines)

    def tls_probe(self, *options):
        return self.probe(*options, uri=f"mqtts://localhost:{self.port}")

    def test_right_name_and_known_ca(self):
        self.tls_broker("localhost")
        probe = self.tls_probe(f"ca={self.folder}/ca.crt")
        probe.wait("^connected")
        probe.say("publish 1 1 0 0 t x")
        probe.wait("^published 1 done")
        self.stop(probe)

    def test_newest_and_oldest_version_of_tls(self):
        for version in ("tlsv1.3", "tlsv1.2"):
            with self.subTest(version=version):
                self.port = free_port()
                self.tls_broker("localhost", f"tls_version {version}")
                self.tls_probe(f"ca={self.folder}/ca.crt").wait("^connected")

    def test_certificate_for_another_name_is_refused(self):
        self.tls_broker("other.example")
        probe = self.tls_probe(f"ca={self.folder}/ca.crt")
        probe.wait("^disconnected 0 .*broker localhost:.* its certificate is made out to another name")

    def test_ca_that_the_system_does_not_know_is_refused(self):
        self.tls_broker("localhost")
        probe = self.tls_probe()
        probe.wait("^disconnected 0 .*not signed by a CA this system knows: set CaFile=")

    def test_ca_file_that_is_not_there(self):
        self.tls_broker("localhost")
        probe = self.tls_probe("ca=/nonexistent/ca.crt")
        probe.wait("^disconnected 0 .*CaFile=/nonexistent/ca.crt can't be read: No such file")

    def test_plain_client_at_a_tls_port(self):
        self.tls_broker("localhost")
        self.probe().wait("^disconnected 0 .*does it want mqtts://")


class Commands(Case):
    def test_request_with_response_topic_and_correlation_data(self):
        broker = self.broker(OPEN)
        probe = self.probe("sub=gw/request/+")
        probe.wait("^connected")
        broker.wait("gw/request/\\+ \\(QoS 1\\)")
        asker = self.client("mosquitto_rr", "-q", "1", "-t", "gw/request/status", "-e", "asker/answer", "-m", "{}",
                            "-D", "publish", "correlation-data", "number-7")
        probe.wait("^message gw/request/status retained=0 .*response=asker/answer correlation=number-7 payload={}")
        probe.wait("^answer 0")
        asker.wait("answered")

    def test_retained_request_is_told_as_such(self):
        self.broker(OPEN)
        self.client("mosquitto_pub", "-r", "-t", "gw/request/scan", "-m", "old").child.wait(PATIENCE)
        probe = self.probe("sub=gw/request/+")
        probe.wait("^message gw/request/scan retained=1 too_long=0 length=3")

    def test_retained_request_sent_while_we_listen_is_told_as_such_by_mqtt_5(self):
        broker = self.broker(OPEN)
        for version, option, retained in ((), "orders", 1), ((), "sub", 0), (("v311=yes",), "orders", 0):
            with self.subTest(version=version, option=option):
                probe = self.probe(option + "=gw/request/+", *version)
                broker.wait("gw/request/\\+ \\(QoS 1\\)")
                self.client("mosquitto_pub", "-r", "-t", "gw/request/scan", "-m", "new").child.wait(PATIENCE)
                probe.wait("^message gw/request/scan retained=%d too_long=0 length=3" % retained)
                self.client("mosquitto_pub", "-r", "-n", "-t", "gw/request/scan").child.wait(PATIENCE)
                self.stop(probe)

    def test_payload_over_the_limit_is_told_without_its_bytes(self):
        broker = self.broker(OPEN)
        probe = self.probe("sub=gw/request/+")
        probe.wait("^connected")
        broker.wait("gw/request/\\+ \\(QoS 1\\)")
        file = self.folder / "big"
        for length, too_long in ((16384, 0), (16385, 1), (300000, 1)):
            file.write_bytes(b"x" * length)
            self.client("mosquitto_pub", "-q", "1", "-t", "gw/request/a", "-f", file).child.wait(PATIENCE)
            match = probe.wait(f"^message gw/request/a retained=0 too_long={too_long} length={length} .*payload=(.*)")
            self.assertEqual(len(match.group(1)), 0 if too_long else length)

    def test_own_messages_do_not_come_back_when_asked_so(self):
        broker = self.broker(OPEN)
        probe = self.probe()
        probe.wait("^connected")
        probe.say("subscribe own/#")
        broker.wait("own/# \\(QoS 1\\)")
        probe.say("publish 1 1 0 0 own/a mine")
        probe.wait("^published 1 done")
        self.client("mosquitto_pub", "-t", "own/a", "-m", "theirs").child.wait(PATIENCE)
        probe.wait("^message own/a .*payload=theirs")
        self.assertNotIn("payload=mine", "\n".join(probe.lines))

    def test_what_comes_in_faster_than_it_is_read_is_dropped_and_counted(self):
        broker = self.broker(OPEN, "max_queued_messages 0")
        probe = self.probe("sub=gw/request/+")
        probe.wait("^connected")
        broker.wait("gw/request/\\+ \\(QoS 1\\)")
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        probe.say(f"hold {fifo}")
        with open(fifo, "wb", buffering=0) as gate:  # opens when the probe reads: it is held from here on
            self.client("mosquitto_pub", "-q", "1", "-t", "gw/request/a", "-m", "x", "--repeat", "301")
            for _ in range(301):  # Paho says so, and then hands it on: the last may still be on its way
                broker.wait("Received PUBACK from strided-test")
            gate.write(b"g")
        for _ in range(256):
            probe.wait("^message gw/request/a ")
        probe.say("state")
        probe.wait("^state connected=1 losses=0 overruns=4[45] ")
        self.client("mosquitto_pub", "-q", "1", "-t", "gw/request/b", "-m", "x")
        probe.wait("^message gw/request/b ")


class Tree(Case):
    """The registry of retained topics on top of the link."""

    def retained(self, broker):
        """All that the broker keeps below strided/, read by a client of its own."""
        reader = self.client("mosquitto_sub", "-q", "1", "-F", "%r %t %p", "-t", "strided/#")
        broker.wait(r"strided/# \(QoS 1\)")  # what it keeps is on its way before anything that comes now
        for _ in range(10):  # on a busy machine the first one went unheard once
            self.client("mosquitto_pub", "-q", "1", "-t", "strided/marker", "-m", "end").child.wait(PATIENCE)
            try:
                reader.wait("^0 strided/marker end", PATIENCE / 10)
                break
            except AssertionError:
                pass
        lines = [line.split(" ", 2) for line in reader.lines if line.startswith("1 ")]
        return {topic: payload for _, topic, payload in lines}

    def leave(self, topic, payload):
        self.client("mosquitto_pub", "-r", "-q", "1", "-t", topic, "-m", payload).child.wait(PATIENCE)

    def test_everything_is_there_after_a_restart_that_lost_it(self):
        broker = self.broker(OPEN)
        probe = self.probe("tree=hall", "will=strided/hall/status")
        wanted = {"strided/hall/status": "online"}
        probe.say("status online")
        for i in range(256):
            wanted[f"strided/hall/sensor/s{i}"] = f"{{{i}}}"
            probe.say(f"sensor s{i} {{{i}}}")
        probe.wait("^connected")
        probe.wait("^settled")
        self.assertEqual(self.retained(broker), wanted)
        broker.end()  # it keeps nothing on disk
        probe.wait("^disconnected 1")
        probe.say("sensor s7 changed")
        wanted["strided/hall/sensor/s7"] = "changed"
        broker = self.broker(OPEN)
        probe.wait("^connected")
        probe.wait("^settled")
        self.assertEqual(self.retained(broker), wanted)
        self.stop(probe)

    def test_what_an_earlier_configuration_left_is_cleared(self):
        broker = self.broker(OPEN)
        self.leave("strided/hall/sensor/gone", "{}")
        self.leave("strided/hall/runner/gone/alert/week", "{}")
        self.leave("strided/barn/sensor/theirs", "{}")
        probe = self.probe("tree=hall")
        probe.say("sensor pod {1}")
        wanted = {"strided/barn/sensor/theirs": "{}", "strided/hall/sensor/pod": "{1}"}
        until("the leftovers to go", lambda: self.retained(broker) == wanted)
        self.stop(probe)


class Stalls(Case):
    LIMIT_USEC = 50000

    def check_stall(self, probe):
        """The thing that could hold up the loop goes on all the while: one calm window proves that it does
        not, and a machine busy with other things can't spoil all of them."""
        stalls = []
        for _ in range(10):
            for _ in range(50):
                probe.say("publish 1 1 0 0 t x")
                probe.wait("^publish 1 failed: ENOTCONN")
            probe.say("stall")
            stalls.append(int(probe.wait(r"^stall (\d+)").group(1)))
            if stalls[-1] < self.LIMIT_USEC:
                return
        self.fail(f"loop held up: {stalls} us")

    def hanging(self, at):
        fifo = self.folder / "fifo"
        fifo.unlink(missing_ok=True)
        os.mkfifo(fifo)
        probe = self.probe(uri=f"mqtt://localhost:{self.port}", env={"PROBE_HANG_AT": str(at), "PROBE_HANG_FIFO": str(fifo)})
        probe.wait("^lookup hangs")
        return probe, fifo

    def test_hanging_name_lookup_does_not_hold_up_the_loop(self):
        self.broker(OPEN)
        for at in (1, 2):  # ours, and Paho's own, under its global lock
            with self.subTest(lookup=at):
                probe, fifo = self.hanging(at)
                self.check_stall(probe)
                with open(os.open(fifo, os.O_RDWR), "wb") as end:
                    end.write(b"g")
                    end.flush()
                    probe.wait("^connected")
                self.stop(probe)

    def test_stop_within_two_seconds_while_the_lookup_hangs(self):
        for at in (1, 2):
            with self.subTest(lookup=at):
                self.check_quick(lambda n=at: self.hanging(n)[0], "stop").wait("^stopped")

    def test_quit_without_stop_while_the_lookup_hangs(self):
        self.check_quick(lambda: self.hanging(2)[0], "quit")

    def test_unresolvable_name(self):
        probe = self.probe(uri="mqtt://broker.invalid:1883")
        probe.wait("^disconnected 0 broker broker.invalid:1883: its name could not be looked up")
        self.check_stall(probe)

    def test_broker_that_accepts_and_says_nothing(self):
        with socket.create_server(("127.0.0.1", self.port)) as server:
            probe = self.probe()
            link, _ = server.accept()
            self.check_stall(probe)
            probe.wait("^disconnected 0 .*no link")  # Paho's time-out
            link.close()


if __name__ == "__main__":
    if not shutil.which("mosquitto_sub"):
        print("skipped: no mosquitto clients here")
        sys.exit(77)
    PROBE = sys.argv.pop(1)
    unittest.main(verbosity=2)
