/* Content that is not needed. Contract: VirtualAlloc family; DiscardVirtualMemory. */
#include "memory_rows.h"


static int same_or_zero(const char *bytes)
{
    return *bytes == 3 || *bytes == 0;
}

int main(void)
{
    char *base = VirtualAlloc(NULL, 4 * PAGE, MEM_RESERVE, PAGE_READWRITE);
    MUST(base && VirtualAlloc(base, 2 * PAGE, MEM_COMMIT, PAGE_READWRITE));
    memset(base, 3, 2 * PAGE);

    P(VirtualAlloc(base, 2 * PAGE, MEM_RESET, PAGE_NOACCESS));
    ROW(base, base);
    SAY("same or zero", "%d %d", same_or_zero(base), same_or_zero(base + PAGE));
    P(VirtualAlloc(base, 4 * PAGE, MEM_RESET, PAGE_READWRITE));
    P(VirtualAlloc(base, 5 * PAGE, MEM_RESET, PAGE_READWRITE));
    ROW_P("NULL 87", VirtualAlloc(base, 2 * PAGE, MEM_RESET, 0));
    P(VirtualAlloc(base, 0, MEM_RESET, PAGE_READWRITE));
    ROW(base, base + 2 * PAGE);
    memset(base, 4, 2 * PAGE);
    SAY("written anew", "%d", base[PAGE]);
    B(VirtualFree(base, 0, MEM_RELEASE));
    P(VirtualAlloc(base, PAGE, MEM_RESET, PAGE_READWRITE));
    return 0;
}
