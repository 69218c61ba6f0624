// SPDX-License-Identifier: GPL-2.0-or-later
/* Who may talk to the agent. */
#include <errno.h>
#include <grp.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/peer.h"

#define ADMIN_GROUP	"xdpfrag"
#define PEER_GROUPS_MAX 1024

/* Asked for each time: the group may be made while the agent runs. */
static bool admin_gid(gid_t *gid)
{
	const struct group *group = getgrnam(ADMIN_GROUP);

	if (group)
		*gid = group->gr_gid;
	return group != NULL;
}

static bool in_group(int fd, gid_t wanted, gid_t primary)
{
	gid_t groups[PEER_GROUPS_MAX];
	socklen_t len = sizeof(groups);
	size_t i;

	if (primary == wanted)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) < 0)
		return false;
	for (i = 0; i < len / sizeof(*groups); i++)
		if (groups[i] == wanted)
			return true;
	return false;
}

bool peer_may_connect(int fd, uid_t *uid, pid_t *pid)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);
	gid_t gid;

	*uid = -1;
	*pid = 0;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return false;
	*uid = peer.uid;
	*pid = peer.pid;
	return peer.uid == 0 || peer.uid == geteuid() ||
	       (admin_gid(&gid) && in_group(fd, gid, peer.gid));
}

int peer_give_to_group(const char *path)
{
	gid_t gid;

	if (admin_gid(&gid) && chown(path, -1, gid) < 0)
		return -errno;
	return 0;
}
