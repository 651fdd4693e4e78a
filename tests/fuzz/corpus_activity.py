# SPDX-License-Identifier: MIT
"""Activity files for the fuzz targets; each behind a byte that says in what pieces it is read."""
import gzip
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "activity"))
from make_fit import VARIANTS  # noqa: E402

POINT = ('<trkpt lat="%.5f" lon="8.1"><ele>%d</ele><time>2020-01-01T10:%02d:%02dZ</time>'
         '<extensions><n:TrackPointExtension><n:hr>%d</n:hr><n:cad>81</n:cad>'
         '</n:TrackPointExtension></extensions></trkpt>')
TRACKPOINT = ('<Trackpoint><Time>2020-01-01T10:%02d:%02d.5Z</Time><Position><LatitudeDegrees>%.5f'
              '</LatitudeDegrees><LongitudeDegrees>8</LongitudeDegrees></Position><DistanceMeters>'
              '%d</DistanceMeters><HeartRateBpm><Value>%d</Value></HeartRateBpm><Extensions><TPX>'
              '<RunCadence>82</RunCadence></TPX></Extensions></Trackpoint>')


def gpx_texts():
    def segment(minute):
        return '<trkseg>%s</trkseg>' % ''.join(
            POINT % (50 + s / 1e4, 100 + s, minute, s, 120 + s) for s in range(0, 20, 5))
    track = '<trk><name>&lt;a&#x41;</name><type>running</type>%s%s</trk>' % (segment(0), segment(5))
    whole = '<?xml version="1.0"?><gpx version="1.1" creator="x">%s</gpx>'
    yield whole % track
    yield whole % (track * 3)
    yield whole % track.replace('10:', '12:').replace('running', '9')
    yield whole % track.replace('lat="50', 'lat="150')
    yield whole % track.replace('2020-01-01', '2106-12-31')
    yield whole % '<wpt lat="1" lon="2"/><rte><rtept/></rte><trk/><trk><trkseg/></trk>'
    yield '\n ' + whole % track
    yield '<gpx><trk><![CDATA[</trk>]]><!-- x --><?y z?><trkseg><trkpt></trkpt></trkseg></trk></gpx>'
    yield '<!DOCTYPE gpx [<!ENTITY a "b"><!ENTITY c SYSTEM "file:///x">]><gpx>&a;&c;</gpx>'


def tcx_texts():
    track = '<Track>%s</Track>' % ''.join(
        TRACKPOINT % (s // 60, s % 60, 50 + s / 1e4, 3 * s, 130 + s % 20) for s in range(0, 200, 40))
    lap = ('<Lap StartTime="2020-01-01T10:00:00Z"><TotalTimeSeconds>200</TotalTimeSeconds>'
           '<DistanceMeters>600</DistanceMeters><AverageHeartRateBpm><Value>140</Value>'
           '</AverageHeartRateBpm><Cadence>82</Cadence>%s<Extensions><LX><Steps>500</Steps></LX>'
           '</Extensions></Lap>' % track)
    activity = ('<Activity Sport="Running"><Id>x</Id>%s<Creator><Name>w</Name></Creator></Activity>'
                % lap)
    whole = '<TrainingCenterDatabase>%s</TrainingCenterDatabase>'
    yield whole % ('<Activities>%s</Activities>' % activity)
    yield whole % ('<Activities>%s%s</Activities>' % (activity, activity.replace(track, 2 * track)))
    yield whole % ('<Activities><MultiSportSession><FirstSport>%s</FirstSport><NextSport>'
                   '<Transition>%s</Transition>%s</NextSport></MultiSportSession></Activities>'
                   % (activity, track, activity))
    yield whole % ('<Courses><Course>%s</Course></Courses><Workouts><Workout/></Workouts>' % track)
    yield whole % '<Activities><Activity><Lap><Track><Trackpoint/></Track></Lap></Activity>'


def pieces(files):
    for file in files:
        for piece in (0, 6, 255):
            yield bytes([piece]) + file


def activity_fit(rng):
    yield from pieces(make() for make in VARIANTS.values())


def activity_xml(rng):
    texts = list(gpx_texts()) + list(tcx_texts())
    yield from pieces(t.encode() for t in texts)
    yield from pieces(t.encode("utf-16") for t in texts[:2])
    yield from pieces(t.encode("utf-16-be") for t in texts[:2])
    yield from pieces(t.encode("latin-1") for t in ["<gpx creator='\xe9'/>"])
    yield from pieces([b"<a>" * 100, b"<gpx x='" + b"y" * 300000 + b"'/>"])


def activity_gzip(rng):
    files = [VARIANTS["simple"](), VARIANTS["chained_settings"]()] + [
        t.encode() for t in gpx_texts()] + [b"", b"<gpx/>", b"x" * 11]
    yield from pieces(files)
    packed = [gzip.compress(file, mtime=0) for file in files]
    yield from pieces(packed)
    yield from pieces([packed[2] + packed[3], packed[0] + bytes(100), packed[0] + b"x",
                       gzip.compress(packed[0], mtime=0)])
    yield from pieces([gzip.compress(b"<gpx>" + b" " * (3 << 20) + b"</gpx>", mtime=0)])
    yield from pieces([b"PK\3\4abcdefghijkl", b"7z\xbc\xafabcdefgh", b"\x1f\x8b"])


def file(rng):
    """The same, behind a byte that says what is known of the runner."""
    files = [make() for make in VARIANTS.values()] + [t.encode() for t in gpx_texts()]
    files += [t.encode() for t in tcx_texts()] + [gzip.compress(files[0], mtime=0)]
    for number, data in enumerate(files):
        yield bytes([number % 8]) + data
        yield bytes([7 - number % 8]) + data
