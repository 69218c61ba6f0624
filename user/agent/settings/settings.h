/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reconcile's part for `link set`: MTU, promiscuous and allmulti flag, offloads,
 * of any NIC of the namespace, steered or not.
 *
 * A setting goes through these states. Stated and its NIC there: how it was found
 * is kept (agent/found.h) before the first touch, and it is applied. In force and
 * found otherwise: somebody changed it, so it is put back, logged and counted as
 * drift. Refused by the NIC: the statement stays, with a reason. Not stated any
 * more: what was found is put back, unless somebody else has changed it since.
 * A statement means whichever NIC has its name; what was found belongs to the NIC
 * itself, whatever it is called.
 *
 * The agent's end leaves all settings as they are, as `ip link set` would; the
 * next agent knows from RUN_DIR what was found.
 */
#ifndef XDPFRAG_SETTINGS_H
#define XDPFRAG_SETTINGS_H

#include <jansson.h>
#include <time.h>

#include "agent/settings/drift.h"
#include "agent/settings/setting.h"
#include "config/config.h"
#include "netstate/links.h"
#include "netstate/nic.h"

struct agent;

/* One setting that is stated of one NIC, and how far it is. */
struct setting_state {
	uint32_t wanted; /* for which the rest holds */
	bool in_force;	 /* as stated, when last seen */
	bool had;	 /* it has been in force on this NIC: found otherwise is drift */
	bool known;	 /* `now` has been read */
	uint32_t now;	 /* what the NIC had when last seen; bytes, or 0 and 1 */
	uint64_t drift;	 /* how often it was put back; the one thing that outlives a NIC */
	struct drift pace;
	char reason[SETTING_REASON]; /* why it is not in force; "" */
	/* A refusal of the kernel is not tried again until one of these changes, or a while has
	 * passed.
	 */
	uint32_t failed_raw, failed_program;
	time_t failed_at; /* CLOCK_MONOTONIC; 0: has not failed */
};

/* A NIC of which something is stated: one for each of config.settings. */
struct settings_nic {
	char name[IFNAMSIZ];
	uint64_t id;	  /* nic_identify(); what is kept here holds for this NIC. 0: absent */
	uint32_t program; /* on its XDP hook, whose coming and going changes offloads */
	struct setting_state settings[LINK_SETTINGS];
};

struct settings {
	uint64_t drift; /* settings put back, all NICs, also of statements that are gone */
	struct settings_nic nics[CONFIG_LINKS];
	size_t n_nics;
	struct nic_access access; /* opened when first needed */
	/* While a change is carried out: an array for sentences about it. Else NULL. */
	json_t *told;
};

/*
 * Brings every NIC to what is stated of it, and back to what was found where
 * nothing is stated any more. `must` is a statement that must be had whole, or
 * nothing is to change: on error and rep the caller goes back to the desired state
 * of before and reconciles again, which puts back what was changed until then.
 * NULL, and for all others: what is refused is kept as a reason, and shown.
 */
int settings_reconcile(struct agent *agent, const struct links *links,
		       const struct link_settings *must, struct report *rep);

/* The MTU that `link show` says of a managed NIC, until the next reconcile reads it. */
void settings_note_mtu(struct agent *agent, const char *nic, uint32_t mtu);

/* The agent ends: closes what is open, and changes nothing. */
void settings_end(struct agent *agent);

/*
 * `settings` of `link show`: {"mtu": {"wanted": 9000, "now": 1500 (left out: not
 * read yet, or the NIC is absent), "in_force": false, "reason": "why not; ''",
 * "drift": 0}, "promisc": {"wanted": true, …}}, switches as booleans. {} when nothing
 * is stated of a NIC with this name. The NICs of which something is stated are those of
 * agent->config.settings.
 */
json_t *settings_show(const struct agent *agent, const char *nic);
/* `drift` of `link show`: settings of this NIC that were put back. 0 when nothing is stated. */
uint64_t settings_drift(const struct agent *agent, const char *nic);

/*
 * Sentences for the one who made this statement: its NIC is absent; who still
 * holds the NIC promiscuous or allmulti after an `off`.
 */
void settings_warn(const struct agent *agent, const struct link_settings *said, json_t *warnings);
/* After a file: every setting that is not in force, and why. */
void settings_warn_refused(const struct agent *agent, json_t *warnings);

#endif
