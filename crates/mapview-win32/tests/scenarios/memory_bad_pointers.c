/* IsBadReadPtr and its relatives. Contract: QueryWorkingSetEx, PrefetchVirtualMemory, misc. */
#include "memory_rows.h"

int main(void)
{
    char *base = VirtualAlloc(NULL, 4 * PAGE, MEM_RESERVE, PAGE_READWRITE);
    WCHAR *wide;
    DWORD old;
    int local = 0;
    FARPROC code = (FARPROC)(void (*)(void))main;
    MUST(base && VirtualAlloc(base, 2 * PAGE, MEM_COMMIT, PAGE_READWRITE));
    wide = (WCHAR *)base;

    B(IsBadReadPtr(NULL, 0));
    B(IsBadReadPtr(NULL, 1));
    B(IsBadWritePtr(NULL, 0));
    B(IsBadWritePtr(NULL, 1));
    B(IsBadReadPtr(base, 2 * PAGE));
    B(IsBadReadPtr(base, 2 * PAGE + 1));
    B(IsBadReadPtr(base + 2 * PAGE, 1));
    B(IsBadReadPtr(base + 2 * PAGE, 0));
    B(IsBadWritePtr(base + 1, 2 * PAGE - 1));
    B(IsBadWritePtr(base + 1, 2 * PAGE));
    B(IsBadReadPtr(base, (UINT_PTR)-1));
    B(IsBadReadPtr((void *)0xfffffffffffff000, 1));
    B(IsBadWritePtr(&local, sizeof local));
    B(IsBadReadPtr((void *)main, 1));
    B(IsBadWritePtr((void *)main, 1));
    B(IsBadCodePtr(code));
    B(IsBadCodePtr(NULL));

    ROW_B("FALSE 4711", IsBadStringPtrA(NULL, 0)); /* nothing is looked at */
    B(IsBadStringPtrA(NULL, 1));
    B(IsBadStringPtrA("text", 100));
    memset(base, 'x', 2 * PAGE);
    B(IsBadStringPtrA(base, 2 * PAGE));
    B(IsBadStringPtrA(base, 2 * PAGE + 1));
    B(IsBadStringPtrW(wide, PAGE));
    B(IsBadStringPtrW(wide, PAGE + 1));
    base[2 * PAGE - 1] = 0;
    B(IsBadStringPtrA(base, 3 * PAGE));
    B(IsBadStringPtrW(wide, 3 * PAGE));
    base[2 * PAGE - 2] = 0;
    B(IsBadStringPtrW(wide, 3 * PAGE));
    SAY("untouched", "%c", base[5]);

    MUST(VirtualProtect(base, PAGE, PAGE_READONLY, &old));
    B(IsBadReadPtr(base, PAGE));
    B(IsBadWritePtr(base, 1));
    B(IsBadWritePtr(base + PAGE - 1, 2));
    B(IsBadWritePtr(base + PAGE, PAGE));
    MUST(VirtualProtect(base, PAGE, PAGE_NOACCESS, &old));
    B(IsBadReadPtr(base, 1));
    B(IsBadWritePtr(base, 1));
    return 0;
}
