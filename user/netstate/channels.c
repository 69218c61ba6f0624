// SPDX-License-Identifier: GPL-2.0-or-later
/* Receive queues, as `ethtool -l` shows them. */
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netstate/channels.h"

uint32_t channels_rx(const char *nic)
{
	struct ethtool_channels channels = { .cmd = ETHTOOL_GCHANNELS };
	struct ifreq request = { .ifr_data = (void *)&channels };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err;
	uint32_t n;

	if (fd < 0)
		return 1;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", nic);
	err = ioctl(fd, SIOCETHTOOL, &request) < 0 ? errno : 0;
	close(fd);
	if (err)
		return err == ENODEV ? 0 : 1;
	n = channels.rx_count + channels.combined_count;
	return n ? n : 1;
}
