/* SPDX-License-Identifier: MIT */
/*
 * Rendered payloads to hold against the schemas: each kind with everything known ("full", which
 * mutate.py then breaks in every way) and with nothing known that need not be ("bare").
 * One line each: kind, label, JSON. Ends with 1 if a value of these was refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/render.h"

#define AT_USEC 1772349300123456 /* 2026-03-01T07:15:00.123456Z */

static void show(enum contract_kind kind, const char *label, char *text)
{
    printf("%s %s %s\n", contract_kind_name(kind), label, text ? text : "(nothing)");
    free(text);
}

static void set_source(struct payload_source *source)
{
    *source = (struct payload_source){ "belt", "pod", "strap" };
}

static void show_live(void)
{
    struct payload_live live;
    size_t n;
    const struct contract_row *rows = contract_rows(CONTRACT_LIVE, &n);

    payload_live_init(&live);
    show(CONTRACT_LIVE, "bare", render_payload(CONTRACT_LIVE, &live));
    live.t_usec = AT_USEC;
    live.clock = CLOCK_SYNCED;
    live.state = SESSION_RUNNING;
    strcpy(live.session, "20260301T071000Z-anna");
    set_source(&live.source);
    strcpy(live.hills.source, "configured");
    for (size_t i = 0; i < n; i++) /* every number in the middle of what is possible */
        if (rows[i].type == CONTRACT_NUMBER)
            *(double *)(void *)((char *)&live + rows[i].offset) = (rows[i].min + rows[i].max) / 2;
    show(CONTRACT_LIVE, "full", render_payload(CONTRACT_LIVE, &live));
    for (size_t i = 0; i < n; i++)
        if (rows[i].type == CONTRACT_NUMBER)
            *(double *)(void *)((char *)&live + rows[i].offset) = rows[i].min;
    show(CONTRACT_LIVE, "lowest", render_payload(CONTRACT_LIVE, &live));
    for (size_t i = 0; i < n; i++)
        if (rows[i].type == CONTRACT_NUMBER)
            *(double *)(void *)((char *)&live + rows[i].offset) = rows[i].max;
    show(CONTRACT_LIVE, "highest", render_payload(CONTRACT_LIVE, &live));
}

static void show_session(void)
{
    struct payload_session session;

    payload_session_init(&session);
    session.kind = SESSION_HEART_RATE;
    session.state = SESSION_RUNNING;
    strcpy(session.id, "1");
    show(CONTRACT_SESSION, "bare", render_payload(CONTRACT_SESSION, &session));
    session = (struct payload_session){ .id = "20260301T071000Z-anna",
                                        .runner = "anna",
                                        .kind = SESSION_RUN,
                                        .state = SESSION_ENDED,
                                        .day = "2026-03-01",
                                        .start_usec = AT_USEC,
                                        .end_usec = AT_USEC + 1800000000,
                                        .elapsed_s = 1800.04,
                                        .moving_s = 1754.9,
                                        .distance_m = 5012.34,
                                        .steps = 4903,
                                        .cadence_mean_spm = 167.62,
                                        .cadence_max_spm = 182,
                                        .heart_rate_mean_bpm = 148.26,
                                        .heart_rate_max_bpm = 171,
                                        .zone_s = { 10, 200.55, 900, 600, 40.1 },
                                        .trimp = 58.21,
                                        .edwards = 91,
                                        .hills.ascent_m = 30,
                                        .hills.drop_m = 28.5,
                                        .hills.downhill_m = 402.1,
                                        .hills.downhill_s = 131.5,
                                        .hills.downhill_steps = 371,
                                        .hills.steep_pct = 22,
                                        .hills.pace_s_per_km = 347,
                                        .hills.knee_load_steps = 5120,
                                        .hills.coverage_pct = 97.5,
                                        .gaps_s = 12 };
    set_source(&session.source);
    strcpy(session.hills.source, "configured");
    show(CONTRACT_SESSION, "full", render_payload(CONTRACT_SESSION, &session));
}

static void set_measure(struct payload_measure *measure)
{
    *measure = (struct payload_measure){ .total = 24018.4,
                                         .reference = 22000,
                                         .limit = 24200,
                                         .left_today = 181.6,
                                         .frees_tomorrow = 5000,
                                         .ratio = 1.0917,
                                         .verdict = VERDICT_OK,
                                         .evidence = "C",
                                         .coverage_pct = 96.2,
                                         .calendar_week = "2026-02-23",
                                         .calendar_total = 24018.4 };
}

static void show_week(void)
{
    struct payload_week week;

    payload_week_init(&week);
    week.t_usec = AT_USEC;
    strcpy(week.day, "2026-03-01");
    strcpy(week.notify_at, "caution");
    show(CONTRACT_WEEK, "bare", render_payload(CONTRACT_WEEK, &week));
    strcpy(week.time_zone, "Europe/Berlin");
    set_measure(&week.measures.distance_m);
    set_measure(&week.measures.moving_s);
    set_measure(&week.measures.downhill_drop_m);
    set_measure(&week.measures.downhill_distance_m);
    week.walked.distance_m = 12040;
    week.walked.moving_s = 9720;
    week.walked.downhill_drop_m = 310;
    week.walked.downhill_distance_m = 3875;
    show(CONTRACT_WEEK, "full", render_payload(CONTRACT_WEEK, &week));
}

static void show_note(void)
{
    struct payload_note note;

    payload_note_init(&note);
    show(CONTRACT_NOTE, "bare", render_payload(CONTRACT_NOTE, &note));
    strcpy(note.session, "20260301T061200Z-0");
    strcpy(note.day, "2026-03-01");
    note.note = (struct note){ .effort = 7.5, .surface = "trail", .shoes = "the blue ones" };
    show(CONTRACT_NOTE, "full", render_payload(CONTRACT_NOTE, &note));
}

static void show_alert(void)
{
    struct payload_notice notice = { .news = "crossed" };

    payload_alert_init(&notice.alert);
    notice.alert.rule = RULE_SPIKE_DISTANCE;
    notice.alert.verdict = VERDICT_NO_BASELINE;
    show(CONTRACT_ALERT, "bare", render_payload(CONTRACT_ALERT, &notice.alert));
    show(CONTRACT_NOTICE, "bare", render_payload(CONTRACT_NOTICE, &notice));
    notice.alert = (struct payload_alert){ .rule = RULE_WEEKLY_DOWNHILL,
                                           .verdict = VERDICT_WARNING,
                                           .since_usec = AT_USEC,
                                           .value = 310,
                                           .reference = 210,
                                           .limit = 260,
                                           .left_today = 0,
                                           .ratio = 1.476,
                                           .coverage_pct = 100,
                                           .unit = "m",
                                           .evidence = "D",
                                           .sentence = "Descent in the last 7 days: 310 m.",
                                           .explain = "Metres of height lost." };
    show(CONTRACT_ALERT, "full", render_payload(CONTRACT_ALERT, &notice.alert));
    show(CONTRACT_NOTICE, "full", render_payload(CONTRACT_NOTICE, &notice));
}

static void show_sensor(void)
{
    struct payload_sensor sensor;

    payload_sensor_init(&sensor);
    strcpy(sensor.name, "pod");
    show(CONTRACT_SENSOR, "bare", render_payload(CONTRACT_SENSOR, &sensor));
    sensor = (struct payload_sensor){ .name = "pod",
                                      .kind = "pod",
                                      .runner = "anna",
                                      .address = "C0:DE:00:00:00:01",
                                      .state = SENSOR_STREAMING,
                                      .reason = "packets come",
                                      .battery_pct = 81,
                                      .manufacturer = "M\xFFker \"x\"\n", /* as devices are */
                                      .model = "Größe\\2",
                                      .firmware = "2.1",
                                      .cadence_unit = "strides",
                                      .drops = 2,
                                      .malformed = 1,
                                      .truncated = 3,
                                      .last_seen_usec = AT_USEC };
    show(CONTRACT_SENSOR, "full", render_payload(CONTRACT_SENSOR, &sensor));
}

static void show_health(void)
{
    static struct payload_health health;

    payload_health_init(&health);
    show(CONTRACT_HEALTH, "bare", render_payload(CONTRACT_HEALTH, &health));
    health.t_usec = AT_USEC;
    health.clock = CLOCK_RTC;
    health.events_waiting = 3;
    health.events_dropped = 0;
    health.rss_bytes = 9.5e6;
    health.anon_bytes = 1.5e6;
    health.broker_losses = 2;
    health.loop_stall_ms = 3.2;
    strcpy(health.adapter, "hci0 B8:27:EB:00:00:01 powered");
    strcpy(health.bluetoothd, "running");
    strcpy(health.signal[0].name, "pod");
    health.signal[0].dbm = -61;
    strcpy(health.signal[1].name, "strap");
    health.signal[1].dbm = -70.4;
    health.n_signal = 2;
    health.unknown[0] =
        (struct payload_unknown_device){ "C0:DE:00:00:00:09", "HRM", "heart_rate", -77 };
    health.unknown[1] = (struct payload_unknown_device){ "C0:DE:00:00:00:0A", "", "", NAN };
    health.n_unknown = 2;
    strcpy(health.problems[0], "The disk is full.");
    health.n_problems = 1;
    show(CONTRACT_HEALTH, "full", render_payload(CONTRACT_HEALTH, &health));
}

static void show_info(void)
{
    static struct payload_info info = { .version = "0.1.0",
                                        .machine = "0123456789abcdef0123456789abcdef" };

    show(CONTRACT_INFO, "bare", render_payload(CONTRACT_INFO, &info));
    strcpy(info.runners[0], "anna");
    strcpy(info.runners[1], "bert");
    info.n_runners = 2;
    strcpy(info.sensors[0], "pod");
    info.n_sensors = 1;
    show(CONTRACT_INFO, "full", render_payload(CONTRACT_INFO, &info));
}

static void show_import(void)
{
    struct payload_import import = { .file = "run.fit", .verdict = "refused" };

    memset(import.hash, 'a', sizeof(import.hash) - 1);
    show(CONTRACT_IMPORT, "bare", render_payload(CONTRACT_IMPORT, &import));
    strcpy(import.verdict, "partly");
    strcpy(import.reason, "Its checksum is wrong.");
    import.sessions[0] = (struct payload_import_session){ .id = "20260301T070000Z-aaaaaaaaaaaa-0",
                                                          .kind = SESSION_RUN,
                                                          .sport = "running",
                                                          .day = "2026-03-01",
                                                          .start_usec = AT_USEC,
                                                          .elapsed_s = 1800.5,
                                                          .moving_s = 1790,
                                                          .distance_m = 5012.3,
                                                          .instead = "20260301T070000Z-live" };
    import.changed[0] = (struct payload_import_change){ .id = "20260301T070000Z-live",
                                                        .counts = true,
                                                        .instead = "20260301T070000Z-b-0" };
    import.n_sessions = import.n_changed = 1;
    show(CONTRACT_IMPORT, "full", render_payload(CONTRACT_IMPORT, &import));
}

static void show_event(void)
{
    struct payload_event event = { .id = "e1", .kind = EVENT_COMMAND, .at_usec = AT_USEC };
    const char body[] = "{ \"session\": \"x\", \"distance_m\": 5012.3 }";

    event.body = "{}";
    show(CONTRACT_EVENT, "bare", render_event(&event));
    strcpy(event.runner, "anna");
    event.kind = EVENT_SESSION_END;
    event.body = body;
    show(CONTRACT_EVENT, "full", render_event(&event));
}

static void show_response(void)
{
    static const struct payload_error error = { "out_of_range", "percent", "too steep",
                                                "-45 to 45" };
    static const struct payload_error plain = { .code = "failed", .message = "It did not work." };
    json_t *data = json_pack("{s:s}", "runner", "anna");

    show(CONTRACT_RESPONSE, "bare", render_response(NULL, NULL, NULL));
    show(CONTRACT_RESPONSE, "full", render_response(data, NULL, "t-1"));
    show(CONTRACT_RESPONSE, "error", render_response(NULL, &error, "t-2"));
    show(CONTRACT_RESPONSE, "plain-error", render_response(NULL, &plain, NULL));
    json_decref(data);
}

int main(void)
{
    show_live();
    show_session();
    show_week();
    show_note();
    show_alert();
    show_sensor();
    show_health();
    show_info();
    show_import();
    show_event();
    show_response();
    if (render_refused())
        fprintf(stderr, "refused: %s\n", render_refused_key());
    return render_refused() ? 1 : 0;
}
