/* SPDX-License-Identifier: MIT */
/*
 * Paho keeps its SSL objects to itself. But OpenSSL lets a program hang data of its own on each of them,
 * and calls it when one is made: that is where each gets our callback, which Paho does not set.
 */
#include "daemon/broker/paho/handshake.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include "daemon/util.h"

static struct {
    pthread_mutex_t lock;
    char host[256];
    enum handshake outcome;
    struct handshake_text text;
} found = { .lock = PTHREAD_MUTEX_INITIALIZER };

static enum handshake outcome_of(long result)
{
    switch (result) {
    case X509_V_OK:
        return HANDSHAKE_NONE;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return HANDSHAKE_EXPIRED;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return HANDSHAKE_EARLY;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE: /* another CA of the same name */
        return HANDSHAKE_ISSUER;
    default:
        return HANDSHAKE_UNSOUND;
    }
}

/* What a broker says of a certificate of ours; 40 is all that TLS 1.2 has for one that is missing. */
static bool is_about_ours(int alert)
{
    return alert == SSL3_AD_HANDSHAKE_FAILURE || alert == TLS13_AD_CERTIFICATE_REQUIRED ||
           alert == SSL3_AD_NO_CERTIFICATE || alert == SSL3_AD_BAD_CERTIFICATE ||
           alert == SSL3_AD_UNSUPPORTED_CERTIFICATE || alert == SSL3_AD_CERTIFICATE_REVOKED ||
           alert == SSL3_AD_CERTIFICATE_EXPIRED || alert == SSL3_AD_CERTIFICATE_UNKNOWN ||
           alert == TLS1_AD_UNKNOWN_CA;
}

static void note(enum handshake outcome, const char *text)
{
    found.outcome = outcome;
    found.text.days_left = INT_MAX;
    snprintf(found.text.text, sizeof(found.text.text), "%s", text);
}

/* Ours: for what is in its certificate. Theirs: for what they think of us. */
static void note_alert(const SSL *ssl, bool ours, int alert)
{
    long result = SSL_get_verify_result(ssl);

    if (ours && result != X509_V_OK)
        note(outcome_of(result), X509_verify_cert_error_string(result));
    else if (!ours && alert != SSL3_AD_CLOSE_NOTIFY && alert != TLS1_AD_USER_CANCELLED)
        note(is_about_ours(alert) ? HANDSHAKE_OURS : HANDSHAKE_PROTOCOL,
             SSL_alert_desc_string_long(alert));
}

static void note_end(const X509 *certificate)
{
    int days, seconds;

    if (ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(certificate)))
        found.text.days_left = days;
}

static void note_name(const SSL *ssl)
{
    X509 *certificate = SSL_get1_peer_certificate(ssl);
    bool fits = certificate && (X509_check_host(certificate, found.host, 0, 0, NULL) == 1 ||
                                X509_check_ip_asc(certificate, found.host, 0) == 1);

    note(fits ? HANDSHAKE_SOUND : HANDSHAKE_NAME, "");
    if (fits)
        note_end(certificate);
    X509_free(certificate);
}

static void on_step(const SSL *ssl, int where, int value)
{
    pthread_mutex_lock(&found.lock);
    if (where & SSL_CB_ALERT)
        note_alert(ssl, (where & SSL_CB_WRITE) != 0, value & 0xff);
    else if ((where & SSL_CB_HANDSHAKE_DONE) && found.outcome == HANDSHAKE_NONE)
        note_name(ssl);
    pthread_mutex_unlock(&found.lock);
}

static void on_new_ssl(void *parent, void *nothing, CRYPTO_EX_DATA *data, int index, long number,
                       void *argument)
{
    SSL_set_info_callback(parent, on_step);
}

/* Without a free index there is no word of what is wrong with a certificate, but it is refused as ever. */
static void listen_to_handshakes(void)
{
    (void)SSL_get_ex_new_index(0, NULL, on_new_ssl, NULL, NULL);
}

void handshake_begin(const char *host)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, listen_to_handshakes);
    pthread_mutex_lock(&found.lock);
    snprintf(found.host, sizeof(found.host), "%s", host);
    note(HANDSHAKE_NONE, "");
    pthread_mutex_unlock(&found.lock);
}

enum handshake handshake_get(struct handshake_text *ret)
{
    pthread_mutex_lock(&found.lock);
    enum handshake outcome = found.outcome;
    *ret = found.text;
    pthread_mutex_unlock(&found.lock);
    return outcome;
}
