/* Pages that stay in memory. Contract: VirtualAlloc family. */
#include "memory_rows.h"

int main(void)
{
    char *base = VirtualAlloc(NULL, 8 * PAGE, MEM_RESERVE, PAGE_READWRITE);
    SIZE_T least, most;
    MUST(base && VirtualAlloc(base, 4 * PAGE, MEM_COMMIT, PAGE_READWRITE));

    B(VirtualLock(base, 2 * PAGE));
    B(VirtualLock(base + PAGE, 2 * PAGE));
    base[0] = 1;
    ROW(base, base);
    B(VirtualUnlock(base, 3 * PAGE));
    ROW_B("FALSE 158", VirtualUnlock(base, PAGE));
    ROW_B("FALSE 158", VirtualUnlock(base + 3 * PAGE, PAGE));
    B(VirtualLock(base + 100, 1));
    B(VirtualUnlock(base + 200, 1));
    B(VirtualLock(base, 4 * PAGE));
    ROW_B("FALSE 487", VirtualLock(base + 3 * PAGE, 2 * PAGE));
    B(VirtualFree(base, 4 * PAGE, MEM_DECOMMIT));
    B(VirtualFree(base, 0, MEM_RELEASE));

    /* Wine 8 has no working sets and says so to nobody. */
    MUST(GetProcessWorkingSetSize(GetCurrentProcess(), &least, &most));
    ROW_SAY("1", "limits", "%d", least > 0 && least < most);
    ROW_B("FALSE 6", GetProcessWorkingSetSize(NULL, &least, &most));
    ROW_B("FALSE 6", SetProcessWorkingSetSize(NULL, 1 << 20, 2 << 20));
    B(SetProcessWorkingSetSize(GetCurrentProcess(), 1 << 20, 8 << 20));
    ROW_B("FALSE 87", SetProcessWorkingSetSize(GetCurrentProcess(), 2 << 20, 1 << 20));
    MUST(GetProcessWorkingSetSize(GetCurrentProcess(), &least, &most));
    ROW_SAY("1", "set", "%d", least == 1 << 20 && most == 8 << 20);
    B(SetProcessWorkingSetSize(GetCurrentProcess(), (SIZE_T)-1, (SIZE_T)-1));
    return 0;
}
