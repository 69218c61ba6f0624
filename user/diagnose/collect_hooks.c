// SPDX-License-Identifier: GPL-2.0-or-later
/* The functions that netfilter calls for each IPv4 packet before it is routed. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_hook.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <string.h>

#include "diagnose/collect.h"

#ifndef NFNL_SUBSYS_HOOK
#define NFNL_SUBSYS_HOOK 12 /* Linux 5.14 */
#endif

struct answer {
	struct fact_defrag *defrag;
	bool found;
	int err;
};

static int on_hook(struct nl_msg *msg, void *arg)
{
	struct answer *answer = arg;
	struct nlattr *tb[NFNLA_HOOK_MAX + 1];
	const char *function, *module;

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(struct nfgenmsg), tb, NFNLA_HOOK_MAX, NULL) < 0)
		return NL_SKIP;
	function = tb[NFNLA_HOOK_FUNCTION_NAME] ? nla_get_string(tb[NFNLA_HOOK_FUNCTION_NAME]) : "";
	module = tb[NFNLA_HOOK_MODULE_NAME] ? nla_get_string(tb[NFNLA_HOOK_MODULE_NAME]) : "";
	if (!strstr(function, "defrag") && !strstr(module, "defrag"))
		return NL_OK;
	answer->found = true;
	defrag_add(answer->defrag, "the kernel's prerouting hook %s%s%s at priority %d",
		   *module ? module : function, *module && *function ? " " : "",
		   *module ? function : "",
		   tb[NFNLA_HOOK_PRIORITY] ? (int)ntohl(nla_get_u32(tb[NFNLA_HOOK_PRIORITY])) : 0);
	return NL_OK;
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *error, void *arg)
{
	(void)from;
	((struct answer *)arg)->err = error->error;
	return NL_STOP;
}

static int ask(struct nl_sock *sock)
{
	const struct nfgenmsg header = { .nfgen_family = AF_INET, .version = NFNETLINK_V0 };
	struct nl_msg *msg =
		nlmsg_alloc_simple(NFNL_SUBSYS_HOOK << 8 | NFNL_MSG_HOOK_GET, NLM_F_DUMP);
	uint32_t hook = htonl(NF_INET_PRE_ROUTING);
	int err = -NLE_NOMEM;

	if (msg && !nlmsg_append(msg, (void *)&header, sizeof(header), NLMSG_ALIGNTO))
		err = nla_put_u32(msg, NFNLA_HOOK_HOOKNUM, hook);
	if (!err)
		err = nl_send_auto(sock, msg);
	nlmsg_free(msg);
	return err;
}

int collect_hooks(struct fact_defrag *defrag, bool *found)
{
	struct answer answer = { .defrag = defrag };
	struct nl_sock *sock = nl_socket_alloc();
	int err = -NLE_NOMEM;

	if (!sock)
		return -ENOMEM;
	nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, on_hook, &answer);
	nl_socket_modify_err_cb(sock, NL_CB_CUSTOM, on_error, &answer);
	err = nl_connect(sock, NETLINK_NETFILTER);
	if (!err)
		err = ask(sock);
	if (err >= 0)
		err = nl_recvmsgs_default(sock);
	nl_socket_free(sock);
	if (answer.err || err < 0)
		return -EOPNOTSUPP;
	*found = answer.found;
	return 0;
}
