/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Why a TLS link did not come about. Paho tells no more than that it did not, and OpenSSL's error says
 * "certificate verify failed" of every certificate that is not to be trusted; OpenSSL itself knows, and
 * tells whoever listens to its handshakes.
 *
 * There is one for the process: two links connect at once only when a reload changes brokers, and then the
 * worst is a sentence about the wrong one of both.
 */
#include <limits.h>

enum handshake {
    HANDSHAKE_NONE,     /* no handshake came so far */
    HANDSHAKE_SOUND,    /* its certificate is good: whatever came after was not for that */
    HANDSHAKE_NAME,     /* made out to another name */
    HANDSHAKE_EXPIRED,  /* no longer valid, or a CA's above it */
    HANDSHAKE_EARLY,    /* not valid yet */
    HANDSHAKE_ISSUER,   /* not signed by a CA that is trusted */
    HANDSHAKE_UNSOUND,  /* something else: see the text */
    HANDSHAKE_OURS,     /* the broker refuses our certificate, or wants one: see the text */
    HANDSHAKE_PROTOCOL, /* the broker ended the handshake for another reason: see the text */
};

struct handshake_text {
    char text[96]; /* OpenSSL's words */
    int days_left; /* of a certificate that is good, in whole days; INT_MAX: not known */
};

/* A connection to this host begins, with TLS or without: what was found before is forgotten. */
void handshake_begin(const char *host);
enum handshake handshake_get(struct handshake_text *ret);
