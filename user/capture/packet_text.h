/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets in words, for packet_line.c: what no header said is not told, and nothing is
 * read that was not captured.
 */
#ifndef XDPFRAG_PACKET_TEXT_H
#define XDPFRAG_PACKET_TEXT_H

#include "line.h"
#include "view.h"

/* The whole packet, from its Ethernet header on. */
void packet_text(struct line *line, const struct view *view);

/* The IP packet that begins at `at`. */
void packet_ipv4(struct line *line, const struct view *view, uint32_t at);
void packet_ipv6(struct line *line, const struct view *view, uint32_t at);

/* Why a header that ends at `end` cannot be read. */
const char *packet_missing(const struct view *view, uint32_t end);

static inline uint16_t packet_u16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static inline uint32_t packet_u32(const uint8_t *at)
{
	return (uint32_t)packet_u16(at) << 16 | packet_u16(at + 2);
}

#endif
