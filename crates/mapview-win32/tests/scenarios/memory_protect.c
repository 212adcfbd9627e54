/* VirtualProtect of private memory. Contract: VirtualAlloc family. */
#include "memory_rows.h"

/* Where nothing is changed because a page is not committed, Windows says PAGE_NOACCESS; Wine 8 says nothing. */
#define REFUSED(address, size, protect)                                                                            \
    do {                                                                                                           \
        old = 0x77;                                                                                                \
        B(VirtualProtect(address, size, protect, &old));                                                           \
        ROW_SAY("1", "before", "%lx", (unsigned long)old);                                                         \
    } while (0)

#define PROTECT(address, size, protect)                                                                            \
    do {                                                                                                           \
        old = 0x77;                                                                                                \
        B(VirtualProtect(address, size, protect, &old));                                                           \
        SAY("before", "%lx", (unsigned long)old);                                                                  \
    } while (0)

int main(void)
{
    char *base = VirtualAlloc(NULL, 8 * PAGE, MEM_RESERVE, PAGE_READWRITE), *second;
    DWORD old;

    REFUSED(base, PAGE, PAGE_READONLY);
    MUST(VirtualAlloc(base, 4 * PAGE, MEM_COMMIT, PAGE_READWRITE));
    PROTECT(base + PAGE + 1, PAGE, PAGE_READONLY);
    ROW(base, base);
    ROW(base, base + PAGE);
    ROW(base, base + 3 * PAGE);
    PROTECT(base, 4 * PAGE, PAGE_EXECUTE_READ);
    PROTECT(base + PAGE, PAGE, PAGE_NOACCESS);
    PROTECT(base + PAGE, PAGE, PAGE_EXECUTE_READWRITE);
    REFUSED(base, 5 * PAGE, PAGE_READWRITE);
    ROW(base, base);
    REFUSED(base + 4 * PAGE, PAGE, PAGE_READWRITE);
    REFUSED(base, PAGE, PAGE_WRITECOPY);
    REFUSED(base, PAGE, PAGE_EXECUTE_WRITECOPY);
    PROTECT(base, PAGE, 0);
    PROTECT(base, PAGE, PAGE_READONLY | PAGE_READWRITE);
    PROTECT(base, PAGE, PAGE_GUARD);
    PROTECT(base, PAGE, 0x800);
    PROTECT(base, PAGE, PAGE_EXECUTE);
    PROTECT(base, 1, PAGE_READWRITE);
    ROW_B("FALSE 87", VirtualProtect(base, 0, PAGE_READONLY, &old));

    /* Nobody to tell the old one. */
    B(VirtualProtect(base, PAGE, PAGE_READONLY, NULL));
    ROW(base, base);
    base[0] = 1;

    /* Past the allocation, free, and not at all. */
    second = VirtualAlloc(NULL, 2 * GRAIN, MEM_RESERVE, PAGE_READWRITE);
    MUST(second && VirtualFree(second, 0, MEM_RELEASE));
    MUST(VirtualAlloc(second, GRAIN, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
    MUST(VirtualAlloc(second + GRAIN, GRAIN, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
    ROW_B("FALSE 487", VirtualProtect(second + GRAIN - PAGE, 2 * PAGE, PAGE_READONLY, &old));
    ROW(second, second);
    MUST(VirtualFree(second + GRAIN, 0, MEM_RELEASE));
    ROW_B("FALSE 487", VirtualProtect(second + GRAIN - PAGE, 2 * PAGE, PAGE_READONLY, &old));
    ROW_B("FALSE 487", VirtualProtect(second + GRAIN, PAGE, PAGE_READONLY, &old));
    B(VirtualProtectEx(NULL, base, PAGE, PAGE_READONLY, &old));
    B(VirtualProtectEx((HANDLE)0x12345678, base, PAGE, PAGE_READONLY, &old));
    return 0;
}
