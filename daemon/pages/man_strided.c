/* SPDX-License-Identifier: MIT */
#include "daemon/pages/pages.h"

#include "daemon/broker/topic.h"
#include "daemon/main_program.h"
#include "daemon/pages/troff.h"
#include "daemon/util.h"

static void write_topics(struct troff *to)
{
    char term[80], text[400], expiry[60];

    troff_section(to, "TOPICS");
    troff_paragraph(to,
                    "All begin with `strided/`{GATEWAY}`/`: the `Root=` of the configuration, and "
                    "a level made from the name of the gateway. `<r>` is the id of a runner, "
                    "`<s>` the name of a sensor. What is published is JSON, but for `status`; a "
                    "key is always there, and `null` where its value is not known.");
    for (enum topic t = 0; t < TOPIC_COUNT; t++) {
        const struct topic_row *row = &topics_table[t];
        char doc[200];

        if (row->schema)
            man_sentence(row->doc, doc, sizeof(doc));
        else /* begins with what is sent */
            snprintf(doc, sizeof(doc), "%s.", row->doc);
        expiry[0] = '\0';
        if (row->expiry_s)
            snprintf(expiry, sizeof(expiry), ", expires after %u s", (unsigned)row->expiry_s);
        snprintf(term, sizeof(term), "`%s`", row->pattern);
        snprintf(text, sizeof(text), "%s QoS %d%s%s.%s%s%s", doc, row->qos,
                 row->retained ? ", retained" : "", expiry, row->when[0] ? " When: " : "",
                 row->when, row->when[0] ? "." : "");
        troff_item(to, term, text);
    }
    troff_paragraph(to, "The JSON Schema of each is in {PREFIX}`/share/strided/schema/`.");
}

static void write_description(struct troff *to)
{
    troff_section(to, "DESCRIPTION");
    troff_paragraph(
        to,
        "`strided` connects, by bluetoothd, to Bluetooth footpods, heart-rate straps and "
        "treadmills, and to power pods and barometers beside them. It notices by itself when a "
        "run begins and ends, works out cadence, pace, distance and heart load while the runner "
        "moves, records every packet, and publishes all of it over MQTT. Files of runs made "
        "elsewhere come in by a folder. Of both it keeps a log of days, with rules that warn when "
        "a week or a run grows too fast.");
    troff_paragraph(
        to,
        "It runs as a service without root and needs neither a broker nor an adapter nor "
        "bluetoothd to be there when it starts: each is taken up when it comes. Commands come in "
        "over MQTT, over D-Bus as `org.strided1`, and by `stridectl`(1).");
    troff_paragraph(to, "It is a training log with arithmetic, not a medical device.");
}

#define STATE "`/var/lib/strided/"

static const struct {
    const char *name, *text;
} files[] = {
    { "`/etc/strided/strided.conf`, `/etc/strided/strided.conf.d/*.conf`",
      "The configuration; see `strided.conf`(5)." },
    { "`/srv/strided/import/`{RUNNER}`/`",
      "Where files of runs come in, as `./run install` sets it up." },
    { STATE "assigned.conf`",
      "Sensors that commands bound, in the form of the configuration, which is read after it." },
    { STATE "sessions/`{SESSION}`.rec`",
      "The recording of a session, a line for each packet: every figure can be worked out again "
      "from it." },
    { STATE "imported/`{RUNNER}`/`",
      "Compressed copies of the files that came in, and on which days their runs were; above them "
      "which were discarded or deleted." },
    { STATE "notes/`{SESSION}",
      "What was said of a session: effort, surface, shoes. Text, as are the next two." },
    { STATE "logged/`{SESSION}", "A run that was entered by hand." },
    { STATE "deleted/`{SESSION}",
      "A session that was deleted, for the day in which it can come back; its recording lies "
      "beside it." },
    { STATE "records/`{TIME}`.rec`",
      "What `stridectl record` wrote. Nothing takes it away but a person." },
    { STATE "backups/strided-`{TIME}`.db`",
      "Copies of the database: what `stridectl backup` and `Backup=nightly` made, of which the "
      "last seven are kept." },
    { STATE "strided.db`",
      "Results, days and events that wait for the broker. A lost one is made again from all of "
      "the above." },
};

void man_write_strided(struct troff *to)
{
    man_head(to, "strided", 8, main_program.purpose);
    man_synopsis(to, &main_program, NULL);
    write_description(to);
    man_options(to, &main_program);
    troff_section(to, "SIGNALS");
    troff_item(to, "`SIGHUP`",
               "Read the configuration again. With a mistake in it, the old one holds, and the log "
               "says what is wrong.");
    troff_item(to, "`SIGTERM`, `SIGINT`",
               "Let go of the sensors, close the recording, publish `offline` and end.");
    man_statuses(to, &main_program);
    write_topics(to);
    troff_section(to, "ENVIRONMENT");
    troff_item(to, "`STATE_DIRECTORY`, `XDG_STATE_HOME`",
               "Where the state folder is without `--state-dir`.");
    troff_item(to, "`CREDENTIALS_DIRECTORY`",
               "Where systemd puts the broker's password when it is a credential of the service, "
               "`mqtt-password`.");
    troff_section(to, "FILES");
    for (size_t i = 0; i < ELEMENTSOF(files); i++)
        troff_item(to, files[i].name, files[i].text);
    troff_section(to, "SEE ALSO");
    troff_paragraph(to, "`stridectl`(1), `strided-replay`(1), `strided.conf`(5), "
                        "`mosquitto_sub`(1), `bluetoothctl`(1), "
                        "`systemctl`(1), `journalctl`(1)");
}
