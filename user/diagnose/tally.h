/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables of a watch: observations in, counts by NIC, group and peer out. Pure, of
 * fixed size, made by tally_init() and freed by tally_free().
 */
#ifndef XDPFRAG_TALLY_H
#define XDPFRAG_TALLY_H

#include "diagnose/multilinear.h"
#include "diagnose/observe.h"
#include "diagnose/watch.h"

struct tally {
	struct multilinear hash;
	struct watch_group *groups;
	uint16_t *index; /* into groups: open addressing, twice as many */
	size_t n_groups;
	struct watch_peer peers[WATCH_PEERS];
	size_t n_peers, oldest_peer;
};

int tally_init(struct tally *tally); /* 0 or negative errno */
void tally_free(struct tally *tally);
/* One frame that came in on the NIC of `nic`. */
void tally_add(struct tally *tally, struct watch_seen *nic, const struct observation *seen);

#endif
