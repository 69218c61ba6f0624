// SPDX-License-Identifier: GPL-2.0-or-later
/* Packet sockets, from /proc/net/packet (net/packet/af_packet.c). */
#include <errno.h>
#include <linux/if_ether.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "netstate/listeners.h"

static bool takes_ip(unsigned int protocol)
{
	return protocol == ETH_P_ALL || protocol == ETH_P_IP || protocol == ETH_P_IPV6;
}

static void count(struct listeners *listeners, uint32_t ifindex)
{
	size_t i = 0;

	if (!ifindex) {
		listeners->everywhere++;
		return;
	}
	while (i < listeners->n && listeners->nic[i].ifindex != ifindex)
		i++;
	if (i == LISTENERS_NICS)
		return;
	if (i == listeners->n) {
		listeners->nic[i].ifindex = ifindex;
		listeners->nic[i].sockets = 0;
		listeners->n++;
	}
	listeners->nic[i].sockets++;
}

int listeners_parse(struct listeners *listeners, FILE *file)
{
	unsigned int protocol, ifindex;
	bool headed = true;
	char *line = NULL;
	size_t room = 0;
	int err = 0;

	memset(listeners, 0, sizeof(*listeners));
	while (!err && getline(&line, &room, file) > 0) {
		if (!headed && sscanf(line, "%*s %*d %*d %x %u", &protocol, &ifindex) != 2)
			err = -EPROTO;
		else if (!headed && takes_ip(protocol))
			count(listeners, ifindex);
		headed = false;
	}
	if (!err && ferror(file))
		err = -EIO;
	free(line);
	return err;
}

int listeners_read(struct listeners *listeners)
{
	FILE *file = fopen("/proc/thread-self/net/packet", "re");
	int err;

	if (!file)
		return -errno;
	err = listeners_parse(listeners, file);
	fclose(file);
	return err;
}

uint32_t listeners_on(const struct listeners *listeners, uint32_t ifindex)
{
	for (size_t i = 0; i < listeners->n; i++)
		if (listeners->nic[i].ifindex == ifindex)
			return listeners->everywhere + listeners->nic[i].sockets;
	return listeners->everywhere;
}
