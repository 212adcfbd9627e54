/* What the scenarios of memory print about pages. */
#ifndef MEMORY_ROWS_H
#define MEMORY_ROWS_H

#include "scenario.h"

#define PAGE 0x1000
#define GRAIN 0x10000

static SCENARIO_UNUSED const char *memory_state(DWORD state)
{
    return state == MEM_COMMIT ? "commit" : state == MEM_RESERVE ? "reserve" : state == MEM_FREE ? "free" : "?";
}

/* What lies at an address of a process: offsets are from base, sizes in bytes. */
static SCENARIO_UNUSED void memory_row(HANDLE process, const char *what, char *base, char *address)
{
    MEMORY_BASIC_INFORMATION info;
    memset(&info, 0x55, sizeof info);
    if (VirtualQueryEx(process, address, &info, sizeof info) != sizeof info)
        SAY(what, "failed %lu", (unsigned long)GetLastError());
    else if (info.State == MEM_FREE)
        SAY(what, "free at %lx protect %lx type %lx allocation %d %lx", (long)((char *)info.BaseAddress - base),
            (unsigned long)info.Protect, (unsigned long)info.Type, info.AllocationBase != NULL,
            (unsigned long)info.AllocationProtect);
    else
        SAY(what, "%s at %lx size %lx protect %lx type %lx allocation %lx %lx", memory_state(info.State),
            (long)((char *)info.BaseAddress - base), (unsigned long)info.RegionSize, (unsigned long)info.Protect,
            (unsigned long)info.Type, (long)((char *)info.AllocationBase - base),
            (unsigned long)info.AllocationProtect);
}

#define ROW(base, address) memory_row(GetCurrentProcess(), #address, (base), (address))

#endif
