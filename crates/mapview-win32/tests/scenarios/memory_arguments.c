/* What VirtualAlloc refuses. Contract: VirtualAlloc family. */
#include "memory_rows.h"

int main(void)
{
    char *base = VirtualAlloc(NULL, GRAIN, MEM_RESERVE, PAGE_READWRITE), *top;
    MUST(base);

    P(VirtualAlloc(NULL, 0, MEM_RESERVE, PAGE_READWRITE));
    P(VirtualAlloc(NULL, PAGE, 0, PAGE_READWRITE));
    P(VirtualAlloc(NULL, PAGE, MEM_RESERVE, 0));
    P(VirtualAlloc(NULL, PAGE, MEM_RESERVE, PAGE_READONLY | PAGE_READWRITE));
    P(VirtualAlloc(NULL, PAGE, MEM_RESERVE, PAGE_WRITECOPY));
    P(VirtualAlloc(NULL, PAGE, MEM_COMMIT, PAGE_EXECUTE_WRITECOPY));
    P(VirtualAlloc(NULL, PAGE, MEM_COMMIT, PAGE_GUARD));
    P(VirtualAlloc(NULL, PAGE, MEM_COMMIT, 0x800));
    P(VirtualAlloc(NULL, PAGE, MEM_RESERVE | 1, PAGE_READWRITE));
    P(VirtualAlloc(NULL, PAGE, MEM_RELEASE, PAGE_READWRITE));
    P(VirtualAlloc(NULL, PAGE, MEM_TOP_DOWN, PAGE_READWRITE));
    P(VirtualAlloc(NULL, PAGE, MEM_RESERVE | 0x40000, PAGE_NOACCESS));
    P(VirtualAlloc(base, PAGE, MEM_RESERVE | 0x4000, PAGE_READWRITE));
    P(VirtualAlloc(base, PAGE, MEM_COMMIT | 0x4000, PAGE_READWRITE));
    P(VirtualAlloc((void *)0x1000, PAGE, MEM_RESERVE, PAGE_READWRITE));
    P(VirtualAlloc((void *)0x7ffffffff000, PAGE, MEM_RESERVE, PAGE_READWRITE));
    P(VirtualAlloc((void *)0x800000000000, PAGE, MEM_RESERVE, PAGE_READWRITE));
    P(VirtualAlloc((void *)0x800000000000, PAGE, MEM_COMMIT, PAGE_READWRITE));
    P(VirtualAlloc(NULL, (SIZE_T)-1, MEM_RESERVE, PAGE_READWRITE));
    P(VirtualAlloc(base, (SIZE_T)-1, MEM_COMMIT, PAGE_READWRITE));
    P(VirtualAlloc(NULL, (SIZE_T)1 << 48, MEM_RESERVE, PAGE_READWRITE));
    ROW(base, base);
    ROW_P("NULL 87", VirtualAlloc(base, PAGE, MEM_COMMIT | MEM_WRITE_WATCH, PAGE_READWRITE));
    ROW_P("NULL 87", VirtualAlloc(NULL, PAGE, MEM_COMMIT, PAGE_NOACCESS | PAGE_GUARD));
    ROW_P("NULL 87", VirtualAlloc(base, PAGE, MEM_RESET | MEM_COMMIT, PAGE_READWRITE));
    ROW_P("NULL 87", VirtualAlloc(NULL, PAGE, MEM_RESERVE | MEM_COMMIT | MEM_LARGE_PAGES, PAGE_READWRITE));
    ROW_P("NULL 87", VirtualAlloc(NULL, 0x200000, MEM_RESERVE | MEM_LARGE_PAGES, PAGE_READWRITE));

    P(VirtualAllocEx(NULL, NULL, PAGE, MEM_COMMIT, PAGE_READWRITE));
    P(VirtualAllocEx((HANDLE)0x12345678, NULL, PAGE, MEM_COMMIT, PAGE_READWRITE));
    B(VirtualFreeEx(NULL, base, 0, MEM_RELEASE));
    B(VirtualFreeEx((HANDLE)0x12345678, base, 0, MEM_RELEASE));
    top = P(VirtualAllocEx(GetCurrentProcess(), NULL, PAGE, MEM_COMMIT, PAGE_READWRITE));
    top[1] = 1;
    B(VirtualFreeEx(GetCurrentProcess(), top, 0, MEM_RELEASE));
    top = P(VirtualAllocExNuma(GetCurrentProcess(), NULL, PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE, 0));
    B(VirtualFree(top, 0, MEM_RELEASE));
    N(GetLargePageMinimum());
    B(VirtualFree(base, 0, MEM_RELEASE));
    return 0;
}
