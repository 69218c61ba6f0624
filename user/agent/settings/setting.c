// SPDX-License-Identifier: GPL-2.0-or-later
/* One setting of one NIC. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/settings/setting.h"
#include "config/statement.h"
#include "datapath/hook.h"

#define BIT(feature) (1U << (feature))
#define TSO_MAIN     (BIT(NIC_TSO4) | BIT(NIC_TSO6))

/*
 * What `on` asks for, and what `off` takes away. TSO that reuses IP ids
 * (mangleid) is for those who ask for it by name; the kernel does not turn it on
 * by itself either (net/core/dev.c, register_netdevice).
 */
static const struct {
	uint32_t on, all;
} offloads[LINK_SETTINGS] = {
	[SETTING_GRO] = { BIT(NIC_GRO), BIT(NIC_GRO) },
	[SETTING_LRO] = { BIT(NIC_LRO), BIT(NIC_LRO) },
	[SETTING_GSO] = { BIT(NIC_GSO), BIT(NIC_GSO) },
	[SETTING_TSO] = { TSO_MAIN | BIT(NIC_TSO_ECN) | BIT(NIC_TSO_ACCECN),
			  TSO_MAIN | BIT(NIC_TSO_ECN) | BIT(NIC_TSO_ACCECN) |
				  BIT(NIC_TSO_MANGLEID) },
};

bool setting_is_offload(enum link_setting setting)
{
	return offloads[setting].all != 0;
}

static uint32_t flag_of(enum link_setting setting)
{
	return setting == SETTING_PROMISC ? IFF_PROMISC : IFF_ALLMULTI;
}

uint32_t setting_raw(enum link_setting setting, const struct nic_view *view)
{
	const struct nic_features *features = &view->features;

	if (setting == SETTING_MTU)
		return view->link->mtu;
	/* What is on unasked counts too: a veth turns GRO on while it has an XDP program. */
	if (setting_is_offload(setting))
		return (features->requested | features->active) & offloads[setting].all;
	return !!(view->link->flags & flag_of(setting));
}

uint32_t setting_now(enum link_setting setting, const struct nic_view *view)
{
	if (setting_is_offload(setting))
		return !!(view->features.active & offloads[setting].all);
	return setting_raw(setting, view);
}

/* The features that must be on for `on`: of a NIC with TSO for one family, that one. */
static uint32_t needed(enum link_setting setting, const struct nic_features *features)
{
	return (setting == SETTING_TSO ? TSO_MAIN : offloads[setting].on) & features->changeable;
}

bool setting_is(enum link_setting setting, uint32_t wanted, const struct nic_view *view)
{
	const struct nic_features *features = &view->features;
	uint32_t need = needed(setting, features);

	if (setting_is_offload(setting) && view->err)
		return false;
	if (!setting_is_offload(setting) || !wanted)
		return setting_now(setting, view) == wanted;
	return need ? (features->active & need) == need : setting_now(setting, view);
}

static bool mtu_possible(uint32_t mtu, const struct link *link, char *reason)
{
	if (mtu >= link->mtu_min && (!link->mtu_max || mtu <= link->mtu_max))
		return true;
	/* 65,535 is what a veth takes else (drivers/net/veth.c, veth_xdp_set). */
	snprintf(reason, SETTING_REASON, "it takes an MTU of %u to %u bytes%s", link->mtu_min,
		 link->mtu_max,
		 !strcmp(link->kind, "veth") && link->mtu_max < UINT16_MAX
			 ? " while its peer has an XDP program without multi-buffer support "
			   "(xdp.frags)"
			 : "");
	return false;
}

bool setting_possible(enum link_setting setting, uint32_t wanted, const struct nic_view *view,
		      char reason[SETTING_REASON])
{
	const struct nic_features *features = &view->features;
	uint32_t all = offloads[setting].all;

	reason[0] = '\0';
	if (setting_is(setting, wanted, view))
		return true;
	if (setting == SETTING_MTU)
		return mtu_possible(wanted, view->link, reason);
	if (!setting_is_offload(setting))
		return true;
	if (view->err) {
		snprintf(reason, SETTING_REASON, "its offloads cannot be read: %s",
			 strerror(-view->err));
		return false;
	}
	if (wanted ? needed(setting, features) : !(features->active & all & ~features->changeable))
		return true;
	snprintf(reason, SETTING_REASON, "the driver has it fixed %s%s", wanted ? "off" : "on",
		 wanted && setting != SETTING_LRO && !strcmp(view->link->kind, "veth")
			 ? " while its peer has an XDP program"
			 : "");
	return false;
}

uint32_t setting_goal(enum link_setting setting, uint32_t wanted, const struct nic_view *view)
{
	uint32_t raw = setting_raw(setting, view);

	if (!setting_is_offload(setting))
		return wanted;
	if (wanted)
		return raw | (offloads[setting].on & view->features.changeable);
	return raw & ~view->features.changeable;
}

const char *setting_raw_text(enum link_setting setting, uint32_t raw, char *buf, size_t len)
{
	return setting_text(setting, setting == SETTING_MTU ? raw : !!raw, buf, len);
}

/* Why a driver may have refused an MTU in so many words as "Invalid argument". */
static void explain_mtu(const struct link *link, uint32_t mtu, char *reason)
{
	size_t used = strlen(reason);
	struct hook hook;

	if (!link->program || mtu <= link->mtu || hook_read(&hook, link->ifindex) || !hook.main ||
	    hook.frags)
		return;
	snprintf(reason + used, SETTING_REASON - used,
		 "; XDP program %s is on its hook, and without multi-buffer support (xdp.frags) "
		 "that takes frames of one page at most",
		 hook.other);
}

static int apply_offload(struct nic_access *access, enum link_setting setting, uint32_t raw,
			 struct nic_view *view, char *reason)
{
	uint32_t mask = offloads[setting].all & view->features.changeable;
	int err = nic_set_features(access, view->link, mask, raw);

	if (!err)
		err = nic_get_features(access, view->link, &view->features);
	if (err)
		snprintf(reason, SETTING_REASON, "%s", strerror(-err));
	return err;
}

int setting_apply(struct nic_access *access, enum link_setting setting, uint32_t raw,
		  struct nic_view *view, char reason[SETTING_REASON])
{
	char words[NIC_REASON] = "";
	int err;

	reason[0] = '\0';
	if (setting_is_offload(setting))
		return apply_offload(access, setting, raw, view, reason);
	if (setting == SETTING_MTU)
		err = nic_set_mtu(view->link, raw, words);
	else
		err = nic_set_flag(view->link, flag_of(setting), raw, words);
	if (!err)
		return 0;
	snprintf(reason, SETTING_REASON, "%s%s%s%s", strerror(-err), words[0] ? " (" : "", words,
		 words[0] ? ")" : "");
	if (setting == SETTING_MTU)
		explain_mtu(view->link, raw, reason);
	return err;
}

void setting_unmet(enum link_setting setting, uint32_t wanted, const struct nic_view *view,
		   char reason[SETTING_REASON])
{
	char now[16];

	snprintf(reason, SETTING_REASON,
		 "it was asked for and stayed %s: something that it depends on, or an XDP program, "
		 "keeps it so; see ethtool -k %s",
		 setting_text(setting, !wanted, now, sizeof(now)), view->link->name);
}
