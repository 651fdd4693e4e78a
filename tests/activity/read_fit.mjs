// SPDX-License-Identifier: MIT
// What Garmin's own reader makes of FIT files: read_fit.mjs SDK FILE... prints a line of JSON each.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [sdk, ...files] = process.argv.slice(2);
const { Decoder, Stream } = await import(pathToFileURL(`${sdk}/src/index.js`));

for (const file of files) {
    const decoder = new Decoder(Stream.fromBuffer(readFileSync(file)));
    const whole = decoder.isFIT() && decoder.checkIntegrity();
    const { messages, errors } = decoder.read();
    console.log(JSON.stringify({
        whole,
        errors: errors.map(String),
        maker: messages.fileIdMesgs?.[0]?.manufacturer,
        kind: messages.fileIdMesgs?.[0]?.type,
        records: messages.recordMesgs?.length ?? 0,
        laps: messages.lapMesgs?.length ?? 0,
        timers: messages.eventMesgs?.map((e) => e.eventType) ?? [],
        hearts: (messages.recordMesgs ?? []).map((r) => r.heartRate ?? null),
        distances: (messages.recordMesgs ?? []).map((r) => r.distance ?? null),
        altitudes: (messages.recordMesgs ?? []).map((r) => r.enhancedAltitude ?? r.altitude ?? null),
        grades: (messages.recordMesgs ?? []).map((r) => r.grade ?? null),
        temperatures: (messages.recordMesgs ?? []).map((r) => r.temperature ?? null),
        times: (messages.recordMesgs ?? []).map((r) => Math.round(r.timestamp / 1000)),
        lap: messages.lapMesgs?.[0] && { ascent: messages.lapMesgs[0].totalAscent,
            descent: messages.lapMesgs[0].totalDescent },
        sessions: (messages.sessionMesgs ?? []).map((s) => ({
            sport: s.sport, place: s.subSport, start: s.startTime, elapsed: s.totalElapsedTime, timer: s.totalTimerTime,
            distance: s.totalDistance, heart: s.avgHeartRate, ascent: s.totalAscent,
            descent: s.totalDescent, cycles: s.totalCycles,
            cadence: s.avgCadence === undefined ? undefined :
                s.avgCadence + (s.avgFractionalCadence ?? 0),
        })),
        activity: messages.activityMesgs?.[0],
    }));
}
