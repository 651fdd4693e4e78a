/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The encodings that GPX and TCX come in. Nearly all are in UTF-8; older programs for Windows write
 * their code page, some convert a file and leave the declaration as it was. All we read is ASCII but
 * for the name of the maker, so of a code page only where its ASCII is matters.
 *
 *   UTF-16        by its mark, or by the NUL beside its "<", whatever is declared
 *   UTF-8         also where UTF-16 is declared and the bytes are none
 *   as declared   ISO-8859-1 and ASCII (expat's own), Windows-125x, ISO-8859-x, KOI8: one byte each
 */
#include <expat.h>
#include <stddef.h>
#include <stdint.h>

#define XML_HEAD_MAX 128 /* bytes in which a declaration ends */

/* What to tell expat that has these first bytes of a document; NULL: as declared. */
const char *xml_encoding_of(const uint8_t *head, size_t n);
/* For XML_SetUnknownEncodingHandler. */
int xml_encoding_unknown(void *userdata, const XML_Char *name, XML_Encoding *ret);
