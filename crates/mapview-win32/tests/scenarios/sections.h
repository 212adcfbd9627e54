/* What several scenarios of file mappings need. */
#ifndef SECTIONS_H
#define SECTIONS_H

#include "scenario.h"

#ifdef _WIN32
#define CompareObjectHandles(first, second) ((void)(first), (void)(second), FALSE) /* Wine 8 does not have it */
#endif

#define MEMORY INVALID_HANDLE_VALUE

static SCENARIO_UNUSED HANDLE memory_section(DWORD protect, DWORD size)
{
    HANDLE section = CreateFileMappingA(MEMORY, NULL, protect, 0, size, NULL);
    MUST(section != NULL);
    return section;
}

/* A new file of this size in the current directory, open for everything. Its bytes count up. */
static SCENARIO_UNUSED HANDLE new_file(const char *name, DWORD size)
{
    HANDLE file = CreateFileA(name, GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE,
                              FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, CREATE_ALWAYS, 0, NULL);
    unsigned char bytes[256];
    DWORD at, written;
    MUST(file != INVALID_HANDLE_VALUE);
    for (at = 0; at < sizeof bytes; at++)
        bytes[at] = (unsigned char)at;
    for (at = 0; at < size; at += written)
        MUST(WriteFile(file, bytes, size - at < sizeof bytes ? size - at : (DWORD)sizeof bytes, &written, NULL));
    return file;
}

static SCENARIO_UNUSED DWORD file_byte(HANDLE file, DWORD at)
{
    unsigned char byte = 0;
    DWORD read;
    MUST(SetFilePointer(file, (LONG)at, NULL, FILE_BEGIN) == at);
    MUST(ReadFile(file, &byte, 1, &read, NULL));
    return read == 1 ? byte : 0xeeee;
}

static SCENARIO_UNUSED DWORD file_size(HANDLE file)
{
    return GetFileSize(file, NULL);
}

/* What lies at an address: state, protection, first protection, kind and bytes. */
static SCENARIO_UNUSED const char *region(const void *address)
{
    static char text[96];
    MEMORY_BASIC_INFORMATION info;
    MUST(VirtualQuery(address, &info, sizeof info) == sizeof info);
    snprintf(text, sizeof text, "%lx %lx %lx %lx %llx", (unsigned long)info.State, (unsigned long)info.Protect,
             (unsigned long)info.AllocationProtect, (unsigned long)info.Type,
             info.State == MEM_FREE ? 0ULL : (unsigned long long)info.RegionSize);
    return text;
}

/* Tries a view, says what became of it, and unmaps it. */
static SCENARIO_UNUSED void try_view(const char *what, HANDLE section, DWORD access, DWORD high, DWORD low, SIZE_T size)
{
    void *view;
    SetLastError(UNTOUCHED);
    view = MapViewOfFile(section, access, high, low, size);
    if (view == NULL) {
        SAY(what, "NULL %lu", (unsigned long)GetLastError());
        return;
    }
    SAY(what, "%s", region(view));
    MUST(UnmapViewOfFile(view));
}

#endif
