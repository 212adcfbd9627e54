/* Committing, again and elsewhere. Contract: VirtualAlloc family. */
#include "memory_rows.h"

int main(void)
{
    char *base = P(VirtualAlloc(NULL, 2 * GRAIN, MEM_RESERVE, PAGE_READWRITE));
    char *second = base + GRAIN;
    char *got;

    got = P(VirtualAlloc(base + PAGE + 5, PAGE, MEM_COMMIT, PAGE_READWRITE));
    SAY("rounded down to a page", "%d", got == base + PAGE);
    ROW(base, base);
    ROW(base, base + PAGE);
    ROW(base, base + 3 * PAGE);
    base[PAGE] = 7;
    P(VirtualAlloc(base, 4 * PAGE, MEM_COMMIT, PAGE_READONLY));
    SAY("kept", "%d", base[PAGE]);
    ROW(base, base);
    P(VirtualAlloc(base + PAGE, 1, MEM_COMMIT, PAGE_EXECUTE_READWRITE));
    SAY("kept", "%d", base[PAGE]);
    ROW(base, base);
    ROW(base, base + PAGE);
    ROW(base, base + 2 * PAGE);
    P(VirtualAlloc(base, PAGE, MEM_COMMIT, PAGE_NOACCESS));
    ROW(base, base);

    /* Only what is reserved, and of one allocation. */
    P(VirtualAlloc(base + 2 * GRAIN - PAGE, 2 * PAGE, MEM_COMMIT, PAGE_READWRITE));
    P(VirtualAlloc(base, PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
    B(VirtualFree(base, 0, MEM_RELEASE));
    MUST(VirtualAlloc(base, GRAIN, MEM_RESERVE, PAGE_READWRITE) == base);
    MUST(VirtualAlloc(second, GRAIN, MEM_RESERVE, PAGE_READONLY) == second);
    P(VirtualAlloc(second - PAGE, 2 * PAGE, MEM_COMMIT, PAGE_READWRITE));
    ROW(base, second - PAGE);
    B(VirtualFree(second, 0, MEM_RELEASE));
    P(VirtualAlloc(second, PAGE, MEM_COMMIT, PAGE_READWRITE));
    P(VirtualAlloc(second - PAGE, 2 * PAGE, MEM_COMMIT, PAGE_READWRITE));

    /* Given back and taken again, it is zero. */
    P(VirtualAlloc(base, 2 * PAGE, MEM_COMMIT, PAGE_READWRITE));
    memset(base, 1, 2 * PAGE);
    B(VirtualFree(base, PAGE, MEM_DECOMMIT));
    P(VirtualAlloc(base, 2 * PAGE, MEM_COMMIT, PAGE_READWRITE));
    SAY("zero and kept", "%d %d", base[0], base[PAGE]);

    /* Protections of private memory. */
    P(VirtualAlloc(base, PAGE, MEM_COMMIT, PAGE_EXECUTE));
    P(VirtualAlloc(base, PAGE, MEM_COMMIT, PAGE_EXECUTE_READ));
    P(VirtualAlloc(base, PAGE, MEM_COMMIT, PAGE_WRITECOPY));
    P(VirtualAlloc(base, PAGE, MEM_COMMIT, PAGE_EXECUTE_WRITECOPY));
    ROW(base, base);
    got = VirtualAlloc(NULL, (SIZE_T)1 << 46, MEM_COMMIT, PAGE_READWRITE);
    SAY("too much", "%d", got == NULL && (GetLastError() == 8 || GetLastError() == 1455));
    B(VirtualFree(base, 0, MEM_RELEASE));
    return 0;
}
