/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The view of a captured frame: the packet that the filter was asked about, which is
 * shown and written in place of the frame (include/xdpfrag/captured.h). Without a tunnel
 * it is the frame. Bytes are pointed at, never copied, but for an Ethernet header
 * that no frame had.
 */
#ifndef XDPFRAG_VIEW_H
#define XDPFRAG_VIEW_H

#include <stdint.h>

#include "xdpfrag/captured.h"

#define VIEW_HEAD 14 /* an Ethernet header */

/* The bytes of `head`, and behind them those at `data`. */
struct view {
	uint8_t head[VIEW_HEAD];
	uint32_t head_len;   /* 0, unless the Ethernet header is made up; then up to VIEW_HEAD */
	uint32_t data_len;   /* bytes at `data` */
	const uint8_t *data; /* into the frame */
	uint32_t caplen;     /* head_len + data_len */
	uint32_t len;	     /* of the whole packet; at least caplen */
};

/*
 * `frame`: record->caplen bytes, which must outlive the view. snaplen: bytes of the view
 * at most; 0: all that was captured.
 */
void view_make(struct view *view, const struct xdpfrag_captured *record, const void *frame,
	       uint32_t snaplen);

/*
 * n bytes from `offset` on; NULL when not all of them were captured, or when they lie
 * on both sides of a made-up Ethernet header's end, where no header field does.
 */
const uint8_t *view_at(const struct view *view, uint32_t offset, uint32_t n);

#endif
