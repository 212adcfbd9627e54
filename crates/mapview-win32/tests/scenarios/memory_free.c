/* Decommitting and releasing. Contract: VirtualAlloc family. */
#include "memory_rows.h"

int main(void)
{
    char *base = P(VirtualAlloc(NULL, 8 * PAGE, MEM_COMMIT, PAGE_READWRITE));
    int local = 0;

    B(VirtualFree(base + PAGE + 1, PAGE, MEM_DECOMMIT));
    ROW(base, base);
    ROW(base, base + PAGE);
    ROW(base, base + 3 * PAGE);
    B(VirtualFree(base + PAGE, PAGE, MEM_DECOMMIT));
    B(VirtualFree(base + PAGE, 0, MEM_DECOMMIT));
    B(VirtualFree(base + 7 * PAGE, 2 * PAGE, MEM_DECOMMIT));
    ROW(base, base + 7 * PAGE);
    B(VirtualFree(base, 0, MEM_DECOMMIT));
    ROW(base, base);
    B(VirtualFree(base, 0, MEM_DECOMMIT));

    B(VirtualFree(base, PAGE, MEM_RELEASE));
    B(VirtualFree(base, 8 * PAGE, MEM_RELEASE));
    B(VirtualFree(base + PAGE, 0, MEM_RELEASE));
    B(VirtualFree(base, 0, 0));
    B(VirtualFree(base, 0, MEM_RELEASE | MEM_DECOMMIT));
    B(VirtualFree(base, 0, MEM_FREE));
    B(VirtualFree(base, PAGE, MEM_RESERVE));
    ROW(base, base);
    B(VirtualFree(base + 100, 0, MEM_RELEASE));
    ROW(base, base);
    ROW_B("FALSE 487", VirtualFree(base, 0, MEM_RELEASE));
    ROW_B("FALSE 487", VirtualFree(base, PAGE, MEM_DECOMMIT));
    ROW_B("FALSE 487", VirtualFree(NULL, 0, MEM_RELEASE));
    SAY("not mine", "%d %d", VirtualFree(&local, 0, MEM_RELEASE), VirtualFree((void *)main, 0, MEM_RELEASE));
    return local;
}
