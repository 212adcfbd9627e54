/* Which views each protection permits, and how their pages are then. Contract: views, access; VirtualQuery on views. */
#include "sections.h"

static void views(const char *name, HANDLE section)
{
    static const DWORD accesses[] = {0,    1,    2,    3,    4,    5,       6,       7,          8,          0x10,      0x20,
                                     0x21, 0x22, 0x24, 0x25, 0x26, 0xF001F, 0xF003F, 0x40000004, 0x80000004, 0x80000002};
    char text[64];
    size_t index;
    for (index = 0; index < sizeof accesses / sizeof accesses[0]; index++) {
        snprintf(text, sizeof text, "%s, view 0x%lx", name, (unsigned long)accesses[index]);
        try_view(text, section, accesses[index], 0, 0, 0);
    }
}

int main(void)
{
    static const struct {
        DWORD protect;
        const char *name;
    } protections[] = {{PAGE_READONLY, "READONLY"},           {PAGE_READWRITE, "READWRITE"},
                       {PAGE_WRITECOPY, "WRITECOPY"},         {PAGE_EXECUTE_READ, "EXECUTE_READ"},
                       {PAGE_EXECUTE_READWRITE, "EXECUTE_READWRITE"}, {PAGE_EXECUTE_WRITECOPY, "EXECUTE_WRITECOPY"}};
    static const DWORD wrong[] = {0,     PAGE_NOACCESS,        PAGE_EXECUTE,           6,     0x0c, 0x102,
                                  0x202, PAGE_WRITECOMBINE | 4, 0x60, PAGE_READWRITE | 0x800, 0x10004, 0x1000004};
    HANDLE file = new_file("file", 8192);
    size_t index;

    for (index = 0; index < 6; index++) {
        HANDLE of_memory = CreateFileMappingA(MEMORY, NULL, protections[index].protect, 0, 8192, NULL);
        HANDLE of_file = CreateFileMappingA(file, NULL, protections[index].protect, 0, 0, NULL);
        MUST(of_memory && of_file);
        views(protections[index].name, index % 2 ? of_file : of_memory);
        CloseHandle(of_memory);
        CloseHandle(of_file);
    }
    for (index = 0; index < sizeof wrong / sizeof wrong[0]; index++) {
        char text[32];
        HANDLE section;
        SetLastError(UNTOUCHED);
        section = CreateFileMappingA(index % 2 ? file : MEMORY, NULL, wrong[index], 0, 8192, NULL);
        snprintf(text, sizeof text, "protection 0x%lx", (unsigned long)wrong[index]);
        SAY(text, "%s %lu", section ? "handle" : "NULL", (unsigned long)GetLastError());
    }
    return 0;
}
