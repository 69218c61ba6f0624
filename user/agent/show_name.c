// SPDX-License-Identifier: GPL-2.0-or-later
/* Names that others have chosen, as JSON. */
#include "agent/show_name.h"
#include "config/report.h"
#include "config/text.h"

json_t *show_name(const char *name)
{
	return json_string(text_printable(name) ? name : REPORT_QUOTE(name));
}
