/* SPDX-License-Identifier: MIT */
#include "daemon/broker/mqtt_words.h"
#include <stdarg.h>
#include <stdio.h>
#include "daemon/broker/paho/handshake.h"
#include "daemon/util.h"

/* NULL: not a refusal of the login or the protocol. MQTT 3.1.1 codes 1..5, MQTT 5 codes from 0x80 */
static const char *refusal_text(int code)
{
    static const struct {
        int v311, v5;
        const char *text;
    } table[] = {
        { 2, 0x85, "it does not take our client identifier" },
        { 3, 0x88, "it says it is not available now" },
        { 0, 0x89, "it says it is busy" },
        { 0, 0x8A, "this client is banned there" },
        { 0, 0x8C, "it wants another way to log in than user name and password" },
        { 0, 0x8E, "another client with our identifier took the link over" },
        { 0, 0x8B, "it shuts down" },
        { 0, 0x8D, "it heard nothing of us for too long" },
        { 0, 0x95, "a packet of ours is too large for it" },
        { 0, 0x97, "a quota is used up" },
        { 0, 0x98, "an administrator closed the link" },
        { 0, 0x9A, "it does not allow retained messages, which strided needs" },
        { 0, 0x9B, "it does not allow QoS 1, which strided needs" },
        { 0, 0x9F, "it allows fewer connections in this time" },
    };
    for (size_t i = 0; i < ELEMENTSOF(table); i++)
        if (code > 0 && (code == table[i].v311 || code == table[i].v5))
            return table[i].text;
    return NULL;
}

void mqtt_words_say(struct mqtt_words *words, const char *format, ...)
{
    int n = snprintf(words->text, sizeof(words->text), "broker %.200s:%d: ", words->target.host,
                     words->target.port);
    va_list args;
    va_start(args, format);
    vsnprintf(words->text + n, sizeof(words->text) - (size_t)n, format, args);
    va_end(args);
}

static void say_login_refused(struct mqtt_words *words)
{
    if (words->username)
        mqtt_words_say(words,
                       "it refuses the login of user '%.60s': check Username= and PasswordFile=",
                       words->username);
    else
        mqtt_words_say(words, "it refuses us without a login: set Username= and PasswordFile=");
}

/* Paho has one code for all that can happen before the broker's first word. */
static void say_no_link(struct mqtt_words *words, const char *text)
{
    const char *detail = text[0] ? text : "no answer";
    if (words->target.tls)
        mqtt_words_say(
            words, "no TLS link (%.100s): is it running, is the port right, does it want mqtt://?",
            detail);
    else
        mqtt_words_say(
            words, "no link (%.100s): is it running, is the port right, does it want mqtts://%s?",
            detail, words->v311 ? "" : ", and if it is an old one, does it need Version=3.1.1");
}

static void say_refuses_ours(struct mqtt_words *words, const char *alert)
{
    if (words->shows_certificate)
        mqtt_words_say(words,
                       "it refuses our certificate (%.100s): is ClientCert= signed by a CA that it "
                       "knows, and still valid?",
                       alert);
    else
        mqtt_words_say(
            words,
            "it ends the TLS handshake (%.100s): does it want a certificate from us? Set "
            "ClientCert= and ClientKey=",
            alert);
}

static void say_unknown_ca(struct mqtt_words *words)
{
    if (words->ca_file)
        mqtt_words_say(
            words,
            "its certificate is not signed by a CA in CaFile=%.120s: put the certificate "
            "of its CA there",
            words->ca_file);
    else
        mqtt_words_say(words,
                       "its certificate is not signed by a CA this system knows: set CaFile= "
                       "to the certificate of its CA");
}

/* The link came, and then nothing: what a broker has against us it may have had no time to say. */
static void say_no_word(struct mqtt_words *words)
{
    mqtt_words_say(words, "it ends the TLS link without a word: does it %s%s?",
                   words->shows_certificate ? "know the CA of ClientCert="
                                            : "want a certificate from us (ClientCert=)",
                   words->v311 ? "" : ", or need Version=3.1.1");
}

static void say_handshake(struct mqtt_words *words, enum handshake outcome, const char *text)
{
    switch (outcome) {
    case HANDSHAKE_NAME:
        mqtt_words_say(words,
                       "its certificate is made out to another name: use that one in Uri=, or "
                       "give the broker a certificate for this one");
        break;
    case HANDSHAKE_EXPIRED:
        mqtt_words_say(words,
                       "its certificate has expired: renew it at the broker (or is the clock "
                       "of this machine wrong?)");
        break;
    case HANDSHAKE_EARLY:
        mqtt_words_say(words, "its certificate is not valid yet: is the clock of this machine "
                              "right?");
        break;
    case HANDSHAKE_ISSUER:
        say_unknown_ca(words);
        break;
    case HANDSHAKE_UNSOUND:
        mqtt_words_say(words,
                       "its certificate is not to be trusted (%.100s): give the broker "
                       "another one",
                       text);
        break;
    case HANDSHAKE_OURS:
        say_refuses_ours(words, text);
        break;
    case HANDSHAKE_PROTOCOL:
        mqtt_words_say(words, "it ends the TLS handshake (%.100s): does it speak TLS 1.2 or 1.3?",
                       text);
        break;
    case HANDSHAKE_NONE:
    case HANDSHAKE_SOUND:
        say_no_word(words);
        break;
    }
}

void mqtt_words_connect_failed(struct mqtt_words *words, const struct paho_event *event)
{
    /* a 3.1.1 code comes as code, also from an old broker that answers our version 5 */
    int refusal = event->reason >= 0x80 ? event->reason : event->code;
    if (event->code == PAHO_CODE_NAME_UNKNOWN)
        mqtt_words_say(words, "its name could not be looked up (%.100s)", event->text);
    else if (event->code == PAHO_CODE_CA_FILE)
        mqtt_words_say(words, "CaFile=%.120s can't be read: %.80s", words->ca_file, event->text);
    else if (event->code == PAHO_CODE_OWN_PAIR)
        mqtt_words_say(words, "%.160s", event->text);
    else if (event->code > PAHO_CODE_HANDSHAKE)
        say_handshake(words, (enum handshake)(event->code - PAHO_CODE_HANDSHAKE), event->text);
    else if (refusal == 1 || refusal == 0x84)
        mqtt_words_say(words, words->v311
                                  ? "it does not speak MQTT 3.1.1: remove Version=3.1.1"
                                  : "it does not speak MQTT 5: set Version=3.1.1 in [MQTT]");
    else if (refusal == 4 || refusal == 5 || refusal == 0x86 || refusal == 0x87)
        say_login_refused(words);
    else if (refusal_text(refusal))
        mqtt_words_say(words, "it refuses us: %s", refusal_text(refusal));
    else if (refusal > 0)
        mqtt_words_say(words, "it refuses us with code 0x%02x", (unsigned)refusal);
    else
        say_no_link(words, event->text);
}

void mqtt_words_lost(struct mqtt_words *words, const struct paho_event *event)
{
    const char *why = refusal_text(event->reason);
    if (why)
        mqtt_words_say(words, "the link is lost: %s", why);
    else if (event->reason >= 0x80)
        mqtt_words_say(words, "it closed the link with code 0x%02x", (unsigned)event->reason);
    else
        mqtt_words_say(words, "the link is lost");
}

void mqtt_words_lost_over(struct mqtt_words *words, size_t size, bool told)
{
    if (told)
        mqtt_words_say(words,
                       "the link is lost: a packet of %zu bytes is too large for it, and is held "
                       "back from now on",
                       size);
    else
        mqtt_words_say(words,
                       "the link is lost without a word, with a packet of %zu bytes on its way: "
                       "does it take any so large (Mosquitto: max_packet_size)?",
                       size);
}

void mqtt_words_too_large(struct mqtt_words *words, const char *topic, size_t size, size_t said)
{
    if (said && size > said)
        mqtt_words_say(words,
                       "it takes packets of %zu bytes at most, and '%.120s' has %zu and is not "
                       "published: let it take larger ones (Mosquitto: max_packet_size)",
                       said, topic, size);
    else
        mqtt_words_say(
            words,
            "it ended links over packets as large as '%.120s' of %zu bytes, which is not "
            "published: let it take larger ones (Mosquitto: max_packet_size)",
            topic, size);
}

/* Short, for it goes into health as well: README.md has the commands. Without the broker's word it may be
 * something else. */
void mqtt_words_twin(struct mqtt_words *words, bool told, uint64_t rest_usec)
{
    int minutes = (int)(rest_usec / 60000000);

    if (told)
        mqtt_words_say(words,
                       "another gateway has our machine id (a copied card?): off for %d min; give "
                       "one its own, by systemd-machine-id-setup, and a Name=",
                       minutes);
    else
        mqtt_words_say(words,
                       "each link is ended at once: has another gateway our machine id (a copied "
                       "card)? Off for %d min; see systemd-machine-id-setup, Name=",
                       minutes);
}
