# SPDX-License-Identifier: MIT
"""Outings as the files that watches, phones and web sites make of them: FIT and GPX, plain and packed.

One of them, the one in the middle, comes twice: a phone ran along and wrote a GPX of its own. It is
one outing all the same.
"""
import collections
import datetime
import gzip
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'activity'))
import make_fit     # noqa: E402

File = collections.namedtuple('File', 'name data outing')
DEVICE = (23, ((253, make_fit.UINT32), (0, make_fit.UINT8), (1, make_fit.UINT8), (25, make_fit.ENUM)))
BAROMETER, LOCAL = 4, 5     # a device of the watch itself
SEMICIRCLES = 2 ** 31 / 180
GPX_EVERY_S = 3
PHONE_LATE_S = 20           # it was started later, and by hand
GPX_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="{creator}" xmlns="http://www.topografix.com/GPX/1/1"
 xmlns:tp="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">
<trk><type>running</type><trkseg>
"""
GPX_POINT = '<trkpt lat="%.7f" lon="%.7f"><ele>%.1f</ele><time>%s</time>%s</trkpt>\n'
GPX_BODY = ('<extensions><tp:TrackPointExtension><tp:hr>%d</tp:hr><tp:cad>%d</tp:cad>'
            '</tp:TrackPointExtension></extensions>')
GPX_TAIL = '</trkseg></trk></gpx>\n'


def fit_time(at):
    return round(at.timestamp()) - make_fit.EPOCH


def fit(outing):
    begin, end, seconds = fit_time(outing.start), fit_time(outing.end), outing.seconds
    file = make_fit.Fit()
    file.message(make_fit.FILE_ID, 4, 255, 1, begin)
    file.message(DEVICE, begin, 0, BAROMETER, LOCAL)
    file.message(make_fit.EVENT, begin, 0, 0)
    file.define(1, make_fit.RECORD)
    heart = []
    for p in outing.points():
        heart.append(p.heart_rate_bpm)
        file.put(1, fit_time(p.at), round(p.latitude * SEMICIRCLES), round(p.longitude * SEMICIRCLES),
                 round((p.altitude_m + 500) * 5), p.heart_rate_bpm, p.cadence_spm // 2,
                 round(100 * p.distance_m), round(1000 * outing.speed_m_s))
    file.message(make_fit.EVENT, end, 0, 4)
    file.message(make_fit.LAP, end, begin, 1000 * seconds, 1000 * seconds, round(100 * outing.distance_m))
    file.message(make_fit.SESSION, end, begin, 1, 0, 1000 * seconds, 1000 * seconds,
                 round(100 * outing.distance_m), round(84 * seconds / 60), round(sum(heart) / len(heart)),
                 max(heart), 84, round(outing.drop_m), round(outing.drop_m))
    file.message(make_fit.ACTIVITY, end, 1000 * seconds, 1, 0, 26, 1)
    return file.bytes()


def gpx(outing, late_s=0):
    """late_s: of a phone, which came later and knows no heart."""
    lines = [GPX_HEAD.format(creator='Phone' if late_s else 'Watch')]
    for p in outing.points(GPX_EVERY_S):
        if p.at < outing.start + datetime.timedelta(seconds=late_s):
            continue
        body = '' if late_s else GPX_BODY % (p.heart_rate_bpm, p.cadence_spm // 2)
        lines.append(GPX_POINT % (p.latitude, p.longitude, p.altitude_m, p.at.strftime('%Y-%m-%dT%H:%M:%SZ'), body))
    return ''.join([*lines, GPX_TAIL]).encode()


def packed(data):
    return gzip.compress(data, mtime=0)


FORMS = (('fit', fit), ('gpx', gpx), ('fit.gz', lambda o: packed(fit(o))), ('gpx.gz', lambda o: packed(gpx(o))))


def files_of(outings):
    """A file of each outing, in all forms by turns; of the one in the middle a second one."""
    files = []
    for n, outing in enumerate(outings):
        ending, make = FORMS[(n + n // len(FORMS)) % len(FORMS)]    # a day's is not the same each week
        stamp = outing.start.strftime('%Y-%m-%d-%H%M')
        files.append(File('%s.%s' % (stamp, ending), make(outing), outing))
        if n == len(outings) // 2:
            files.append(File('phone-%s.gpx' % stamp, gpx(outing, PHONE_LATE_S), outing))
    return files
