/* Guard pages as VirtualQuery and VirtualLock see them. Contract: VirtualAlloc family. */
#include "memory_rows.h"

int main(void)
{
    char *base = VirtualAlloc(NULL, 4 * PAGE, MEM_COMMIT, PAGE_READWRITE | PAGE_GUARD);
    DWORD old = 0;
    MUST(base);

    ROW(base, base);
    B(VirtualProtect(base, PAGE, PAGE_READWRITE, &old));
    SAY("before", "%lx", (unsigned long)old);
    ROW(base, base);
    ROW(base, base + PAGE);
    base[0] = 5;
    B(VirtualProtect(base, PAGE, PAGE_READONLY | PAGE_GUARD, &old));
    ROW(base, base);
    P(VirtualAlloc(base, PAGE, MEM_COMMIT, PAGE_READWRITE));
    SAY("kept", "%d", base[0]);
    ROW_B("FALSE 2147483649", VirtualLock(base + PAGE, PAGE));
    ROW_B("TRUE", VirtualLock(base + PAGE, PAGE));
    ROW_B("FALSE 87", VirtualProtect(base, PAGE, PAGE_NOACCESS | PAGE_GUARD, &old));
    B(VirtualFree(base, 0, MEM_RELEASE));
    return 0;
}
