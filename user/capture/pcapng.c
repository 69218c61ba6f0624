// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What stands in the blocks of a capture. The names of block types and options are those
 * of draft-ietf-opsawg-pcapng, sections "Section Header Block", "Interface Description
 * Block", "Enhanced Packet Block" and "Interface Statistics Block".
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "config/text.h"
#include "decision.h"
#include "pcapng.h"

enum {
	SECTION_HEADER = 0x0a0d0d0a,
	INTERFACE_DESCRIPTION = 1,
	INTERFACE_STATISTICS = 5,
	ENHANCED_PACKET = 6,
};

enum { OPT_COMMENT = 1 };
enum { SHB_HARDWARE = 2, SHB_OS = 3, SHB_USERAPPL = 4 };
enum { IF_NAME = 2, IF_DESCRIPTION = 3, IF_TSRESOL = 9, IF_FILTER = 11, IF_OS = 12 };
enum { EPB_FLAGS = 2, EPB_QUEUE = 6, EPB_VERDICT = 7 };
enum { ISB_STARTTIME = 2, ISB_ENDTIME = 3, ISB_IFRECV = 4, ISB_IFDROP = 5, ISB_USRDELIV = 8 };

#define BYTE_ORDER_MAGIC  0x1a2b3c4d
#define LENGTH_UNKNOWN	  UINT64_MAX /* of the section: the file is a stream */
#define LINKTYPE_ETHERNET 1
#define NANOSECONDS	  9 /* if_tsresol: 10^-9 s */
#define FILTER_STRING	  0 /* if_filter's first byte: text as libpcap takes it */
#define VERDICT_XDP	  2 /* epb_verdict's first byte: an xdp_action follows, 64 bits */

/* "Enhanced Packet Block Flags Word" */
#define FLAG_INBOUND   (1U << 0)
#define FLAG_UNICAST   (1U << 2)
#define FLAG_MULTICAST (2U << 2)
#define FLAG_BROADCAST (3U << 2)

/* Room for what is of bounded length in a block, options included. */
#define ROOM 512

static size_t text_room(const char *text)
{
	return text ? strlen(text) + BLOCKS_OPTION + 1 : 0;
}

static int section_header(struct pcapng *png)
{
	struct blocks *blocks = &png->blocks;
	int err = block_begin(blocks, SECTION_HEADER, ROOM + text_room(png->about.application));

	if (err)
		return err;
	block_u32(blocks, BYTE_ORDER_MAGIC);
	block_u16(blocks, 1); /* version 1.0 */
	block_u16(blocks, 0);
	block_u64(blocks, LENGTH_UNKNOWN);
	block_option_text(blocks, SHB_HARDWARE, png->hardware);
	block_option_text(blocks, SHB_OS, png->os);
	block_option_text(blocks, SHB_USERAPPL, png->about.application);
	block_options_end(blocks);
	block_end(blocks);
	return 0;
}

int pcapng_open(struct pcapng *png, int fd, const struct pcapng_about *about)
{
	struct utsname host;
	int err;

	memset(png, 0, sizeof(*png));
	png->about = *about;
	if (about->filter && strlen(about->filter) > PCAPNG_TEXT)
		return -E2BIG;
	if (about->application && strlen(about->application) > PCAPNG_TEXT)
		return -E2BIG;
	err = blocks_init(&png->blocks, fd);
	if (err)
		return err;
	if (uname(&host) == 0) {
		snprintf(png->hardware, sizeof(png->hardware), "%s", host.machine);
		snprintf(png->os, sizeof(png->os), "%s %s", host.sysname, host.release);
	}
	return section_header(png);
}

static void filter_option(struct blocks *blocks, const char *filter)
{
	uint8_t kind = FILTER_STRING;

	if (!filter || !*filter)
		return;
	block_u16(blocks, IF_FILTER);
	block_u16(blocks, sizeof(kind) + strlen(filter));
	block_bytes(blocks, &kind, sizeof(kind));
	block_bytes(blocks, filter, strlen(filter));
	block_pad(blocks);
}

int pcapng_nic(struct pcapng *png, const char *name, const char *description, uint32_t *id)
{
	struct blocks *blocks = &png->blocks;
	uint8_t resolution = NANOSECONDS;
	char shown[4 * IFNAMSIZ]; /* texts are UTF-8, and a name need not be */
	int err;

	if (description && strlen(description) > PCAPNG_TEXT)
		return -E2BIG;
	err = block_begin(blocks, INTERFACE_DESCRIPTION,
			  ROOM + text_room(description) + text_room(png->about.filter));
	if (err)
		return err;
	text_escape(shown, sizeof(shown), name);
	block_u16(blocks, LINKTYPE_ETHERNET);
	block_u16(blocks, 0);
	block_u32(blocks, png->about.snaplen);
	block_option_text(blocks, IF_NAME, shown);
	block_option_text(blocks, IF_DESCRIPTION, description);
	block_option(blocks, IF_TSRESOL, &resolution, sizeof(resolution));
	filter_option(blocks, png->about.filter);
	block_option_text(blocks, IF_OS, png->os);
	block_options_end(blocks);
	block_end(blocks);
	*id = png->n_nics++;
	return 0;
}

/* By the address alone: what XDP sees has not been judged by the stack yet. */
static uint32_t packet_flags(const struct view *view)
{
	static const uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	const uint8_t *to = view_at(view, 0, sizeof(broadcast));

	if (!to)
		return FLAG_INBOUND;
	if (!memcmp(to, broadcast, sizeof(broadcast)))
		return FLAG_INBOUND | FLAG_BROADCAST;
	return FLAG_INBOUND | (to[0] & 1 ? FLAG_MULTICAST : FLAG_UNICAST);
}

static void packet_options(struct pcapng *png, const struct xdpfrag_captured *record,
			   const struct view *view)
{
	struct blocks *blocks = &png->blocks;
	uint8_t verdict[9] = { VERDICT_XDP };
	uint64_t action = decision_action(record);
	uint32_t flags = packet_flags(view), queue = record->queue;

	memcpy(verdict + 1, &action, sizeof(action));
	block_option_text(blocks, OPT_COMMENT, comments_text(&png->comments, record));
	block_option(blocks, EPB_FLAGS, &flags, sizeof(flags));
	block_option(blocks, EPB_QUEUE, &queue, sizeof(queue));
	block_option(blocks, EPB_VERDICT, verdict, sizeof(verdict));
	block_options_end(blocks);
}

int pcapng_packet(struct pcapng *png, uint32_t id, uint64_t time,
		  const struct xdpfrag_captured *record, const struct view *view)
{
	struct blocks *blocks = &png->blocks;
	int err = block_begin(blocks, ENHANCED_PACKET, ROOM + (size_t)view->caplen);

	if (err)
		return err;
	block_u32(blocks, id);
	block_time(blocks, time);
	block_u32(blocks, view->caplen);
	block_u32(blocks, view->len);
	block_bytes(blocks, view->head, view->head_len);
	block_bytes(blocks, view->data, view->data_len);
	block_pad(blocks);
	packet_options(png, record, view);
	block_end(blocks);
	return 0;
}

static void count_option(struct blocks *blocks, uint16_t code, uint64_t count)
{
	if (count != PCAPNG_UNKNOWN)
		block_option_u64(blocks, code, count);
}

/* isb_ifdrop rather than isb_osdrop: it is what Wireshark shows as dropped packets. */
int pcapng_statistics(struct pcapng *png, uint32_t id, const struct pcapng_statistics *statistics)
{
	struct blocks *blocks = &png->blocks;
	int err = block_begin(blocks, INTERFACE_STATISTICS, ROOM);

	if (err)
		return err;
	block_u32(blocks, id);
	block_time(blocks, statistics->time);
	block_option_time(blocks, ISB_STARTTIME, statistics->start);
	block_option_time(blocks, ISB_ENDTIME, statistics->end);
	count_option(blocks, ISB_IFRECV, statistics->received);
	count_option(blocks, ISB_IFDROP, statistics->lost);
	count_option(blocks, ISB_USRDELIV, statistics->captured);
	block_options_end(blocks);
	block_end(blocks);
	return 0;
}

int pcapng_flush(struct pcapng *png)
{
	return blocks_flush(&png->blocks);
}

void pcapng_close(struct pcapng *png)
{
	blocks_free(&png->blocks);
}
