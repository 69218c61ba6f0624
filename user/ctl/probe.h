/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `probe send` and `probe recv` share: the words they take, and where they
 * send or listen. Neither needs an agent.
 */
#ifndef XDPFRAG_PROBE_H
#define XDPFRAG_PROBE_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "config/report.h"

/* An IPv4 or IPv6 address with port, and what to hand to the socket calls. */
union probe_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

struct probe {
	union probe_address group; /* with the port */
	union probe_address local; /* AF_UNSPEC when only the NIC was named */
	char group_text[INET6_ADDRSTRLEN];
	unsigned int port;
	char nic[IFNAMSIZ];
	unsigned int ifindex;
	/* Options, all numbers; which of them count depends on the command. */
	double size;	    /* bytes of payload */
	double rate;	    /* datagrams a second; 0: without a pause */
	double count;	    /* datagrams; 0: until interrupted */
	double ttl;	    /* or hop limit */
	double source_port; /* 0: any */
	double timeout;	    /* seconds; 0: none */
	double quiet;	    /* 1: the summary only */
};

enum probe_direction { PROBE_SEND = 1, PROBE_RECV = 2 };

/* All words, "probe" included. Usage errors, or refused when there is no such NIC. */
int probe_parse(struct probe *probe, enum probe_direction direction, const char *const *words,
		size_t n_words, struct report *rep);

/* probe_address.c: fill in group (but its port), or local, nic and ifindex, from one word. */
int probe_parse_group(struct probe *probe, const char *word, struct report *rep);
int probe_parse_nic(struct probe *probe, const char *word, struct report *rep);

socklen_t probe_address_len(const union probe_address *address);
unsigned int probe_address_port(const union probe_address *address);
void probe_address_set_port(union probe_address *address, unsigned int port);
const char *probe_address_text(const union probe_address *address, char *buf, size_t len);

#endif
