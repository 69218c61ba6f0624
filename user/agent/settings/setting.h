/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One setting of one NIC: what the NIC has, whether that is what is stated, whether
 * it can be had, and what is to be asked for. Pure but for setting_apply(); the
 * caller has read the link and its offloads.
 *
 * The raw value is what can be put back exactly: bytes of MTU, a flag as 0 or 1,
 * or for an offload the bits of its features (enum nic_feature), of which `tso`
 * has several.
 */
#ifndef XDPFRAG_SETTING_H
#define XDPFRAG_SETTING_H

#include "config/config.h"
#include "netstate/links.h"
#include "netstate/nic.h"

#define SETTING_REASON 224

/* What is read of a NIC; `features` zeroed where no offload is asked about. */
struct nic_view {
	const struct link *link;
	struct nic_features features;
	int err; /* why the features could not be read; 0 */
};

bool setting_is_offload(enum link_setting setting);

uint32_t setting_raw(enum link_setting setting, const struct nic_view *view);
/* As a statement says it: bytes, or 0 and 1. */
uint32_t setting_now(enum link_setting setting, const struct nic_view *view);
/* Is it as stated? */
bool setting_is(enum link_setting setting, uint32_t wanted, const struct nic_view *view);
/*
 * Can the NIC have it, as far as that is known beforehand? Else the reason: "it
 * takes an MTU of 68 to 1500 bytes", "the driver has it fixed off".
 */
bool setting_possible(enum link_setting setting, uint32_t wanted, const struct nic_view *view,
		      char reason[SETTING_REASON]);
/* The raw value to ask for. */
uint32_t setting_goal(enum link_setting setting, uint32_t wanted, const struct nic_view *view);
/* Raw as text: "1500", "on". */
const char *setting_raw_text(enum link_setting setting, uint32_t raw, char *buf, size_t len);

/*
 * Asks the kernel for a raw value, and reads offloads again into the view (the link
 * there stays as it was). 0 or negative errno with the reason. Whether an offload came
 * about is another matter: setting_is(), and else setting_unmet() for the reason.
 */
int setting_apply(struct nic_access *access, enum link_setting setting, uint32_t raw,
		  struct nic_view *view, char reason[SETTING_REASON]);
void setting_unmet(enum link_setting setting, uint32_t wanted, const struct nic_view *view,
		   char reason[SETTING_REASON]);

#endif
