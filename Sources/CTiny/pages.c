// What of the program's code is resident. The system maps a page of code when it is first run, with fifteen around it, and keeps it
// mapped: much of it only start-up and the compiler needed. Such pages are nobody's own (they are the file's, and stay in the
// system's cache), so they can be given back; what is run again is mapped again, at about a microsecond for sixteen pages.
#define _GNU_SOURCE
#include "CTiny.h"
#include <link.h>
#include <sys/mman.h>

static int give_back(struct dl_phdr_info *file, size_t size, void *unused) {
    (void)size, (void)unused;
    for (int index = 0; index < file->dlpi_phnum; index++) {
        const ElfW(Phdr) *part = &file->dlpi_phdr[index];
        // What is never written holds what the file holds.
        if (part->p_type != PT_LOAD || part->p_flags & PF_W) continue;
        uintptr_t start = file->dlpi_addr + part->p_vaddr, page = 4096;
        uintptr_t end = (start + part->p_memsz + page - 1) & ~(page - 1);
        start &= ~(page - 1);
        madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

// (A debugger's breakpoints in them go, too.)
void tiny_give_code_back(void) { dl_iterate_phdr(give_back, NULL); }
