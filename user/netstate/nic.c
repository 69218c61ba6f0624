// SPDX-License-Identifier: GPL-2.0-or-later
/* Which NIC it is, its MTU and its flags. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "netstate/nic.h"

/* In the identities that were not read from sysfs; no inode number comes near. */
#define BY_ADDRESS (UINT64_C(1) << 63)

/*
 * /sys may be another namespace's (nsenter), or another mount namespace's. A
 * sysfs of one's own shows the namespace of the thread that made it, and needs
 * no place in the file system.
 */
static int open_sysfs(void)
{
	int fs = fsopen("sysfs", FSOPEN_CLOEXEC), fd = -1;

	if (fs < 0)
		return -1;
	if (!fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		fd = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY);
	close(fs);
	return fd;
}

int nic_open(struct nic_access *access)
{
	if (access->open)
		return 0;
	access->sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (access->sock < 0)
		return -errno;
	access->sysfs = open_sysfs();
	access->n_blocks = 0;
	access->open = true;
	return 0;
}

void nic_close(struct nic_access *access)
{
	if (!access->open)
		return;
	close(access->sock);
	if (access->sysfs >= 0)
		close(access->sysfs);
	access->open = false;
}

static int read_ifindex(int dir, uint32_t *ifindex)
{
	char text[16];
	ssize_t len;
	int fd = openat(dir, "ifindex", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len <= 0)
		return -ENODEV;
	text[len] = '\0';
	*ifindex = strtoul(text, NULL, 10);
	return 0;
}

/*
 * The inode of the NIC's folder. kernfs gives its numbers out in turn, with a
 * generation in the upper half (fs/kernfs/dir.c, __kernfs_new_node), and a NIC that
 * is renamed or moved to another namespace keeps it.
 */
static int identify_by_inode(const struct nic_access *access, const struct link *link, uint64_t *id)
{
	char path[sizeof("class/net/") + IFNAMSIZ];
	uint32_t ifindex = 0;
	struct stat st;
	int dir, err;

	snprintf(path, sizeof(path), "class/net/%s", link->name);
	dir = openat(access->sysfs, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return errno == ENOENT ? -ENODEV : -errno;
	err = fstat(dir, &st) < 0 ? -errno : read_ifindex(dir, &ifindex);
	close(dir);
	if (err)
		return err == -ENOENT ? -ENODEV : err;
	if (ifindex != link->ifindex)
		return -ENODEV;
	*id = st.st_ino;
	return 0;
}

/* Second best: a NIC whose address is changed counts as another. FNV-1a. */
static int identify_by_address(const struct nic_access *access, const struct link *link,
			       uint64_t *id)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	struct ifreq request = {};
	size_t i;

	memcpy(request.ifr_name, link->name, IFNAMSIZ);
	if (ioctl(access->sock, SIOCGIFHWADDR, &request) < 0)
		return -errno;
	for (i = 0; i < sizeof(link->ifindex); i++)
		hash = (hash ^ (link->ifindex >> 8 * i & 0xff)) * UINT64_C(0x100000001b3);
	for (i = 0; i < sizeof(request.ifr_hwaddr.sa_data); i++)
		hash = (hash ^ (uint8_t)request.ifr_hwaddr.sa_data[i]) * UINT64_C(0x100000001b3);
	*id = hash | BY_ADDRESS;
	return 0;
}

int nic_identify(const struct nic_access *access, const struct link *link, uint64_t *id)
{
	return access->sysfs >= 0 ? identify_by_inode(access, link, id)
				  : identify_by_address(access, link, id);
}

bool nic_same_kind(const struct nic_access *access, uint64_t id)
{
	return !(id & BY_ADDRESS) == (access->sysfs >= 0);
}

/* --- writing, through rtnetlink --- */

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *error, void *arg)
{
	struct nlmsghdr *header = (struct nlmsghdr *)((char *)error - NLMSG_HDRLEN);
	int len = header->nlmsg_len - NLMSG_HDRLEN - sizeof(*error);
	struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];
	char *reason = arg;

	(void)from;
	if (header->nlmsg_flags & NLM_F_ACK_TLVS && header->nlmsg_flags & NLM_F_CAPPED &&
	    !nla_parse(tb, NLMSGERR_ATTR_MAX, (struct nlattr *)(error + 1), len, NULL) &&
	    tb[NLMSGERR_ATTR_MSG])
		nla_strlcpy(reason, tb[NLMSGERR_ATTR_MSG], NIC_REASON);
	/* The kernel's errno, which libnl's own codes would blur. */
	return error->error;
}

static int send_change(struct nl_msg *msg, char *reason)
{
	struct nl_sock *sock = nl_socket_alloc();
	int on = 1, err = -ENOMEM;

	reason[0] = '\0';
	if (!sock)
		return err;
	nl_socket_modify_err_cb(sock, NL_CB_CUSTOM, on_error, reason);
	if (nl_connect(sock, NETLINK_ROUTE)) {
		err = -EIO;
		goto out;
	}
	/* Without these, the reason is only a number. */
	setsockopt(nl_socket_get_fd(sock), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(nl_socket_get_fd(sock), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	err = nl_send_auto(sock, msg) < 0 ? -EIO : nl_wait_for_ack(sock);
out:
	nl_socket_free(sock);
	return err > 0 ? 0 : err;
}

static int change(const struct link *link, struct ifinfomsg info, const uint32_t *mtu, char *reason)
{
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_SETLINK, NLM_F_REQUEST | NLM_F_ACK);
	int err = -ENOMEM;

	info.ifi_index = link->ifindex;
	if (msg && !nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO) &&
	    (!mtu || !nla_put_u32(msg, IFLA_MTU, *mtu)))
		err = send_change(msg, reason);
	nlmsg_free(msg);
	return err;
}

int nic_set_mtu(const struct link *link, uint32_t mtu, char reason[NIC_REASON])
{
	return change(link, (struct ifinfomsg){ .ifi_family = AF_UNSPEC }, &mtu, reason);
}

int nic_set_flag(const struct link *link, uint32_t flag, bool on, char reason[NIC_REASON])
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC,
				  .ifi_flags = on ? flag : 0,
				  .ifi_change = flag };

	return change(link, info, NULL, reason);
}
