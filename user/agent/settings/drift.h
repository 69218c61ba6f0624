/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How often one setting may be put back. Another program that sets it again each
 * time would otherwise keep both busy for ever: after DRIFT_BURST times within
 * DRIFT_SECONDS it is put back once in DRIFT_SECONDS, until it has stayed for as
 * long. Pure: the caller brings the clock. Zeroed is fresh.
 */
#ifndef XDPFRAG_DRIFT_H
#define XDPFRAG_DRIFT_H

#include <stdbool.h>
#include <stdint.h>

#define DRIFT_BURST   10
#define DRIFT_SECONDS 10

struct drift {
	uint64_t since; /* milliseconds, when the burst began; when held back: the last time */
	uint32_t count; /* put back since then */
	bool held;	/* another program sets it again and again */
};

enum drift_verdict {
	DRIFT_PUT_BACK,
	DRIFT_HOLD,	  /* not now */
	DRIFT_HOLD_BEGINS /* not now, and this is the first time */
};

/* The setting was found changed, at now_ms of a monotonic clock. */
enum drift_verdict drift_found(struct drift *drift, uint64_t now_ms);
/* The setting was found as it should be. True when a fight is over by that. */
bool drift_quiet(struct drift *drift, uint64_t now_ms);

#endif
