// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules about the agent's own health. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config/statement.h"
#include "diagnose/rules.h"

void rule_not_steered(const struct facts *facts, struct findings *findings)
{
	size_t i;

	for (i = 0; i < facts->n_managed; i++) {
		const struct fact_managed *managed = &facts->managed[i];
		struct finding *finding;

		if (managed->mode == MODE_ABSENT && managed->is_static) {
			finding = finding_add(findings, "link-absent", SEVERITY_WARNING,
					      "%s is to be steered, and there is no such NIC",
					      managed->name);
			evidence(finding, "`link add %s` waits for it to appear", managed->name);
			remedy(finding, "xdpfragctl link del %s", managed->name);
		} else if (managed->mode == MODE_OFF) {
			finding = finding_add(findings, "not-steered",
					      facts->policy && facts->policy->n_groups
						      ? SEVERITY_FAULT
						      : SEVERITY_WARNING,
					      "No policy is in force on %s", managed->name);
			evidence(finding, "%s is to be steered, and is not: %s", managed->name,
				 managed->reason);
			if (strstr(managed->reason, "xdpgeneric off"))
				remedy(finding, "ip link set dev %s xdpgeneric off", managed->name);
			else if (strstr(managed->reason, "xdp off"))
				remedy(finding, "ip link set dev %s xdp off", managed->name);
			else if (managed->wanted == LINK_NATIVE)
				remedy(finding,
				       "xdpfragctl save | sed 's/^link add %s mode native/link "
				       "add "
				       "%s/' | xdpfragctl apply -",
				       managed->name, managed->name);
		}
	}
}

/* By what the agent says of it. */
static void tell_socket_remedy(struct finding *finding, const char *reason)
{
	if (strstr(reason, "ss --xdp"))
		remedy(finding, "ss --xdp -p");
	else if (strstr(reason, strerror(ENODEV)) || strstr(reason, strerror(ENOENT)))
		remedy(finding, "modprobe tun");
	else if (!strstr(reason, "MTU"))
		remedy(finding, "journalctl -u xdpfragd -n 50");
}

static struct finding *add_sockets_missing(const struct facts *facts, struct findings *findings,
					   const char *where, const char *reason)
{
	struct finding *finding;

	finding = finding_add(findings, "sockets-missing", SEVERITY_WARNING,
			      "AF_XDP sockets missing: fragments %s are not reassembled", where);
	if (*reason)
		evidence(finding, "%s", reason);
	evidence(finding,
		 "%zu group%s to be reassembled; where a socket is missing, fragments take the "
		 "kernel's path under their policy",
		 facts->agent.reassembled, facts->agent.reassembled > 1 ? "s are" : " is");
	return finding;
}

void rule_sockets_missing(const struct facts *facts, struct findings *findings)
{
	const char *reason = facts->agent.reassembly_reason;
	struct finding *finding;
	char where[32];
	size_t i;

	if (!facts->agent.reassembled)
		return;
	if (!facts->agent.reassembles) {
		finding = add_sockets_missing(facts, findings, "of all NICs", reason);
		tell_socket_remedy(finding, reason);
		return;
	}
	for (i = 0; i < facts->n_managed; i++) {
		const struct fact_managed *managed = &facts->managed[i];

		if (!managed->socket_reason[0])
			continue;
		snprintf(where, sizeof(where), "on %s", managed->name);
		finding = add_sockets_missing(facts, findings, where, managed->socket_reason);
		tell_socket_remedy(finding, managed->socket_reason);
	}
}

/* Where a driver may well have native mode: a bridge never has, and is none the worse. */
static bool may_be_native(const struct fact_link *link)
{
	static const char *const kinds[] = { "" /* hardware */, "veth", "tun", "bond" };
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(link->kind, kinds[i]))
			return true;
	return false;
}

/* Native, or generic since that was asked for. */
static bool is_as_wanted(const struct fact_managed *managed)
{
	return managed->mode != MODE_SKB || managed->wanted == LINK_SKB;
}

/*
 * The statement that takes generic mode for what is wanted. The first `link add` ends the
 * agent's own choice of links, so all that it has chosen are named, in one step: none is let
 * go in between.
 */
static void tell_acceptance(struct finding *finding, const struct facts *facts,
			    const struct fact_managed *managed)
{
	char links[256] = "";
	size_t i, used = 0;

	if (managed->is_static) {
		remedy(finding,
		       "xdpfragctl save | sed 's/^link add %s%s$/& mode skb/' | xdpfragctl apply -",
		       managed->name, managed->xdpcap ? " xdpcap-hook on" : "");
		return;
	}
	for (i = 0; i < facts->n_managed && used < 128; i++)
		if (facts->managed[i].ifindex)
			used += snprintf(links + used, sizeof(links) - used, "link add %s%s\\n",
					 facts->managed[i].name,
					 facts->managed[i].mode == MODE_SKB ? " mode skb" : "");
	/* More than a command line that anybody would type. */
	if (i == facts->n_managed)
		remedy(finding, "(xdpfragctl save; printf '%s') | xdpfragctl apply -", links);
}

void rule_generic_mode(const struct facts *facts, struct findings *findings)
{
	size_t i;

	for (i = 0; i < facts->n_managed; i++) {
		const struct fact_managed *managed = &facts->managed[i];
		const struct fact_link *link = facts_link(facts, managed->ifindex);
		struct finding *finding;

		if (is_as_wanted(managed) || !link || !may_be_native(link))
			continue;
		finding = finding_add(findings, "generic-mode", SEVERITY_WARNING,
				      "%s is steered in generic mode", managed->name);
		evidence(finding, "generic mode costs several times what native mode does%s%s",
			 *managed->reason ? "; " : "", managed->reason);
		if (link->lro == 1) {
			remedy(finding, "xdpfragctl link set %s lro off", link->name);
			continue;
		}
		evidence(finding, "if the driver has no native XDP, take generic mode for what is "
				  "wanted, with the command below");
		tell_acceptance(finding, facts, managed);
	}
}

/* How many of the policy's NICs there are, and the name of one that is not. */
static size_t present(const struct facts *facts, const struct group *group, const char **absent)
{
	size_t n, there = 0;

	*absent = NULL;
	for (n = 0; n < CONFIG_NICS; n++) {
		if (!(group->allowed >> n & 1))
			continue;
		if (facts_link_by_name(facts, facts->config->nics[n]))
			there++;
		else
			*absent = facts->config->nics[n];
	}
	return there;
}

void rule_policy_without_nic(const struct facts *facts, struct findings *findings)
{
	char words[GROUP_KEY_WORDS];
	const char *absent;
	size_t i;

	for (i = 0; facts->config && i < facts->config->n_groups; i++) {
		const struct group *group = &facts->config->groups[i];
		struct finding *finding;

		if (present(facts, group, &absent) || !absent)
			continue;
		group_key_words(&group->key, words, sizeof(words));
		finding = finding_add(findings, "policy-without-nic", SEVERITY_WARNING,
				      "The policy for %s is out of force", words);
		evidence(finding,
			 "it allows %s, and there is no such NIC: its packets pass everywhere",
			 absent);
		remedy(finding, "xdpfragctl group del %s", words);
	}
}

void rule_agent_full(const struct facts *facts, struct findings *findings)
{
	struct finding *finding;
	size_t n = facts->policy ? facts->policy->n_groups : 0;

	if (facts->agent.left_out) {
		finding = finding_add(findings, "links-left-out", SEVERITY_WARNING,
				      "The agent has no room for all links");
		evidence(
			finding,
			"%zu links are not steered, because %d are already; name those that matter",
			facts->agent.left_out, CONFIG_LINKS);
		if (facts->n_managed)
			remedy(finding, "xdpfragctl link add %s", facts->managed[0].name);
	}
	if (n >= CONFIG_GROUPS - CONFIG_GROUPS / 10) {
		finding = finding_add(findings, "policy-full", SEVERITY_WARNING,
				      "The policy is nearly full");
		evidence(finding, "%zu groups of at most %d; a prefix takes the place of many", n,
			 CONFIG_GROUPS);
	}
	if (facts->agent.uncounted) {
		finding = finding_add(findings, "counters-full", SEVERITY_WARNING,
				      "Verdicts are carried out, but not counted");
		evidence(finding,
			 "%" PRIu64 " packets in %.1f s had a policy without a row in the map "
			 "of counters",
			 facts->agent.uncounted, facts->seconds);
		remedy(finding, "systemctl restart xdpfragd");
	}
}

void rule_reconcile_error(const struct facts *facts, struct findings *findings)
{
	struct finding *finding;

	if (!facts->agent.last_error[0])
		return;
	finding = finding_add(findings, "reconcile-failed", SEVERITY_FAULT,
			      "The agent cannot bring the kernel to what is stated");
	evidence(finding, "its last attempt ended with: %s", facts->agent.last_error);
	remedy(finding, "journalctl -u xdpfragd -n 50");
}

void rule_drift(const struct facts *facts, struct findings *findings)
{
	struct finding *finding;
	char text[16];
	size_t i;

	for (i = 0; i < facts->n_settings; i++) {
		const struct fact_setting *setting = &facts->settings[i];
		const char *what = setting_name(setting->setting);

		setting_text(setting->setting, setting->wanted, text, sizeof(text));
		if (setting->drift) {
			finding = finding_add(findings, "drift", SEVERITY_WARNING,
					      "Another program changes the %s of %s", what,
					      setting->name);
			evidence(finding, "%s %s was put back to %s %" PRIu64 " times in %.1f s",
				 setting->name, what, text, setting->drift, facts->seconds);
			remedy(finding, "xdpfragctl link unset %s %s", setting->name, what);
		} else if (!setting->in_force && setting->reason[0]) {
			finding = finding_add(findings, "setting-refused", SEVERITY_WARNING,
					      "%s %s %s is stated, and not in force", setting->name,
					      what, text);
			evidence(finding, "%s", setting->reason);
			remedy(finding, "xdpfragctl link unset %s %s", setting->name, what);
		}
	}
	if (facts->agent.route_drift) {
		finding = finding_add(findings, "drift", SEVERITY_WARNING,
				      "Another program changes the MTU of routes");
		evidence(finding, "%" PRIu64 " routes were put back in %.1f s",
			 facts->agent.route_drift, facts->seconds);
		remedy(finding, "xdpfragctl route show");
	}
}
