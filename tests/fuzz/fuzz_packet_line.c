// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A NIC's name, a record and a frame of any bytes, captured whole and in part: the line
 * is whole, can be shown on any terminal, and is made of nothing that was not captured.
 */
#include <net/if.h>
#include <string.h>

#include "capture/decision.h"
#include "capture/packet_line.h"
#include "fuzz.h"

#define BEFORE (IFNAMSIZ + sizeof(struct xdpfrag_captured))

static void check_text(const char *text)
{
	for (; *text; text++)
		must(*text >= ' ' && *text <= '~', "a line of printable characters");
}

/* Well-formed UTF-8 in a NIC's name is shown as it is. */
static void make_ascii(char nic[IFNAMSIZ])
{
	int i;

	nic[IFNAMSIZ - 1] = '\0';
	for (i = 0; i < IFNAMSIZ; i++)
		if ((unsigned char)nic[i] >= 0xc2)
			nic[i] &= 0x7f;
}

/* In memory of its own size, so that a read behind the end is found. */
static void check_captured(const char *nic, struct xdpfrag_captured record, const uint8_t *frame,
			   uint32_t captured, uint32_t len)
{
	char line[PACKET_LINE], comment[DECISION_TEXT];
	uint8_t *copy = malloc(captured ? captured : 1);
	struct view view;
	struct packet_line packet = {
		.time = record.time, .nic = nic, .nic_width = 4, .record = &record, .view = &view
	};
	size_t used;

	must(copy, "memory");
	memcpy(copy, frame, captured);
	record.caplen = captured;
	record.len = len;
	view_make(&view, &record, copy, record.reserved);
	must(view.caplen == view.head_len + view.data_len, "a view of two pieces");
	must(view.caplen <= view.len, "a view longer than its packet");
	used = packet_line(line, sizeof(line), &packet);
	must(used == strlen(line) && used < sizeof(line) - 1, "a line that was cut");
	check_text(line);
	decision_text(&record, comment, sizeof(comment));
	must(strlen(comment) < sizeof(comment) - 1, "a comment that was cut");
	check_text(comment);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xdpfrag_captured record;
	char nic[IFNAMSIZ];
	size_t captured;

	if (size < BEFORE)
		return 0;
	memcpy(nic, data, sizeof(nic));
	memcpy(&record, data + sizeof(nic), sizeof(record));
	make_ascii(nic);
	data += BEFORE;
	size -= BEFORE;
	for (captured = 0; captured < size; captured += 1 + captured / 16) {
		check_captured(nic, record, data, captured, size);
		check_captured(nic, record, data, captured, captured);
	}
	check_captured(nic, record, data, size, size);
	check_captured(nic, record, data, size, size + 2000);
	return 0;
}
