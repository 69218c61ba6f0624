/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where captured packets go: lines on the terminal, JSON, or a pcapng file; and the NICs that they
 * came in on, by the numbers that their records have.
 */
#ifndef XDPFRAG_CAPTURE_OUT_H
#define XDPFRAG_CAPTURE_OUT_H

#include <jansson.h>
#include <net/if.h>
#include <stdbool.h>

#include "capture/pcapng.h"
#include "capture/view.h"
#include "capture_options.h"
#include "xdpfrag/captured.h"
#include "xdpfrag/state.h"

struct capture_nic {
	char name[IFNAMSIZ];
	uint32_t slot, ifindex;
	uint32_t id; /* in the file */
};

struct capture_out {
	const struct capture_options *options;
	bool json;
	int fd;	      /* of the file; -1: none */
	bool to_file; /* and its blocks are made */
	bool is_new;  /* and was not there before */
	bool begun;   /* what it begins with is there */
	struct pcapng png;
	uint64_t began; /* ns since the epoch */
	/* Added as they show; with those that were deleted meanwhile, and made again. */
	struct capture_nic *nics;
	size_t n_nics;
	int nic_width;
};

/*
 * Before the capture, so that a file that cannot be written is known by then; what it holds stays
 * until capture_out_begin(). 0, or a negative errno with a report; capture_out_close() after 0.
 */
int capture_out_open(struct capture_out *out, const struct capture_options *options, bool json,
		     struct report *rep);
/* `links` as `capture show` has them. 0, or a negative errno with a report. */
int capture_out_begin(struct capture_out *out, const json_t *links, struct report *rep);
/* The links that the agent knows now, beside those that are known already. */
int capture_out_links(struct capture_out *out, const json_t *links);
/* The one that the agent speaks of, which may be gone; NULL: not known. */
const struct capture_nic *capture_out_nic(const struct capture_out *out, const json_t *link);
/* Is the NIC of this record known? */
bool capture_out_knows(const struct capture_out *out, const struct xdpfrag_captured *record);

/* time: ns since the epoch. 0 or negative errno of writing. */
int capture_out_packet(struct capture_out *out, uint64_t time,
		       const struct xdpfrag_captured *record, const struct view *view);
int capture_out_flush(struct capture_out *out);
/* What was captured and lost on each NIC; then the end of the file, which must be flushed. */
int capture_out_statistics(struct capture_out *out, const json_t *links);
/* Says what err means for a write, and where to. Returns err. */
int capture_out_failed(const struct capture_out *out, int err, struct report *rep);
void capture_out_close(struct capture_out *out);

uint64_t capture_now(void); /* ns since the epoch */

#endif
