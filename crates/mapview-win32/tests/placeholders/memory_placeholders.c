/* Placeholders: cut, joined, and replaced by private memory. Contract: VirtualAlloc2, placeholders. */
#include "../scenarios/memory_rows.h"

#define SPLIT (MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER)
#define JOIN (MEM_RELEASE | MEM_COALESCE_PLACEHOLDERS)

/* The sizes, in pages, of what is reserved from an address on. */
static void pages(const char *expected, const char *what, char *base, int count)
{
    char text[100] = "", *at = base;
    MEMORY_BASIC_INFORMATION info;
    while (count-- > 0) {
        MUST(VirtualQuery(at, &info, sizeof info));
        snprintf(text + strlen(text), 20, "%s%s%lu", text[0] ? " " : "",
                 info.State == MEM_RESERVE && info.Type == MEM_PRIVATE && info.AllocationBase == at &&
                         info.AllocationProtect == PAGE_NOACCESS
                     ? ""
                     : "?",
                 (unsigned long)(info.RegionSize / PAGE));
        at += info.RegionSize;
    }
    ROW_SAY(expected, what, "%s", text);
}

static void *placeholder(SIZE_T size)
{
    return VirtualAlloc2(NULL, NULL, size, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER, PAGE_NOACCESS, NULL, 0);
}

static void cut_and_join(void)
{
    char *base = ROW_P("pointer", placeholder(16 * PAGE));
    pages("16", "whole", base, 1);
    ROW_B("TRUE", VirtualFree(base + 4 * PAGE, 2 * PAGE, SPLIT));
    pages("4 2 10", "the middle", base, 3);
    ROW_B("TRUE", VirtualFree(base, PAGE, SPLIT));
    ROW_B("TRUE", VirtualFree(base + 15 * PAGE, PAGE, SPLIT));
    pages("1 3 2 9 1", "front and end", base, 5);
    ROW_B("FALSE 87", VirtualFree(base, 0, SPLIT));
    ROW_B("FALSE 487", VirtualFree(base, PAGE, SPLIT));
    ROW_B("FALSE 487", VirtualFreeEx(GetCurrentProcess(), base, PAGE, SPLIT));
    ROW_B("FALSE 87", VirtualFree(base, 0, JOIN));
    ROW_B("FALSE 487", VirtualFree(base, PAGE, JOIN));
    ROW_B("FALSE 487", VirtualFree(base, 3 * PAGE, JOIN));
    ROW_B("TRUE", VirtualFree(base, 4 * PAGE, JOIN));
    ROW_B("TRUE", VirtualFree(base, 16 * PAGE, JOIN));
    pages("16", "joined", base, 1);
    ROW_B("FALSE 87", VirtualFree(base, PAGE, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER | MEM_COALESCE_PLACEHOLDERS));
    ROW_B("FALSE 87", VirtualFree(base, PAGE, MEM_PRESERVE_PLACEHOLDER));
    ROW_B("TRUE", VirtualFree(base, 0, MEM_RELEASE));
    ROW_B("FALSE 487", VirtualFree(base, PAGE, SPLIT));

    base = ROW_P("pointer", VirtualAlloc2(NULL, NULL, 4 * PAGE, MEM_RESERVE, PAGE_NOACCESS, NULL, 0));
    ROW_B("FALSE 487", VirtualFree(base, PAGE, SPLIT));
    ROW_B("TRUE", VirtualFree(base, 0, MEM_RELEASE));
}

static void memory(void)
{
    char *base = placeholder(4 * PAGE);
    const ULONG replace = MEM_RESERVE | MEM_COMMIT | MEM_REPLACE_PLACEHOLDER;
    MUST(base);
    ROW_P("NULL 487", VirtualAlloc(base, PAGE, MEM_COMMIT, PAGE_READWRITE));
    ROW_P("NULL 487", VirtualAlloc2(NULL, base, 4 * PAGE, MEM_COMMIT, PAGE_READWRITE, NULL, 0));
    ROW_P("NULL 87", VirtualAlloc2(NULL, base, 4 * PAGE, MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, NULL, 0));
    ROW_P("NULL 87", VirtualAlloc2(NULL, base, 4 * PAGE, MEM_COMMIT | MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, NULL, 0));
    ROW_P("NULL 487", VirtualAlloc2(NULL, base, PAGE, replace, PAGE_READWRITE, NULL, 0));
    MUST(VirtualFree(base, PAGE, SPLIT));
    ROW_P("NULL 487", VirtualAlloc2(NULL, base, 2 * PAGE, replace, PAGE_READWRITE, NULL, 0));
    ROW_P("pointer", VirtualAlloc2(GetCurrentProcess(), base, PAGE, replace, PAGE_READWRITE, NULL, 0));
    base[5] = 'm';
    ROW_P("NULL 487", VirtualAlloc2(NULL, base, PAGE, replace, PAGE_READWRITE, NULL, 0));
    ROW_B("FALSE 487", VirtualFree(base, 4 * PAGE, JOIN));
    ROW_B("TRUE", VirtualFree(base, PAGE, SPLIT));
    ROW_B("TRUE", VirtualFree(base, 4 * PAGE, JOIN));
    ROW_P("pointer", VirtualAlloc2(NULL, base, 4 * PAGE, replace, PAGE_READWRITE, NULL, 0));
    ROW_SAY("0", "new", "%d", base[5]);
    ROW_B("TRUE", VirtualFree(base, 0, MEM_RELEASE));

    ROW_P("NULL 87", VirtualAlloc2(NULL, NULL, PAGE, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER, PAGE_READWRITE, NULL, 0));
    ROW_P("NULL 87", VirtualAlloc2(NULL, NULL, PAGE, MEM_RESERVE_PLACEHOLDER, PAGE_NOACCESS, NULL, 0));
    ROW_P("NULL 87", VirtualAlloc2(NULL, NULL, PAGE, MEM_RESERVE | MEM_COMMIT | MEM_RESERVE_PLACEHOLDER, PAGE_NOACCESS, NULL, 0));
    ROW_P("NULL 87", VirtualAlloc(NULL, PAGE, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER, PAGE_NOACCESS));
}

int main(void)
{
    cut_and_join();
    memory();
    return 0;
}
