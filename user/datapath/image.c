// SPDX-License-Identifier: GPL-2.0-or-later
/* An object with a filter in it. */
#include <errno.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "capture/translate.h"
#include "datapath/image.h"

#define FILTER_SYMBOL "capture_filter"
#define LOAD_SYMBOL   "view_load"

struct place {
	size_t section, at, len; /* index; bytes within it */
};

static bool find_in(Elf *elf, Elf_Scn *symbols, const char *name, struct place *place)
{
	Elf_Data *data = elf_getdata(symbols, NULL);
	GElf_Shdr header;
	GElf_Sym symbol;
	size_t i;

	if (!data || !gelf_getshdr(symbols, &header) || !header.sh_entsize)
		return false;
	for (i = 0; i < header.sh_size / header.sh_entsize; i++) {
		const char *each;

		if (!gelf_getsym(data, i, &symbol))
			return false;
		each = elf_strptr(elf, header.sh_link, symbol.st_name);
		if (!each || strcmp(each, name))
			continue;
		*place = (struct place){ symbol.st_shndx, symbol.st_value, symbol.st_size };
		return true;
	}
	return false;
}

static bool find(Elf *elf, const char *name, struct place *place)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB)
			return find_in(elf, section, name, place);
	return false;
}

/* Where in the file a function of the object lies; NULL when that cannot be. */
static struct bpf_insn *locate(Elf *elf, const struct image *image, const struct place *place)
{
	Elf_Scn *section = elf_getscn(elf, place->section);
	GElf_Shdr header;

	if (!section || !gelf_getshdr(section, &header) ||
	    place->at + place->len > header.sh_size ||
	    header.sh_offset + header.sh_size > image->len)
		return NULL;
	return (struct bpf_insn *)((char *)image->bytes + header.sh_offset + place->at);
}

/* Without a relocation: libbpf takes a call within a section by its distance. */
static int write_filter(Elf *elf, const struct image *image, const struct sock_filter *filter,
			size_t n, bool decap, size_t *at)
{
	struct translate_place where = { .view = decap };
	struct bpf_insn *body, *out;
	struct place own, load;
	int err;

	if (!find(elf, FILTER_SYMBOL, &own) || !find(elf, LOAD_SYMBOL, &load) ||
	    own.section != load.section)
		return -ENOEXEC;
	body = locate(elf, image, &own);
	if (!body)
		return -ENOEXEC;
	where.room = own.len / sizeof(*body);
	where.view_load = ((long)load.at - (long)own.at) / (long)sizeof(*body);
	out = calloc(where.room, sizeof(*out));
	if (!out)
		return -ENOMEM;
	err = translate(filter, n, &where, out, at);
	if (!err)
		memcpy(body, out, where.room * sizeof(*out));
	free(out);
	return err;
}

int image_make(struct image *image, const void *object, size_t len,
	       const struct sock_filter *filter, size_t n, bool decap, size_t *at)
{
	Elf *elf = NULL;
	int err = -ENOEXEC;

	*image = (struct image){ malloc(len), len };
	if (!image->bytes)
		return -ENOMEM;
	memcpy(image->bytes, object, len);
	if (elf_version(EV_CURRENT) != EV_NONE)
		elf = elf_memory(image->bytes, image->len);
	if (elf)
		err = write_filter(elf, image, filter, n, decap, at);
	elf_end(elf);
	if (err)
		image_free(image);
	return err;
}

void image_free(struct image *image)
{
	free(image->bytes);
	*image = (struct image){};
}
