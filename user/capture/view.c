// SPDX-License-Identifier: GPL-2.0-or-later
/* From a record to its view. */
#include <string.h>

#include "view.h"

#define MAC_ADDRESSES 12

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/*
 * An offset within the frame's own Ethernet header, or behind its end, is none; the
 * frame itself is shown then.
 */
static uint32_t inner_offset(const struct xdpfrag_captured *record)
{
	return record->inner >= VIEW_HEAD && record->inner <= record->len ? record->inner : 0;
}

/*
 * The tunnel carries no Ethernet: the frame's addresses stand before what it carries. The
 * EtherType is known from the record, but follows only where the addresses are whole.
 */
static void make_head(struct view *view, const struct xdpfrag_captured *record,
		      const uint8_t *frame, uint32_t captured)
{
	memcpy(view->head, frame, least(captured, MAC_ADDRESSES));
	view->head[MAC_ADDRESSES] = record->inner_proto >> 8;
	view->head[MAC_ADDRESSES + 1] = record->inner_proto;
	view->head_len = captured < MAC_ADDRESSES ? captured : VIEW_HEAD;
	view->len = VIEW_HEAD;
}

void view_make(struct view *view, const struct xdpfrag_captured *record, const void *frame,
	       uint32_t snaplen)
{
	uint32_t captured = least(record->caplen, record->len);
	uint32_t inner = inner_offset(record);
	uint32_t limit = snaplen ? snaplen : UINT32_MAX;

	memset(view, 0, sizeof(*view));
	if (inner && record->inner_proto)
		make_head(view, record, frame, captured);
	view->data = (const uint8_t *)frame + least(inner, captured);
	view->len += record->len - inner;
	view->head_len = least(view->head_len, limit);
	view->data_len = least(captured - least(inner, captured), limit - view->head_len);
	view->caplen = view->head_len + view->data_len;
}

const uint8_t *view_at(const struct view *view, uint32_t offset, uint32_t n)
{
	if (offset > view->caplen || n > view->caplen - offset)
		return NULL;
	if (offset >= view->head_len)
		return view->data + (offset - view->head_len);
	return n <= view->head_len - offset ? view->head + offset : NULL;
}
