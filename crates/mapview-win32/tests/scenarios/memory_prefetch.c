/* Asking for pages early. Contract: PrefetchVirtualMemory. */
#include "memory_rows.h"

int main(void)
{
    char *base = VirtualAlloc(NULL, 4 * PAGE, MEM_COMMIT, PAGE_READWRITE);
    WIN32_MEMORY_RANGE_ENTRY entries[3];
    MUST(base);
    memset(base, 1, PAGE);
    entries[0].VirtualAddress = base;
    entries[0].NumberOfBytes = 4 * PAGE;
    entries[1].VirtualAddress = base + 7;
    entries[1].NumberOfBytes = 100;
    entries[2].VirtualAddress = NULL;
    entries[2].NumberOfBytes = PAGE;

    B(PrefetchVirtualMemory(GetCurrentProcess(), 1, entries, 0));
    B(PrefetchVirtualMemory(GetCurrentProcess(), 2, entries, 0));
    B(PrefetchVirtualMemory(GetCurrentProcess(), 3, entries, 0));
    B(PrefetchVirtualMemory(GetCurrentProcess(), 0, entries, 0));
    B(PrefetchVirtualMemory(GetCurrentProcess(), 0, NULL, 0));
    B(PrefetchVirtualMemory(GetCurrentProcess(), 1, NULL, 0));
    ROW_B("FALSE 87", PrefetchVirtualMemory(GetCurrentProcess(), 1, entries, 1));
    ROW_B("FALSE 6", PrefetchVirtualMemory(NULL, 1, entries, 0));
    entries[1].NumberOfBytes = 0;
    B(PrefetchVirtualMemory(GetCurrentProcess(), 1, entries, 0));
    B(PrefetchVirtualMemory(GetCurrentProcess(), 2, entries, 0));
    SAY("kept", "%d", base[5]);
    B(VirtualFree(base, 0, MEM_RELEASE));
    B(PrefetchVirtualMemory(GetCurrentProcess(), 1, entries, 0));
    return 0;
}
