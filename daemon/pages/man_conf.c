/* SPDX-License-Identifier: MIT */
#include "daemon/pages/pages.h"

#include "daemon/pages/troff.h"
#include "lib/conf_key.h"
#include "lib/training/rule.h"

static const struct {
    const char *title, *text;
} heads[CONF_SECTIONS] = {
    [CONF_SECTION_GATEWAY] = { "[Gateway]", "This machine." },
    [CONF_SECTION_MQTT] = { "[MQTT]", "The broker, and what is taken from it." },
    [CONF_SECTION_HOME_ASSISTANT] = { "[HomeAssistant]", "Its discovery." },
    [CONF_SECTION_IMPORT] = { "[Import]", "Files of runs made elsewhere." },
    [CONF_SECTION_RULES] = { "[Rules]", "What holds for all rules." },
    [CONF_SECTION_RULE] = { "[Rule {RULE}]", "One section for each rule that is to be another than "
                                             "it is by itself; not every rule has each key." },
    [CONF_SECTION_RUNNER] = { "[Runner {ID}]",
                              "One section for each runner. The id, of a-z, 0-9, _ "
                              "and -, becomes a level of topics." },
    [CONF_SECTION_SENSOR] = { "[Sensor {NAME}]", "One section for each sensor. The name stays when "
                                                 "the device is replaced." },
};

static void write_key(struct troff *to, const struct conf_key *key)
{
    char term[60], fallback[80] = "", allowed[240] = "", text[1000];

    snprintf(term, sizeof(term), "`%s=`", key->key);
    if (key->fallback && key->fallback[0])
        snprintf(fallback, sizeof(fallback), " Default: `%s`.", key->fallback);
    /* each rule has ranges of its own */
    if (key->section != CONF_SECTION_RULE || key->type != CONF_TYPE_NUMBER) {
        char range[200];

        conf_value_allowed(key, range, sizeof(range));
        snprintf(allowed, sizeof(allowed), " Allowed: %s.", range);
    }
    snprintf(text, sizeof(text), "%s%s%s", key->help, fallback, allowed);
    troff_item(to, term, text);
}

/* The title, what is measured, and each key with its default and range. */
static void write_rule(struct troff *to, enum rule_id rule)
{
    const struct conf_key *row, *key;
    struct conf_key_room room;
    char term[60], text[1000];
    int n = snprintf(text, sizeof(text), "%s: %s.", rule_get(rule)->title, rule_get(rule)->measure);

    for (size_t i = 0; (row = conf_key_at(CONF_SECTION_RULE, i)); i++) {
        key = conf_key_of(row, rule, &room);
        if (!key || (size_t)n >= sizeof(text))
            continue;
        n += snprintf(text + n, sizeof(text) - (size_t)n, "%s `%s=%s`", i == 0 ? " Defaults:" : ",",
                      key->key, key->fallback);
        if (key->type == CONF_TYPE_NUMBER)
            n += snprintf(text + n, sizeof(text) - (size_t)n, " (%.10g to %.10g)", key->min,
                          key->max);
    }
    if ((size_t)n < sizeof(text))
        snprintf(text + n, sizeof(text) - (size_t)n, ".");
    snprintf(term, sizeof(term), "`%s`", rule_get(rule)->id);
    troff_item(to, term, text);
}

static void write_section(struct troff *to, enum conf_section section)
{
    const struct conf_key *key;

    troff_subsection(to, heads[section].title);
    troff_paragraph(to, heads[section].text);
    for (size_t i = 0; (key = conf_key_at(section, i)); i++)
        write_key(to, key);
    if (section != CONF_SECTION_RULE)
        return;
    troff_paragraph(to, "The rules, with what holds unless it is set. `Floor=` is in metres, of "
                        "`weekly_time` in seconds.");
    for (enum rule_id rule = 0; rule < RULES; rule++)
        write_rule(to, rule);
}

static const char example[] = "[MQTT]\n"
                              "Uri=mqtt://192.168.1.10\n"
                              "\n"
                              "[Runner anna]\n"
                              "MaxHeartRate=186\n"
                              "RestHeartRate=54\n"
                              "\n"
                              "[Sensor pod]\n"
                              "Address=C4:5D:A1:07:1E:42\n"
                              "Runner=anna\n"
                              "\n"
                              "# the household's, whoever runs on it\n"
                              "[Sensor treadmill]\n"
                              "Address=D0:CF:5E:11:22:33\n"
                              "Runner=auto\n"
                              "\n"
                              "[Rule weekly_downhill]\n"
                              "Caution=1.2\n";

void man_write_conf(struct troff *to)
{
    man_head(to, "strided.conf", 5, "configuration of strided");
    troff_section(to, "SYNOPSIS");
    troff_paragraph(to, "`/etc/strided/strided.conf`");
    troff_paragraph(to, "`/etc/strided/strided.conf.d/*.conf`");
    troff_paragraph(to, "`/var/lib/strided/assigned.conf`");
    troff_section(to, "DESCRIPTION");
    troff_paragraph(
        to,
        "Sections in brackets, and in them lines {Key}`=`{value}. `assigned.conf` is read first, "
        "which is what `stridectl assign`, `replace` and `forget` write, then `strided.conf`, "
        "then those of the folder by name; later lines win, and a section may stand in several "
        "of them. `Key=` with nothing behind it goes back to the default. A line that begins with "
        "`#` is a comment; there is none behind a value.");
    troff_paragraph(
        to,
        "`strided --check-config` prints what holds and where each line comes from, and all that "
        "is wrong, with file and line. `systemctl reload strided` makes it hold. With a mistake "
        "in it, a reload changes nothing, and a start ends with status 78.");
    troff_section(to, "SECTIONS");
    for (enum conf_section section = 0; section < CONF_SECTIONS; section++)
        write_section(to, section);
    troff_section(to, "EXAMPLE");
    troff_example(to, example);
    troff_section(to, "SEE ALSO");
    troff_paragraph(to, "`strided`(8), `stridectl`(1), `systemd.exec`(5) for `LoadCredential=`");
}
