/* Placeholders: cut, joined, replaced by views and memory, and left. Contract: placeholders. */
#include "../scenarios/sections.h"

#define PAGE 4096
#define CUT (MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER)
#define JOIN (MEM_RELEASE | MEM_COALESCE_PLACEHOLDERS)

static char *placeholder(SIZE_T size)
{
    return VirtualAlloc2(NULL, NULL, size, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER, PAGE_NOACCESS, NULL, 0);
}

static char *view_at(HANDLE section, void *at, ULONG64 offset, SIZE_T size, DWORD kind, DWORD protect)
{
    return MapViewOfFile3(section, NULL, at, offset, size, kind, protect, NULL, 0);
}

int main(void)
{
    const DWORD replace = MEM_REPLACE_PLACEHOLDER;
    HANDLE section = memory_section(PAGE_READWRITE, 0x20000);
    char *whole, *view, *reserved = VirtualAlloc(NULL, 0x10000, MEM_RESERVE, PAGE_NOACCESS);

    ROW_P("NULL 87", VirtualAlloc2(NULL, NULL, PAGE, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER, PAGE_READWRITE, NULL, 0));
    ROW_P("NULL 87", VirtualAlloc(NULL, PAGE, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER, PAGE_NOACCESS));
    whole = ROW_P("pointer", placeholder(0x20000));
    ROW_SAY("2000 0 1 20000 20000", "placeholder", "%s", region(whole));
    ROW_P("NULL 487", VirtualAlloc(whole, PAGE, MEM_COMMIT, PAGE_READWRITE));

    /* Cutting: in the middle makes three. */
    ROW_B("FALSE 87", VirtualFree(whole, 0, CUT));
    ROW_B("FALSE 487", VirtualFree(whole, 0x20000, CUT));
    ROW_B("FALSE 487", VirtualFree(reserved, PAGE, CUT));
    ROW_B("TRUE", VirtualFree(whole + PAGE, 2 * PAGE, CUT));
    ROW_SAY("1000", "the first", "%s", strrchr(region(whole), ' ') + 1);
    ROW_SAY("2000", "the second", "%s", strrchr(region(whole + PAGE), ' ') + 1);
    ROW_SAY("1d000", "the third", "%s", strrchr(region(whole + 3 * PAGE), ' ') + 1);

    /* Views: exactly a placeholder, at pages. */
    ROW_P("NULL 487", view_at(section, whole, 0, 2 * PAGE, replace, PAGE_READWRITE));
    ROW_P("NULL 487", view_at(section, whole + PAGE, 0, PAGE, replace, PAGE_READWRITE));
    ROW_P("NULL 1132", view_at(section, whole + 1, 0, PAGE, replace, PAGE_READWRITE));
    ROW_P("NULL 1132", view_at(section, whole, 1, PAGE, replace, PAGE_READWRITE));
    ROW_P("NULL 1132", view_at(section, whole + PAGE, 0, 2 * PAGE, 0, PAGE_READWRITE));
    ROW_P("NULL 1132", view_at(section, NULL, PAGE, 2 * PAGE, 0, PAGE_READWRITE));
    ROW_P("NULL 487", view_at(section, whole, 0, PAGE, 0, PAGE_READWRITE));
    ROW_P("NULL 487", view_at(section, reserved, 0, 0x10000, replace, PAGE_READWRITE));
    ROW_P("NULL 87", view_at(section, NULL, 0, PAGE, replace, PAGE_READWRITE));
    ROW_P("NULL 5", view_at(section, whole, 0x20000, PAGE, replace, PAGE_READWRITE));
    ROW_P("NULL 5", view_at(section, whole, 0, PAGE, replace, PAGE_EXECUTE_READ));
    ROW_P("NULL 6", view_at(NULL, whole, 0, PAGE, replace, PAGE_READWRITE));
    view = ROW_P("pointer", view_at(section, whole + PAGE, PAGE, 2 * PAGE, replace, PAGE_READWRITE));
    ROW_SAY("1, 1000 4 4 40000 2000", "view", "%d, %s", view == whole + PAGE, region(view));
    strcpy(view, "here");
    ROW_SAY("here", "another view", "%s", view_at(section, NULL, 0, 0, 0, PAGE_READONLY) + PAGE);
    ROW_B("FALSE 87", VirtualFree(view, PAGE, CUT));
    ROW_B("FALSE 87", VirtualFree(view, 0, MEM_RELEASE));

    /* Memory in another one; half of the rights are not enough. */
    ROW_P("NULL 87", VirtualAlloc2(NULL, whole, PAGE, MEM_COMMIT | replace, PAGE_READWRITE, NULL, 0));
    ROW_P("NULL 87", VirtualAlloc2(NULL, whole, PAGE, replace, PAGE_READWRITE, NULL, 0));
    ROW_P("NULL 487", VirtualAlloc2(NULL, whole, 2 * PAGE, MEM_RESERVE | MEM_COMMIT | replace, PAGE_READWRITE, NULL, 0));
    ROW_P("pointer", VirtualAlloc2(NULL, whole, PAGE, MEM_RESERVE | MEM_COMMIT | replace, PAGE_READWRITE, NULL, 0));
    ROW_SAY("1000 4 4 20000 1000", "memory", "%s", region(whole));
    whole[7] = 7;
    ROW_B("TRUE", VirtualFree(whole, PAGE, CUT));
    ROW_SAY("2000 0 1 20000 1000", "a placeholder again", "%s", region(whole));

    /* Back, and joined. */
    ROW_B("FALSE 487", VirtualFree(whole, 0x20000, JOIN));
    ROW_B("TRUE", UnmapViewOfFileEx(view + 5, MEM_PRESERVE_PLACEHOLDER));
    ROW_SAY("2000 0 1 20000 2000", "left", "%s", region(view));
    ROW_B("FALSE 487", UnmapViewOfFileEx(view, MEM_PRESERVE_PLACEHOLDER));
    ROW_B("FALSE 487", UnmapViewOfFile(view));
    ROW_B("FALSE 487", VirtualFree(whole, PAGE, JOIN));
    ROW_B("TRUE", VirtualFree(whole, 0x20000, JOIN));
    ROW_SAY("2000 0 1 20000 20000", "joined", "%s", region(whole));

    /* A copy-on-write view in it, which goes without leaving anything. */
    view = ROW_P("pointer", view_at(section, whole, 0, 0x20000, replace, PAGE_WRITECOPY));
    view[PAGE] = 'H';
    ROW_SAY("Here", "copy", "%s", view + PAGE);
    ROW_SAY("here", "original", "%s", view_at(section, NULL, 0, 0, 0, PAGE_READONLY) + PAGE);
    ROW_SAY("1000 4 8 40000 1000", "the page that was written", "%s", region(view + PAGE));
    ROW_B("FALSE 6", UnmapViewOfFile2(NULL, view, MEM_PRESERVE_PLACEHOLDER));
    ROW_B("FALSE 87", UnmapViewOfFile2(GetCurrentProcess(), view, MEM_PRESERVE_PLACEHOLDER | 8));
    ROW_B("TRUE", UnmapViewOfFile2(GetCurrentProcess(), view, 0));
    ROW_SAY("10000 1 0 0 0", "free", "%s", region(view));
    return 0;
}
