// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules of nftables that make the kernel put IPv4 datagrams together before routing. */
#include <errno.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <string.h>

/* Behind netinet/in.h, so that the kernel's own names of the same things stay out. */
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>

#include "diagnose/collect.h"

#ifndef NFTA_TARGET_MAX	   /* linux/netfilter/nf_tables_compat.h */
#define NFTA_TARGET_NAME 1 /* of a match too */
#define NFTA_TARGET_MAX	 3
#endif

struct search {
	struct fact_defrag *defrag;
	int n;
	int err;
};

bool xtables_wants_defrag(const char *name)
{
	static const char *const names[] = { "conntrack", "state",     "connmark", "connbytes",
					     "connlimit", "connlabel", "helper",   "cluster",
					     "socket",	  "CT",	       "CONNMARK", "CONNSECMARK",
					     "DNAT",	  "SNAT",      "NETMAP",   "MASQUERADE",
					     "REDIRECT",  "SYNPROXY",  "TPROXY",   "CLUSTERIP" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

static bool expression_wants(const char *name)
{
	static const char *const names[] = { "ct",	  "nat",	  "masq",     "redir",
					     "connlimit", "flow_offload", "synproxy", "tproxy" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* The name of an expression that wants it, also of one that iptables-nft wrapped; NULL. */
static const char *wanting(struct nlattr *element)
{
	struct nlattr *tb[NFTA_EXPR_MAX + 1], *inner[NFTA_TARGET_MAX + 1];
	const char *name;

	if (nla_parse_nested(tb, NFTA_EXPR_MAX, element, NULL) < 0 || !tb[NFTA_EXPR_NAME])
		return NULL;
	name = nla_get_string(tb[NFTA_EXPR_NAME]);
	if (expression_wants(name))
		return name;
	if ((strcmp(name, "match") && strcmp(name, "target")) || !tb[NFTA_EXPR_DATA] ||
	    nla_parse_nested(inner, NFTA_TARGET_MAX, tb[NFTA_EXPR_DATA], NULL) < 0 ||
	    !inner[NFTA_TARGET_NAME])
		return NULL;
	name = nla_get_string(inner[NFTA_TARGET_NAME]);
	return xtables_wants_defrag(name) ? name : NULL;
}

static const char *family_name(uint8_t family)
{
	return family == NFPROTO_INET ? "inet" : "ip";
}

static int on_rule(struct nl_msg *msg, void *arg)
{
	struct search *search = arg;
	const struct nfgenmsg *header = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *tb[NFTA_RULE_MAX + 1], *element;
	int left;

	/* In the others it concerns IPv6 or bridged frames. */
	if (header->nfgen_family != NFPROTO_IPV4 && header->nfgen_family != NFPROTO_INET)
		return NL_OK;
	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(*header), tb, NFTA_RULE_MAX, NULL) < 0 ||
	    !tb[NFTA_RULE_EXPRESSIONS] || !tb[NFTA_RULE_TABLE] || !tb[NFTA_RULE_CHAIN])
		return NL_SKIP;
	nla_for_each_nested (element, tb[NFTA_RULE_EXPRESSIONS], left) {
		const char *name = wanting(element);

		if (!name)
			continue;
		/* A few name the culprit; a firewall has hundreds. */
		if (++search->n <= 3)
			defrag_add(search->defrag,
				   "the rule with \"%s\" in nftables' chain %s %s %s", name,
				   family_name(header->nfgen_family),
				   nla_get_string(tb[NFTA_RULE_TABLE]),
				   nla_get_string(tb[NFTA_RULE_CHAIN]));
		break;
	}
	return NL_OK;
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *error, void *arg)
{
	(void)from;
	((struct search *)arg)->err = error->error;
	return NL_STOP;
}

static int ask(struct nl_sock *sock)
{
	const struct nfgenmsg header = { .nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0 };
	struct nl_msg *msg =
		nlmsg_alloc_simple(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETRULE, NLM_F_DUMP);
	int err = -NLE_NOMEM;

	if (msg)
		err = nlmsg_append(msg, (void *)&header, sizeof(header), NLMSG_ALIGNTO);
	if (!err)
		err = nl_send_auto(sock, msg);
	nlmsg_free(msg);
	return err;
}

int collect_nft(struct fact_defrag *defrag)
{
	struct search search = { .defrag = defrag };
	struct nl_sock *sock = nl_socket_alloc();
	int err;

	if (!sock)
		return -ENOMEM;
	nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, on_rule, &search);
	nl_socket_modify_err_cb(sock, NL_CB_CUSTOM, on_error, &search);
	err = nl_connect(sock, NETLINK_NETFILTER);
	if (!err)
		err = ask(sock);
	if (err >= 0)
		err = nl_recvmsgs_default(sock);
	nl_socket_free(sock);
	return search.n ? search.n : search.err ? search.err : err < 0 ? -EIO : 0;
}
