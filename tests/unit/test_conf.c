/* SPDX-License-Identifier: MIT */
/* Files as people write them, and as they should not be written. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/conf.h"
#include "lib/conf_key.h"

#define ADDRESS_1 "Address=C0:DE:00:00:00:01\n"
#define ADDRESS_2 "Address=C0:DE:00:00:00:02\n"

static struct conf conf;
static struct conf_origins origins;
static struct conf_problems problems;

static void begin(void)
{
    conf_init(&conf);
    memset(&origins, 0, sizeof(origins));
    memset(&problems, 0, sizeof(problems));
}

static void add(const char *file, const char *text)
{
    conf_parse(&conf, &origins, file, text, strlen(text), &problems);
}

static void load(const char *text)
{
    begin();
    add("strided.conf", text);
    conf_finish(&conf, &origins, "hall", &problems);
}

static void test_nothing_written_is_all_defaults(void **state)
{
    load("");
    assert_int_equal(problems.n, 0);
    assert_string_equal(conf.gateway_name, "hall");
    assert_string_equal(conf.gateway, "hall");
    assert_string_equal(conf.mqtt_root, "strided");
    assert_string_equal(conf.mqtt_uri, "");
    assert_int_equal(conf.mqtt_version, CONF_MQTT_5);
    assert_int_equal(conf.mqtt_commands, CONF_COMMANDS_SAFE);
    assert_true(conf.ha_discovery);
    assert_string_equal(conf.ha_prefix, "homeassistant");
    assert_string_equal(conf.import_folder, "");
    assert_int_equal(conf.import_after, CONF_AFTER_KEEP);
    assert_int_equal(conf.n_runners, 0);
    assert_int_equal(conf.n_sensors, 0);
}

static void test_every_key_at_once(void **state)
{
    load("# a comment\n; another\n\n"
         "[Gateway]\nName=Küche (links)\nAdapter=aa:bb:cc:dd:ee:0f\nUnits=imperial\n"
         "[MQTT]\nUri=mqtts://broker.example:8884\nUsername=strided\nPasswordFile=/etc/x\n"
         "CaFile=/etc/ca.pem\nClientCert=/etc/c.pem\nClientKey=/etc/"
         "k.pem\nRoot=club\nVersion=3.1.1\nCommands=all\n"
         "[HomeAssistant]\nDiscovery=off\nPrefix=ha\n"
         "[Import]\nFolder=/srv/runs\nAfter=move\n"
         "[Rules]\nNotifyAt=warning\nRemindEvery=10d\nWindow=calendar\n"
         "[Rule weekly_downhill]\nEnable=no\nNotify=no\nCaution=1.2\nWarning=1.5\nFloor=80\n"
         "[Runner anna]\nDisplayName=Anna Ä.\nSex=female\nBirthYear=1981\nMaxHeartRate=188\n"
         "RestHeartRate=52\nMass=61.5\nTimeZone=Europe/Berlin\nWeekStart=Sunday\n"
         "PublishHeartRate=no\nLiveIncline=-8\nFileAltitude=barometric\n"
         "[Sensor pod]\nAddress=c0:de:00:00:00:01\nRunner=anna\nCadenceUnit=strides\nFactor=1.025\n"
         "Connect=on-request\nGrace=1min 30s\nIdleTimeout=600\n");
    assert_int_equal(problems.n, 0);
    assert_string_equal(conf.gateway, "kuche-links");
    assert_string_equal(conf.adapter, "AA:BB:CC:DD:EE:0F");
    assert_int_equal(conf.units, CONF_UNITS_IMPERIAL);
    assert_string_equal(conf.mqtt_uri, "mqtts://broker.example:8884");
    assert_string_equal(conf.mqtt_username, "strided");
    assert_string_equal(conf.mqtt_password_file, "/etc/x");
    assert_string_equal(conf.mqtt_ca_file, "/etc/ca.pem");
    assert_string_equal(conf.mqtt_client_cert, "/etc/c.pem");
    assert_string_equal(conf.mqtt_client_key, "/etc/k.pem");
    assert_string_equal(conf.mqtt_root, "club");
    assert_int_equal(conf.mqtt_version, CONF_MQTT_311);
    assert_int_equal(conf.mqtt_commands, CONF_COMMANDS_ALL);
    assert_false(conf.ha_discovery);
    assert_string_equal(conf.ha_prefix, "ha");
    assert_string_equal(conf.import_folder, "/srv/runs");
    assert_int_equal(conf.import_after, CONF_AFTER_MOVE);

    const struct rule_setting *descent = &conf.rules.rule[RULE_WEEKLY_DOWNHILL];
    assert_int_equal(conf.rules.notify_at, VERDICT_WARNING);
    assert_int_equal(conf.rules.remind_every_usec, 864000000000);
    assert_int_equal(conf.rules.window, WEEK_CALENDAR);
    assert_false(descent->enable);
    assert_false(descent->notify);
    assert_true(descent->caution == 1.2 && descent->warning == 1.5 && descent->floor == 80);
    assert_true(conf.rules.rule[RULE_WEEKLY_TIME].enable); /* of another rule nothing was said */

    const struct conf_runner *anna = &conf.runners[0];
    assert_int_equal(conf.n_runners, 1);
    assert_string_equal(anna->id, "anna");
    assert_string_equal(anna->display_name, "Anna Ä.");
    assert_int_equal(anna->sex, CONF_SEX_FEMALE);
    assert_int_equal(anna->birth_year, 1981);
    assert_int_equal(anna->max_heart_rate_bpm, 188);
    assert_int_equal(anna->rest_heart_rate_bpm, 52);
    assert_true(anna->mass_kg == 61.5);
    assert_string_equal(anna->time_zone, "Europe/Berlin");
    assert_int_equal(anna->week_start, 0);
    assert_false(anna->publish_heart_rate);
    assert_true(anna->live_incline_pct == -8);
    assert_int_equal(anna->file_altitude, CONF_ALTITUDE_BAROMETRIC);

    const struct conf_sensor *pod = &conf.sensors[0];
    assert_int_equal(conf.n_sensors, 1);
    assert_string_equal(pod->name, "pod");
    assert_string_equal(pod->address, "C0:DE:00:00:00:01");
    assert_int_equal(pod->runner, 0);
    assert_true(pod->runner_given);
    assert_int_equal(pod->cadence_unit, CONF_CADENCE_STRIDES);
    assert_true(pod->factor == 1.025);
    assert_int_equal(pod->connect, CONF_CONNECT_ON_REQUEST);
    assert_int_equal(pod->grace_usec, 90000000);
    assert_int_equal(pod->idle_timeout_usec, 600000000);
}

static void test_defaults_of_a_new_runner_and_sensor(void **state)
{
    load("[Runner anna]\n[Sensor pod]\n" ADDRESS_1);
    assert_int_equal(problems.n, 0);
    assert_string_equal(conf.runners[0].display_name, "anna");
    assert_int_equal(conf.runners[0].week_start, 1);
    assert_int_equal(conf.runners[0].birth_year, 0);
    assert_true(isnan(conf.runners[0].mass_kg));
    assert_true(isnan(conf.runners[0].live_incline_pct));
    assert_true(conf.runners[0].publish_heart_rate);
    assert_int_equal(conf.sensors[0].connect, CONF_CONNECT_UNSET);
    assert_true(conf.sensors[0].factor == 1);
    assert_int_equal(conf.sensors[0].grace_usec, 45000000);
    assert_int_equal(conf.sensors[0].idle_timeout_usec, 0); /* as is usual for what it is */
}

/* ---- One mistake each: its line, and words that must stand in the sentence */

static void test_each_mistake_says_line_and_what_is_allowed(void **state)
{
    static const struct {
        const char *text;
        unsigned line;
        const char *words[3];
    } rows[] = {
        { "[Gatway]\nName=x\n", 1, { "[Gatway]", "[Gateway]", "[Sensor name]" } },
        { "[Gateway x]\n", 1, { "takes no name" } },
        { "[Gateway\n", 1, { "]" } },
        { "[]\n", 1, { "unknown section" } },
        { "[ ]\n", 1, { "unknown section" } },
        { "[\n", 1, { "]" } },
        { "Name=x\n", 1, { "Name=", "before the first section" } },
        { "[Gateway]\nhello\n", 2, { "hello", "Key=value" } },
        { "[Gateway]\n=x\n", 2, { "no word before =" } },
        { "[Gateway]\n = x\n", 2, { "no word before =" } },
        { "[Gateway]\nNmae=x\n", 2, { "Nmae=", "did you mean Name=?" } },
        { "[Gateway]\nname=x\n", 2, { "did you mean Name=?" } },
        { "[MQTT]\nPassword=hunter2\n", 2, { "Password=", "Uri, Username, PasswordFile" } },
        { "[Gateway]\nAdapter=usb0\n", 2, { "usb0", "hci0" } },
        { "[Gateway]\nAdapter=hci\n", 2, { "hci0" } },
        { "[Gateway]\nUnits=Metric\n", 2, { "Metric", "metric or imperial" } },
        { "[MQTT]\nUri=tcp://host\n", 2, { "mqtt://host" } },
        { "[MQTT]\nUri=mqtt://\n", 2, { "mqtt://host" } },
        { "[MQTT]\nUri=mqtt://host:0\n", 2, { ":port" } },
        { "[MQTT]\nUri=mqtt://host:65536\n", 2, { ":port" } },
        { "[MQTT]\nUri=mqtt://host:\n", 2, { ":port" } },
        { "[MQTT]\nUri=mqtt://host/path\n", 2, { "no path" } },
        { "[MQTT]\nUri=mqtt://[::1\n", 2, { "mqtt://host" } },
        { "[MQTT]\nUri=mqtt://user:hunter2@host\n", 2, { "no user" } },
        { "[MQTT]\nPasswordFile=password\nUsername=x\n", 2, { "absolute path" } },
        { "[MQTT]\nUsername=\nPasswordFile=/x\n", 3, { "without Username=" } },
        { "[MQTT]\nUri=mqtts://h\nClientCert=/x\n", 3, { "without ClientKey=" } },
        { "[MQTT]\nClientKey=/x\n", 2, { "without ClientCert=" } },
        { "[MQTT]\nClientCert=x\nClientKey=/x\n", 2, { "absolute path" } },
        { "[MQTT]\nRoot=a/b\n", 2, { "a/b", "a-z" } },
        { "[MQTT]\nRoot=#\n", 2, { "a-z" } },
        { "[MQTT]\nVersion=3.1\n", 2, { "5 or 3.1.1" } },
        { "[MQTT]\nCommands=some\n", 2, { "safe, all or none" } },
        { "[HomeAssistant]\nDiscovery=maybe\n", 2, { "yes or no" } },
        { "[Import]\nFolder=import\n", 2, { "import", "absolute path" } },
        { "[Import]\nAfter=throw\n", 2, { "throw", "keep, move or delete" } },
        { "[Import files]\n", 1, { "[Import]" } },
        { "[Rules]\nNotifyAt=ok\n", 2, { "caution or warning" } },
        { "[Rules]\nRemindEvery=23h\n", 2, { "1d to 366d", "such as 36h, 7d or 30d" } },
        { "[Rules]\nWindow=week\n", 2, { "rolling or calendar" } },
        { "[Rules x]\n", 1, { "takes no name" } },
        { "[Rule weekly]\nCaution=2\n",
          1,
          { "weekly", "weekly_distance, weekly_time", "monotony" } },
        { "[Rule]\n", 1, { "is no rule" } },
        { "[Rule monotony]\nWarning=3\n",
          2,
          { "Warning=", "monotony", "Enable, Notify, Caution" } },
        { "[Rule spike_distance]\nCaution=1.1\n", 2, { "Enable, Notify, Warning, Floor" } },
        { "[Rule weekly_time]\nFloor=36001\n", 2, { "0 to 36000" } },
        { "[Rule weekly_time]\nFlor=1\n", 2, { "did you mean Floor=?" } },
        { "[Rule weekly_time]\nCaution=0.9\n", 2, { "1 to 10" } },
        { "[Rule weekly_time]\nWarning=nan\n", 2, { "1 to 10" } },
        { "[Rule weekly_time]\nCaution=1.4\nWarning=1.3\n", 3, { "below", "weekly_time", "1.4" } },
        { "[Rule weekly_time]\nCaution=1.4\n", 1, { "Warning=1.3", "below", "1.4" } },
        { "[Runner Anna]\n", 1, { "Anna", "a-z" } },
        { "[Runner]\nMass=50\n", 1, { "a-z" } },
        { "[Runner a/b]\n", 1, { "a/b" } },
        { "[Runner a b]\n", 1, { "a b" } },
        { "[Runner auto]\n", 1, { "auto" } },
        { "[Runner abcdefghijabcdefghijabcdefghijab]\n", 1, { "31" } },
        { "[Runner a]\nBirthYear=1899\n", 2, { "1899", "1900 to" } },
        { "[Runner a]\nBirthYear=81.5\n", 2, { "whole number" } },
        { "[Runner a]\nMaxHeartRate=99\n", 2, { "100 to 240" } },
        { "[Runner a]\nMaxHeartRate=241\n", 2, { "100 to 240" } },
        { "[Runner a]\nMaxHeartRate=0xC0\n", 2, { "0xC0" } },
        { "[Runner a]\nMaxHeartRate=nan\n", 2, { "whole number" } },
        { "[Runner a]\nRestHeartRate=110\nMaxHeartRate=100\n", 2, { "110", "100" } },
        { "[Runner a]\nMass=19.9\n", 2, { "20 to 300" } },
        { "[Runner a]\nMass=inf\n", 2, { "20 to 300" } },
        { "[Runner a]\nMass=1e2\n", 2, { "20 to 300" } },
        { "[Runner a]\nMass=60,5\n", 2, { "60,5" } },
        { "[Runner a]\nTimeZone=../../etc/passwd\n", 2, { "Europe/Berlin" } },
        { "[Runner a]\nTimeZone=/etc/localtime\n", 2, { "Europe/Berlin" } },
        { "[Runner a]\nWeekStart=Mon\n", 2, { "Sunday, Monday", "or Saturday" } },
        { "[Runner a]\nLiveIncline=46\n", 2, { "-45 to 45", "unknown" } },
        { "[Runner a]\nLiveIncline=% 5\n", 2, { "unknown" } },
        { "[Runner anna]\n[Runner anna_downhill]\n",
          2,
          { "anna_downhill", "anna]", "Discovery=no" } },
        { "[Runner anna_downhill]\n[Runner anna]\nDisplayName=A\n",
          2,
          { "[Runner anna]", "anna_downhill" } },
        { "[Sensor pod]\n", 1, { "no Address=", "C0:DE:00:00:00:01" } },
        { "[Sensor pod]\nAddress=C0:DE:00:00:00:0G\n" ADDRESS_1, 2, { "C0:DE:00:00:00:0G" } },
        { "[Sensor pod]\nAddress=00:00:00:00:00:00\n" ADDRESS_1, 2, { "C0:DE" } },
        { "[Sensor pod]\n" ADDRESS_1 "Runner=bert\n[Runner anna]\n", 3, { "bert", "auto, anna" } },
        { "[Sensor a]\n" ADDRESS_1 "[Sensor b]\n" ADDRESS_1, 4, { "[Sensor b]", "[Sensor a]" } },
        { "[Sensor pod]\n" ADDRESS_1 "Factor=0.49\n", 3, { "0.5 to 2" } },
        { "[Sensor pod]\n" ADDRESS_1 "Grace=11min\n", 3, { "0s to 10min" } },
        { "[Sensor pod]\n" ADDRESS_1 "Grace=soon\n", 3, { "45s" } },
        { "[Sensor pod]\n" ADDRESS_1 "IdleTimeout=9s\n", 3, { "10s to 1d" } },
        { "[Sensor pod]\n" ADDRESS_1 "Connect=never\n", 3, { "auto, with or on-request" } },
        { "[Gateway]\nName=\xFF\n", 2, { "UTF-8" } },
        { "[Gateway]\nName=\xED\xA0\x80\n", 2, { "UTF-8" } },
        { "[Gateway]\nName=\x1B[31mred\n", 2, { "control character" } },
        { "[Gateway]\nName=厨房\n", 2, { "topic level" } },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s", rows[i].text);
        load(rows[i].text);
        for (size_t k = 0; k < problems.n; k++)
            print_message("   -> %s\n", problems.items[k].text);
        assert_int_equal(problems.n, 1);
        assert_int_equal(problems.errors, 1);
        assert_int_equal(problems.items[0].line, rows[i].line);
        assert_string_equal(problems.items[0].file, "strided.conf");
        for (size_t k = 0; k < 3 && rows[i].words[k]; k++)
            assert_non_null(strstr(problems.items[0].text, rows[i].words[k]));
        assert_null(strstr(problems.items[0].text, "hunter2"));
    }
}

static void test_runners_of_like_names_live_together(void **state)
{
    static const char *const rows[] = {
        "[Runner anna]\n[Runner anna_2]\n[Runner annadownhill]\n[Runner anna-downhill]\n",
        "[HomeAssistant]\nDiscovery=no\n[Runner anna]\n[Runner anna_downhill]\n",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        load(rows[i]);
        assert_int_equal(problems.n, 0);
    }
}

static void test_all_mistakes_are_reported_at_once(void **state)
{
    char line[400];

    load("[Gateway]\nUnits=x\n[Foo]\nUnits=y\nBar=z\n[MQTT]\nUri=x\nRoot=Y\n");
    assert_int_equal(problems.n, 5); /* what Units= may be in a [Foo], nobody knows */
    assert_true(conf_problem_format(&problems, 4, line, sizeof(line)));
    assert_non_null(strstr(line, "strided.conf:8: Root=Y"));
    assert_false(conf_problem_format(&problems, 5, line, sizeof(line)));
}

static void find_file(void *userdata, const char *text)
{
    assert_null(strchr(text, '\xff'));
    assert_true(text[0] == '#' || !strstr(text, "Units=imperial"));
    *(bool *)userdata |= strstr(text, "# a?b?Units=imperial.conf:2\n") != NULL;
}

/* It is shown in one line, and as text. */
static void test_a_drop_in_of_any_name(void **state)
{
    static const char name[] = "a\xff"
                               "b\nUnits=imperial.conf",
                      text[] = "[Gateway]\nName=x\nFoo=y\n";
    bool found = false;
    char line[400];

    load("");
    conf_parse(&conf, &origins, name, text, strlen(text), &problems);
    assert_true(conf_problem_format(&problems, 0, line, sizeof(line)));
    assert_true(strncmp(line, "a?b?Units=imperial.conf:3: ", 27) == 0);
    conf_dump(&conf, &origins, find_file, &found);
    assert_true(found);
}

static void test_what_stands_below_a_bad_header_is_checked_too(void **state)
{
    static const struct {
        const char *text;
        const char *words; /* of the second mistake, which is in the second line */
    } rows[] = {
        { "[Gatway]\nhello\n", "neither a section nor a key" },
        { "[Gatway]\nNmae=x\n", "Nmae=: no section has it" },
        { "[Gateway x]\nUnits=feet\n", "Units=feet" },
        { "[Gateway\nUnits=feet\n", "Units=feet" },
        { "[Runner Anna]\nMass=1000\n", "20 to 300" },
        { "[Runner Anna]\nMas=50\n", "did you mean Mass=?" },
        { "[Sensor A B]\nAddress=here\n", "C0:DE" },
        { "[\nhello\n", "neither a section nor a key" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s", rows[i].text);
        load(rows[i].text);
        assert_int_equal(problems.n, 2);
        assert_int_equal(problems.items[0].line, 1);
        assert_int_equal(problems.items[1].line, 2);
        assert_non_null(strstr(problems.items[1].text, rows[i].words));
    }
    load("[Runner Anna]\nMass=50\n"); /* checked, and for nobody */
    assert_int_equal(problems.n, 1);
    assert_int_equal(conf.n_runners, 0);
}

static void test_a_mistake_makes_no_second_one(void **state)
{
    char text[CONF_TEXT_MAX + 64];
    static const char *const rows[] = {
        "[Sensor pod]\nAddress=here\n",
        "[Runner a]\n[Runner b]\n[Sensor pod]\n" ADDRESS_1 "Runner=A!\n",
        "[Runer anna]\n[Sensor pod]\n" ADDRESS_1 "Runner=anna\n",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s", rows[i]);
        load(rows[i]);
        assert_int_equal(problems.n, 1);
    }
    snprintf(text, sizeof(text), "[MQTT]\nUsername=%0*d\nPasswordFile=/x\n", CONF_TEXT_MAX, 0);
    load(text); /* a name that is too long */
    assert_int_equal(problems.n, 1);
    load("[Gatway]\n[Runer anna]\n[Sensor pod]\n" ADDRESS_1 "Runner=carl\n");
    assert_int_equal(problems.n, 3); /* whoever is missing is not the one that was lost */
}

static void test_problems_are_put_in_the_order_of_the_files(void **state)
{
    static const struct {
        const char *file;
        unsigned line;
    } sorted[] = { { "z.conf", 1 }, { "z.conf", 3 }, { "a.conf", 2 }, { "b.pem", 0 }, { "", 0 } };

    begin();
    add("z.conf", "");
    add("a.conf", "");
    conf_problem_add(&problems, "", 0, false, "of no file");
    conf_problem_add(&problems, "b.pem", 0, false, "of no configuration");
    conf_problem_add(&problems, "a.conf", 2, false, "said first of this line");
    conf_problem_add(&problems, "z.conf", 3, false, "x");
    conf_problem_add(&problems, "a.conf", 2, true, "said second");
    conf_problem_add(&problems, "z.conf", 1, true, "x");
    conf_problems_sort(&problems, &origins);
    assert_string_equal(problems.items[2].text, "said first of this line");
    assert_string_equal(problems.items[3].text, "said second");
    for (size_t i = 0; i < sizeof(sorted) / sizeof(sorted[0]); i++) {
        assert_string_equal(problems.items[i + (i > 2)].file, sorted[i].file);
        assert_int_equal(problems.items[i + (i > 2)].line, sorted[i].line);
    }
}

static void test_more_mistakes_than_fit_are_counted(void **state)
{
    char line[400];

    begin();
    for (int i = 0; i < CONF_PROBLEMS_MAX + 7; i++)
        add("strided.conf", "nonsense\n");
    assert_int_equal(problems.n, CONF_PROBLEMS_MAX);
    assert_int_equal(problems.more, 7);
    assert_int_equal(problems.errors, CONF_PROBLEMS_MAX + 7);
    assert_true(conf_problem_format(&problems, CONF_PROBLEMS_MAX, line, sizeof(line)));
    assert_string_equal(line, "and 7 more");
    assert_false(conf_problem_format(&problems, CONF_PROBLEMS_MAX + 1, line, sizeof(line)));
}

static void test_a_refused_value_leaves_what_was_there(void **state)
{
    load("[Runner a]\nMass=60\nMass=heavy\n[Sensor p]\n" ADDRESS_1
         "Address=x\nGrace=1s\nGrace=-1\n");
    assert_int_equal(problems.n, 3);
    assert_true(conf.runners[0].mass_kg == 60);
    assert_string_equal(conf.sensors[0].address, "C0:DE:00:00:00:01");
    assert_int_equal(conf.sensors[0].grace_usec, 1000000);
}

static void test_an_empty_value_goes_back_to_the_default(void **state)
{
    load("[MQTT]\nRoot=club\nRoot=\nUri=mqtt://x\nUri=\n[Runner a]\nMass=60\nMass=\n"
         "WeekStart=Friday\nWeekStart=\n[Sensor p]\n" ADDRESS_1 "Grace=1\nGrace=\nConnect=auto\n"
         "Connect=\n");
    assert_int_equal(problems.n, 0);
    assert_string_equal(conf.mqtt_root, "strided");
    assert_string_equal(conf.mqtt_uri, "");
    assert_true(isnan(conf.runners[0].mass_kg));
    assert_int_equal(conf.runners[0].week_start, 1);
    assert_int_equal(conf.sensors[0].grace_usec, 45000000);
    assert_int_equal(conf.sensors[0].connect, CONF_CONNECT_UNSET);
}

static void test_later_files_win_and_sections_merge(void **state)
{
    const struct conf_origin *origin;

    begin();
    add("assigned.conf", "[Sensor pod]\n" ADDRESS_1 "Factor=1.1\n");
    add("strided.conf", "[Runner anna]\nMass=60\n[Sensor strap]\n" ADDRESS_2);
    add("d/10.conf", "\n[Sensor pod]\nFactor=1.2\nRunner=anna\n[Runner anna]\nMass=61\n");
    conf_finish(&conf, &origins, "hall", &problems);

    assert_int_equal(problems.n, 0);
    assert_int_equal(conf.n_sensors, 2);
    assert_true(conf.sensors[0].factor == 1.2);
    assert_true(conf.runners[0].mass_kg == 61);
    origin = conf_origin_find(&origins, CONF_SECTION_SENSOR, 0, "Factor");
    assert_string_equal(conf_origin_file(&origins, origin), "d/10.conf");
    assert_int_equal(origin->line, 3);
    origin = conf_origin_find(&origins, CONF_SECTION_SENSOR, 0, "Address");
    assert_string_equal(conf_origin_file(&origins, origin), "assigned.conf");
    origin =
        conf_origin_find(&origins, CONF_SECTION_SENSOR, 1, "Grace"); /* not written: its section */
    assert_string_equal(conf_origin_file(&origins, origin), "strided.conf");
    assert_int_equal(origin->line, 3);
    assert_null(conf_origin_find(&origins, CONF_SECTION_SENSOR, 1, "Nonsense"));
    assert_string_equal(conf_origin_file(&origins, NULL), "");
}

static void test_form_of_the_lines(void **state)
{
    static const struct {
        const char *label, *text;
    } rows[] = {
        { "blanks around everything", "  [ Runner   anna ]  \n\t Mass \t=  60\t \n" },
        { "no newline at the end", "[Runner anna]\nMass=60" },
        { "DOS line ends", "[Runner anna]\r\nMass=60\r\n" },
        { "byte order mark", "\xEF\xBB\xBF[Runner anna]\nMass=60\n" },
        { "comments between", "#x\n[Runner anna]\n;y\n  # Mass=70\nMass=60\n#Mass=80\n" },
        { "section twice", "[Runner anna]\n[Gateway]\n[Runner anna]\nMass=60\n" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].label);
        load(rows[i].text);
        assert_int_equal(problems.n, 0);
        assert_int_equal(conf.n_runners, 1);
        assert_string_equal(conf.runners[0].id, "anna");
        assert_true(conf.runners[0].mass_kg == 60);
    }
}

static void test_lines_too_long_and_nul_bytes(void **state)
{
    static const char nul[] = "[Gateway]\nName=a\0b\nUnits=imperial\n";
    char text[CONF_LINE_MAX + 100], *at = text;

    begin();
    conf_parse(&conf, &origins, "f", nul, sizeof(nul) - 1, &problems);
    assert_int_equal(problems.n, 1);
    assert_int_equal(problems.items[0].line, 2);
    assert_int_equal(conf.units, CONF_UNITS_IMPERIAL); /* it went on */

    at += sprintf(at, "[Gateway]\nName=");
    memset(at, 'x', CONF_LINE_MAX);
    at += CONF_LINE_MAX;
    strcpy(at, "\nUnits=imperial\n");
    load(text);
    assert_int_equal(problems.n, 1);
    assert_int_equal(problems.items[0].line, 2);
    assert_non_null(strstr(problems.items[0].text, "1024"));
    assert_int_equal(conf.units, CONF_UNITS_IMPERIAL);

    memset(text, 'x', sizeof(text));
    memcpy(text, "[Gateway]\nName=", 15);
    text[15 + CONF_TEXT_MAX - 1] = '\0'; /* as long as there is room for */
    load(text);
    assert_int_equal(problems.n, 0);
    text[15 + CONF_TEXT_MAX - 1] = 'x';
    text[15 + CONF_TEXT_MAX] = '\0';
    load(text);
    assert_int_equal(problems.n, 1);
    assert_non_null(strstr(problems.items[0].text, "at most 255 bytes"));
}

static void test_too_many_sections(void **state)
{
    static char text[CONF_SENSORS_MAX * 64 + CONF_RUNNERS_MAX * 64 + 256];
    char *at = text;

    for (int i = 0; i <= CONF_SENSORS_MAX; i++)
        at += sprintf(at, "[Sensor s%d]\nAddress=C0:DE:00:00:%02X:%02X\n", i, i >> 8, i & 255);
    for (int i = 0; i <= CONF_RUNNERS_MAX; i++)
        at += sprintf(at, "[Runner r%d]\nMass=50\n", i);
    load(text);
    assert_int_equal(problems.errors, 2);
    assert_int_equal(conf.n_sensors, CONF_SENSORS_MAX);
    assert_int_equal(conf.n_runners, CONF_RUNNERS_MAX);
}

static void test_whose_a_sensor_is(void **state)
{
    static const struct {
        const char *label, *text;
        int runner;
        bool given;
        size_t warnings;
    } rows[] = {
        { "one runner: theirs", "[Runner a]\n[Sensor p]\n" ADDRESS_1, 0, false, 0 },
        { "no runner at all", "[Sensor p]\n" ADDRESS_1, CONF_RUNNER_AUTO, false, 0 },
        { "two: nobody's, said", "[Runner a]\n[Runner b]\n[Sensor p]\n" ADDRESS_1, CONF_RUNNER_AUTO,
          false, 1 },
        { "named", "[Sensor p]\nRunner=b\n" ADDRESS_1 "[Runner a]\n[Runner b]\n", 1, true, 0 },
        { "auto with one: who else", "[Runner a]\n[Sensor p]\nRunner=auto\n" ADDRESS_1, 0, true,
          0 },
        { "given and reset", "[Runner a]\n[Sensor p]\nRunner=auto\nRunner=\n" ADDRESS_1, 0, false,
          0 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].label);
        load(rows[i].text);
        assert_int_equal(problems.errors, 0);
        assert_int_equal(problems.n, rows[i].warnings);
        assert_int_equal(conf.sensors[0].runner, rows[i].runner);
        assert_int_equal(conf.sensors[0].runner_given, rows[i].given);
    }
}

static void test_certificates_without_tls_are_only_a_warning(void **state)
{
    load("[MQTT]\nUri=mqtt://x\nCaFile=/x\n");
    assert_int_equal(problems.n, 1);
    assert_true(problems.items[0].warning);
    assert_int_equal(problems.errors, 0);

    load("[MQTT]\nUri=mqtt://x\nClientCert=/x\nClientKey=/y\n");
    assert_int_equal(problems.n, 1);
    assert_true(problems.items[0].warning);
    assert_int_equal(problems.items[0].line, 3);
}

static void test_slugs(void **state)
{
    static const struct {
        const char *name, *slug;
    } rows[] = {
        { "hall", "hall" },
        { "Hall (left)", "hall-left" },
        { "  --A__b--  ", "a__b" },
        { "Ünïcödé ß", "unicode-s" },
        { "厨房 2", "2" },
        { "厨房", "" },
        { "\xFF\xC3", "" },
        { "", "" },
        { "a+b/c#d", "a-b-c-d" },
        { "abcdefghijabcdefghijabcdefghij-xyz", "abcdefghijabcdefghijabcdefghij" },
    };
    char slug[CONF_ID_MAX];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        conf_slug(rows[i].name, slug);
        assert_string_equal(slug, rows[i].slug);
        assert_true(*slug == '\0' || conf_id_is_valid(slug));
    }
}

static void test_time_spans(void **state)
{
    static const struct {
        const char *text;
        int64_t usec; /* -1: refused */
    } rows[] = {
        { "45s", 45000000 },
        { "45", 45000000 },
        { "0", 0 },
        { "1min 30s", 90000000 },
        { "1min30s", 90000000 },
        { "2h", 7200000000 },
        { "1.5 h", 5400000000 },
        { " 5 min ", 300000000 },
        { "250ms", 250000 },
        { "1d", 86400000000 },
        { "1 2", 3000000 },
        { "", -1 },
        { " ", -1 },
        { "s", -1 },
        { "5 parsecs", -1 },
        { "-5s", -1 },
        { "5s-", -1 },
        { ".", -1 },
        { "1.2.3", -1 },
        { "0x10", -1 },
        { "9999999999999999", -1 },
        { "999999999999999d", -1 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t usec = 77;
        print_message("'%s'\n", rows[i].text);
        assert_int_equal(conf_parse_span(rows[i].text, &usec), rows[i].usec >= 0);
        assert_int_equal(usec, rows[i].usec >= 0 ? (uint64_t)rows[i].usec : 77);
    }
}

static void test_brokers_that_are_allowed(void **state)
{
    static const char *const rows[] = { "mqtt://localhost", "mqtt://192.0.2.1:1883",
                                        "mqtts://[2001:db8::1]:8883", "mqtt://a-b_c.example" };
    char text[128];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(text, sizeof(text), "[MQTT]\nUri=%s\n", rows[i]);
        load(text);
        assert_int_equal(problems.n, 0);
        assert_string_equal(conf.mqtt_uri, rows[i]);
    }
}

/* ---- Written out again */

static void collect(void *userdata, const char *text)
{
    strcat(userdata, text);
}

static void test_the_dump_shows_values_and_origins(void **state)
{
    static char dump[65536];

    begin();
    add("/etc/strided/strided.conf", "[MQTT]\nUri=mqtt://x\n[Runner anna]\nLiveIncline=-2.5\n");
    add("/etc/strided/strided.conf.d/a.conf", "[Sensor pod]\n" ADDRESS_1 "Grace=90\n");
    conf_finish(&conf, &origins, "Hall", &problems);
    *dump = '\0';
    conf_dump(&conf, &origins, collect, dump);

    static const char *const lines[] = {
        "# Topics: strided/hall/...\n",
        "\n[Gateway]\n# default\nName=Hall\nAdapter=\n",
        "\n# /etc/strided/strided.conf:2\nUri=mqtt://x\n# default\nUsername=\n",
        "\n# /etc/strided/strided.conf:4\nLiveIncline=-2.5\n",
        "\n# /etc/strided/strided.conf.d/a.conf:3\nGrace=1min 30s\n# default\nIdleTimeout=\n",
        "\n# default: anna\nRunner=\n# default\n",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        print_message("%s", lines[i]);
        assert_non_null(strstr(dump, lines[i]));
    }
}

static void test_the_dump_is_a_configuration_that_means_the_same(void **state)
{
    static char dump[65536];
    static struct conf before;

    load("[Gateway]\nName=Hall # 2\nUnits=imperial\n[MQTT]\nUri=mqtts://x\n[Runner a]\nSex=male\n"
         "LiveIncline=3 %\n[Runner b]\n[Sensor p]\nGrace=1.5min\nRunner=b\n" ADDRESS_1
         "[Sensor q]\nRunner=auto\n" ADDRESS_2);
    before = conf;
    *dump = '\0';
    conf_dump(&conf, &origins, collect, dump);
    load(dump);
    assert_int_equal(problems.errors, 0);
    assert_string_equal(conf.gateway_name, "Hall # 2");
    for (size_t i = 0; i < conf_n_keys; i++) {
        char was[CONF_TEXT_MAX], is[CONF_TEXT_MAX];
        conf_value_format(&conf_keys[i], conf_section_base(&before, conf_keys[i].section, 0), was,
                          sizeof(was));
        conf_value_format(&conf_keys[i], conf_section_base(&conf, conf_keys[i].section, 0), is,
                          sizeof(is));
        assert_string_equal(was, is);
    }
    assert_int_equal(conf.sensors[0].runner, 1);
    assert_int_equal(conf.sensors[1].runner, CONF_RUNNER_AUTO);
}

static void test_a_comment_behind_a_value_is_told(void **state)
{
    static const struct {
        const char *text;
        bool warning;
    } rows[] = {
        { "[Gateway]\nUnits=metric # as ever\n", false },
        { "[Gateway]\nUnits=metric\t; as ever\n", false },
        { "[MQTT]\nUri=mqtt://host # mine\n", false },
        { "[Gateway]\nName=Hall # the left one\n", true },
        { "[MQTT]\nUsername=x\nPasswordFile=/etc/x ;secret\n", true },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s", rows[i].text);
        load(rows[i].text);
        assert_int_equal(problems.n, 1);
        assert_int_equal(problems.items[0].warning, rows[i].warning);
        assert_non_null(strstr(problems.items[0].text, "(a comment needs a line of its own)"));
    }
    load("[Gateway]\nName=Hall#2\n");
    assert_int_equal(problems.n, 0);
}

/* Every value as shown is also a value that may be written, and means the same. */
static void test_what_is_shown_can_be_read_again(void **state)
{
    load("[Gateway]\nAdapter=hci1\n[Runner a]\nSex=male\nMass=70.25\nLiveIncline=3 "
         "%\nBirthYear=1970\n"
         "WeekStart=Saturday\n[Sensor p]\nGrace=1.5min\nFactor=0.987\nConnect=with\n" ADDRESS_1);
    assert_int_equal(problems.n, 0);
    for (size_t i = 0; i < conf_n_keys; i++) {
        struct conf_key_room room;
        const struct conf_key *key = conf_key_of(&conf_keys[i], 0, &room);
        void *base = conf_section_base(&conf, key->section, 0);
        char before[CONF_TEXT_MAX], after[CONF_TEXT_MAX];
        conf_value_format(key, base, before, sizeof(before));
        assert_true(conf_value_set(key, base, *before ? before : key->fallback));
        conf_value_format(key, base, after, sizeof(after));
        assert_string_equal(before, after);
    }
}

static void test_the_table_is_complete(void **state)
{
    for (size_t i = 0; i < conf_n_keys; i++) {
        struct conf_key_room room; /* the first rule has every key */
        const struct conf_key *key = conf_key_of(&conf_keys[i], 0, &room);
        char allowed[200] = "";
        conf_value_allowed(key, allowed, sizeof(allowed));
        print_message("%s: %s\n", key->key, allowed);
        assert_true(strlen(allowed) > 3 && strlen(allowed) < 180);
        assert_non_null(key->help);
        load("[Runner r]\n[Sensor s]\n" ADDRESS_1);
        assert_true(conf_value_set(key, conf_section_base(&conf, key->section, 0), key->fallback));
        assert_true(conf_key_index(key->section, key->key) < CONF_KEYS_MAX);
    }
}

/* Each rule has its own defaults, and `Key=` goes back to them. */
static void test_each_rule_has_keys_and_defaults_of_its_own(void **state)
{
    struct rule_settings defaults;
    char text[400];

    rule_settings_init(&defaults);
    for (enum rule_id rule = 0; rule < RULES; rule++) {
        size_t at = (size_t)snprintf(text, sizeof(text), "[Rule %s]\n", rule_get(rule)->id);
        struct conf_key_room room;
        const struct conf_key *row, *key;

        for (size_t i = 0; (row = conf_key_at(CONF_SECTION_RULE, i)); i++)
            if ((key = conf_key_of(row, rule, &room)))
                at += (size_t)snprintf(text + at, sizeof(text) - at, "%s=%s\n%s=\n", key->key,
                                       key->type == CONF_TYPE_BOOL ? "yes" : "5", key->key);
        load(text);
        assert_int_equal(problems.n, 0);
        assert_memory_equal(&conf.rules.rule[rule], &defaults.rule[rule],
                            sizeof(defaults.rule[rule]));
    }
}

static void test_rules_in_the_dump(void **state)
{
    static char dump[65536];

    load("[Rule monotony]\nEnable=yes\nCaution=1.75\n[Rules]\nRemindEvery=36h\n[Runner a]\n");
    *dump = '\0';
    conf_dump(&conf, &origins, collect, dump);
    assert_non_null(strstr(dump, "[Rules]\n# default\nNotifyAt=caution\n# strided.conf:5\n"
                                 "RemindEvery=1d 12h\n# default\nWindow=rolling\n"));
    assert_non_null(strstr(dump, "[Rule monotony]\n# strided.conf:2\nEnable=yes\n# default\n"
                                 "Notify=no\n# strided.conf:3\nCaution=1.75\n\n"));
    load(dump);
    assert_int_equal(problems.n, 0);
    assert_true(conf.rules.rule[RULE_MONOTONY].caution == 1.75);
    assert_true(conf.rules.rule[RULE_MONOTONY].enable);
}

static char *read_shipped(void)
{
    const char *root = getenv("STRIDED_SOURCE_ROOT");
    static char text[65536];
    char path[4096];

    snprintf(path, sizeof(path), "%s/config/strided.conf", root ? root : ".");
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void test_the_shipped_file_is_what_the_table_says(void **state)
{
    static char made[65536];
    char *shipped = read_shipped();

    *made = '\0';
    conf_write_defaults(collect, made);
    assert_string_equal(made,
                        shipped); /* else: tests/unit/test_conf --write > config/strided.conf */
    load(shipped);
    assert_int_equal(problems.n, 0);
    assert_int_equal(conf.n_runners + conf.n_sensors, 0);
}

static void test_the_shipped_file_with_its_comments_taken_off(void **state)
{
    static char bare[65536];
    size_t n = 0;

    for (const char *at = read_shipped(); *at; at++) /* "#Key=", but not "# words" */
        if (!(at[0] == '#' && at[1] != ' ' && at[1] != '\n'))
            bare[n++] = *at;
    strcpy(bare + n, ADDRESS_1); /* the one key that has no default */
    load(bare);
    assert_int_equal(problems.n, 0);
    assert_string_equal(conf.runners[0].id, "anna");
    assert_string_equal(conf.sensors[0].name, "pod");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_written_is_all_defaults),
        cmocka_unit_test(test_every_key_at_once),
        cmocka_unit_test(test_defaults_of_a_new_runner_and_sensor),
        cmocka_unit_test(test_each_mistake_says_line_and_what_is_allowed),
        cmocka_unit_test(test_runners_of_like_names_live_together),
        cmocka_unit_test(test_all_mistakes_are_reported_at_once),
        cmocka_unit_test(test_a_drop_in_of_any_name),
        cmocka_unit_test(test_what_stands_below_a_bad_header_is_checked_too),
        cmocka_unit_test(test_a_mistake_makes_no_second_one),
        cmocka_unit_test(test_problems_are_put_in_the_order_of_the_files),
        cmocka_unit_test(test_more_mistakes_than_fit_are_counted),
        cmocka_unit_test(test_a_refused_value_leaves_what_was_there),
        cmocka_unit_test(test_an_empty_value_goes_back_to_the_default),
        cmocka_unit_test(test_later_files_win_and_sections_merge),
        cmocka_unit_test(test_form_of_the_lines),
        cmocka_unit_test(test_lines_too_long_and_nul_bytes),
        cmocka_unit_test(test_too_many_sections),
        cmocka_unit_test(test_whose_a_sensor_is),
        cmocka_unit_test(test_certificates_without_tls_are_only_a_warning),
        cmocka_unit_test(test_slugs),
        cmocka_unit_test(test_time_spans),
        cmocka_unit_test(test_brokers_that_are_allowed),
        cmocka_unit_test(test_the_dump_shows_values_and_origins),
        cmocka_unit_test(test_the_dump_is_a_configuration_that_means_the_same),
        cmocka_unit_test(test_a_comment_behind_a_value_is_told),
        cmocka_unit_test(test_what_is_shown_can_be_read_again),
        cmocka_unit_test(test_the_table_is_complete),
        cmocka_unit_test(test_each_rule_has_keys_and_defaults_of_its_own),
        cmocka_unit_test(test_rules_in_the_dump),
        cmocka_unit_test(test_the_shipped_file_is_what_the_table_says),
        cmocka_unit_test(test_the_shipped_file_with_its_comments_taken_off),
    };
    static char shipped[65536];

    if (argc > 1 &&
        strcmp(argv[1], "--write") == 0) { /* the file anew, after a change of the table */
        conf_write_defaults(collect, shipped);
        return fputs(shipped, stdout) < 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
