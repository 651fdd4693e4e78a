# SPDX-License-Identifier: MIT
"""The seeds of fuzz_conf and fuzz_tz. All of them are made here; nothing is copied from anywhere."""
import struct

FULL = """[Gateway]
Name=K\u00fcche
Adapter=hci0
Units=metric
[MQTT]
Uri=mqtts://[2001:db8::1]:8883
Username=u
PasswordFile=/etc/strided/password
CaFile=/etc/ca.pem
ClientCert=/etc/client.pem
ClientKey=/etc/client.key
Root=strided
Version=3.1.1
Commands=all
[HomeAssistant]
Discovery=no
Prefix=ha
[Import]
Folder=/srv/runs
After=move
[Rules]
NotifyAt=warning
RemindEvery=10d
Window=calendar
[Rule weekly_downhill]
Enable=yes
Notify=no
Caution=1.2
Warning=1.5
Floor=80
[Rule monotony]
Enable=yes
Caution=1.9
[Runner anna]
DisplayName=Anna
Sex=female
BirthYear=1981
MaxHeartRate=188
RestHeartRate=52
Mass=61.5
TimeZone=Europe/Berlin
WeekStart=Sunday
PublishHeartRate=no
LiveIncline=-8 %
FileAltitude=barometric
[Sensor pod]
Address=C0:DE:00:00:00:01
Runner=anna
CadenceUnit=strides
Factor=1.025
Connect=on-request
Grace=1min 30s
IdleTimeout=2h
"""

CONF = {
    "empty": b"",
    "full": FULL.encode(),
    "dos": FULL.replace("\n", "\r\n").encode(),
    "bom": b"\xef\xbb\xbf" + FULL.encode(),
    "reset": b"[MQTT]\nRoot=x\nRoot=\n[Runner a]\nMass=60\nMass=\n",
    "sensor": b"[ Sensor\tpod ] \nAddress = x\n[Sensor pod\nRunner=a\nAddress=C0:DE:00:00:00:02",
    "sensor-odd": b"\0[Sensor pod]\n\xff\n[Sensor pod]]\n[Sensor  pod]\nAddress=\n[Sensor pod]\x0b\n",
    "comments": b"# x\n; y\n\n   # z\n[Gateway]\n",
    "mistakes": b"x\n=\n[\n[]\n[Foo]\nA=b\n[Gateway]\nNmae=x\nUnits=\xff\nName=\0\n"
                b"[Runner A]\n",
    "rules": b"[Rule nothing]\nCaution=2\n[Rule monotony]\nWarning=3\n[Rule spike_distance]\n"
             b"Caution=1.1\nWarning=0.5\n[Rule weekly_time]\nCaution=2\nWarning=1.5\n"
             b"[Rules]\nNotifyAt=\nNotifyAt=ok\nRemindEvery=1s\nWindow=month\n",
    "references": b"[Sensor a]\nRunner=b\n[Runner b]\n[Runner c]\n[Sensor d]\nRunner=e\n",
    "same-address": b"[Sensor a]\nAddress=C0:DE:00:00:00:01\n"
                    b"[Sensor b]\nAddress=c0:de:00:00:00:01\n",
    "long-line": b"[Gateway]\nName=" + b"x" * 1100 + b"\nUnits=imperial\n",
    "many": b"".join(b"[Sensor s%d]\nAddress=C0:DE:00:00:%02X:%02X\n" % (i, i >> 8, i & 255)
                     for i in range(260)),
    "spans": b"[Sensor s]\nGrace=1.5min\nGrace=.\nGrace=1 2 3\n"
             b"Grace=999999999999999d\nIdleTimeout=1d\n",
}

RULES = {
    "utc": b"UTC0",
    "berlin": b"CET-1CEST,M3.5.0,M10.5.0/3",
    "angles": b"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
    "always": b"EST5EDT,0/0,J365/25",
    "negative": b"<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
}


def block(version, times, types, offsets, size):
    """One header and its data."""
    names = b"ABC\0"
    head = b"TZif" + version + bytes(15) + struct.pack(">6I", 0, 0, 0, len(times), len(offsets),
                                                       len(names))
    return (head + b"".join(struct.pack(">q" if size == 8 else ">i", t) for t in times)
            + bytes(types) + b"".join(struct.pack(">iBB", o, 0, 0) for o in offsets) + names)


def zones():
    plain = ([1000, 2000], [1, 0], [3600, 7200])
    yield "v1", block(b"\0", *plain, 4)
    for name, rule in RULES.items():
        yield "v2-" + name, block(b"2", *plain, 4) + block(b"2", *plain, 8) + b"\n" + rule + b"\n"
        yield "rule-" + name, rule
    yield "v2-bare", block(b"2", [], [], [0], 4) + block(b"2", [], [], [0], 8) + b"\n\n"
    yield "cut", block(b"2", *plain, 4)[:60]


def conf(rng):
    for text in CONF.values():
        yield b"\x80" + text


def tz(rng):
    for _, data in zones():
        yield data
