/* Reserving: where a reservation begins and ends. Contract: VirtualAlloc family. */
#include "memory_rows.h"

int main(void)
{
    char *base, *other;

    /* A place where nothing is; what is asked for there begins at 64 KiB. */
    base = VirtualAlloc(NULL, 64 * GRAIN, MEM_RESERVE, PAGE_NOACCESS);
    MUST(base && VirtualFree(base, 0, MEM_RELEASE));
    SAY("multiple of 64 KiB", "%d", ((ULONG_PTR)base & (GRAIN - 1)) == 0);
    other = P(VirtualAlloc(base + 0x1234, PAGE, MEM_RESERVE, PAGE_READWRITE));
    SAY("rounded down", "%d", other == base);
    ROW(base, base);
    ROW(base, base + 2 * PAGE + 5);
    ROW(base, base + 3 * PAGE);

    /* The rest of the slot is free and cannot be had. */
    P(VirtualAlloc(base + 3 * PAGE, PAGE, MEM_RESERVE, PAGE_READWRITE));
    P(VirtualAlloc(base + 3 * PAGE, PAGE, MEM_COMMIT, PAGE_READWRITE));
    P(VirtualAlloc(base, PAGE, MEM_RESERVE, PAGE_READWRITE));
    P(VirtualAlloc(base, PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
    P(VirtualAlloc(base + GRAIN, 1, MEM_RESERVE, PAGE_READONLY));
    ROW(base, base + GRAIN);
    B(VirtualFree(base, 0, MEM_RELEASE));
    ROW(base, base);
    P(VirtualAlloc(base, 2 * GRAIN, MEM_RESERVE, PAGE_READWRITE));
    B(VirtualFree(base + GRAIN, 0, MEM_RELEASE));
    P(VirtualAlloc(base, 2 * GRAIN, MEM_RESERVE, PAGE_READWRITE));
    B(VirtualFree(base, 0, MEM_RELEASE));

    /* Committing without an address reserves, too. */
    base = P(VirtualAlloc(NULL, 5000, MEM_COMMIT, PAGE_READWRITE));
    ROW(base, base);
    SAY("zero", "%d %d", base[0], base[8191]);
    B(VirtualFree(base, 0, MEM_RELEASE));

    /* From the top down. */
    base = P(VirtualAlloc(NULL, GRAIN, MEM_RESERVE | MEM_TOP_DOWN, PAGE_READWRITE));
    SAY("high", "%d", (ULONG_PTR)base > 0x7fff00000000);
    B(VirtualFree(base, 0, MEM_RELEASE));
    base = P(VirtualAlloc(NULL, GRAIN, MEM_COMMIT | MEM_TOP_DOWN, PAGE_READWRITE));
    ROW(base, base);
    B(VirtualFree(base, 0, MEM_RELEASE));
    return 0;
}
