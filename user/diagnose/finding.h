/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What doctor has to say: findings, each with its evidence and the commands that
 * mend it. Plain data of a bounded size: about 500 KiB, made for a report and
 * freed with it. A zeroed struct findings holds none.
 *
 * A rule adds findings and never fails: what there is no room for is counted.
 */
#ifndef XDPFRAG_FINDING_H
#define XDPFRAG_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#define FINDINGS_MAX	 128
#define FINDING_EVIDENCE 8
#define FINDING_REMEDIES 8

enum severity {
	SEVERITY_WARNING, /* a risk, or something that misleads */
	SEVERITY_FAULT,	  /* data is being lost, or will be for sure */
};

struct finding {
	const char *id; /* stays the same from release to release: "fragments-on-two-nics" */
	enum severity severity;
	char title[192];
	char evidence[FINDING_EVIDENCE][320]; /* sentences */
	size_t n_evidence;
	/* Commands of a shell; none when nothing that can be typed on this host mends it. */
	char remedy[FINDING_REMEDIES][224];
	size_t n_remedies;
};

struct findings {
	struct finding finding[FINDINGS_MAX];
	size_t n;
	size_t left_out; /* that there was no room for */
};

/* NULL when there is no room; the two below then do nothing. */
struct finding *finding_add(struct findings *findings, const char *id, enum severity severity,
			    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void evidence(struct finding *finding, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same command is not said twice. */
void remedy(struct finding *finding, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Has one of this id and at least this severity been added? */
bool findings_have(const struct findings *findings, const char *id, enum severity severity);
/* Faults first; otherwise in the order in which they were added. */
void findings_sort(struct findings *findings);

const char *severity_name(enum severity severity); /* "warning", "fault" */

#endif
