/* What can be done to views by address. Contract: VirtualProtect, VirtualAlloc, VirtualFree on views. */
#include "sections.h"

static void protect(const char *what, void *address, DWORD protection)
{
    char text[80];
    DWORD old = 0;
    BOOL done;
    snprintf(text, sizeof text, "%s to 0x%lx", what, (unsigned long)protection);
    SetLastError(UNTOUCHED);
    done = VirtualProtect(address, 1, protection, &old);
    SAY(text, "%s %lu, was 0x%lx", done ? "TRUE" : "FALSE", (unsigned long)GetLastError(), done ? (unsigned long)old : 0);
}

int main(void)
{
    static const struct {
        DWORD access;
        const char *name;
    } views[] = {{0, "nothing"},
                 {FILE_MAP_READ, "read"},
                 {FILE_MAP_COPY, "copy"},
                 {FILE_MAP_WRITE, "write"},
                 {FILE_MAP_READ | FILE_MAP_EXECUTE, "execute"},
                 {FILE_MAP_WRITE | FILE_MAP_EXECUTE, "all"}};
    static const DWORD protections[] = {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0, 0x06};
    HANDLE section = memory_section(PAGE_EXECUTE_READWRITE, 8192), file = new_file("file", 8192), of_file;
    char *view;
    DWORD old;
    size_t index, which;

    for (index = 0; index < sizeof views / sizeof views[0]; index++) {
        for (which = 0; which < sizeof protections / sizeof protections[0]; which++) {
            view = MapViewOfFile(section, views[index].access, 0, 0, 0);
            MUST(view);
            protect(views[index].name, view, protections[which]);
            MUST(UnmapViewOfFile(view));
        }
    }
    view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    protect("one page", view + 4096, PAGE_READONLY);
    SAY("the first page", "%s", region(view));
    SAY("the second page", "%s", region(view + 4096));
    ROW_B("FALSE 487", VirtualProtect(view, 8193, PAGE_READONLY, &old));
    ROW_B("FALSE 998", VirtualProtect(view, 1, PAGE_READONLY, NULL));
    SAY("as before", "%s", region(view));

    /* Of memory it can be committed, of a file it is; neither is anything to be freed. */
    SAY("commit", "%d", VirtualAlloc(view, 4096, MEM_COMMIT, PAGE_READONLY) == (void *)view);
    SAY("then", "%s", region(view));
    P(VirtualAlloc(view, 4096, MEM_COMMIT, PAGE_EXECUTE_READ));
    P(VirtualAlloc(view, 4096, MEM_RESERVE, PAGE_READWRITE));
    P(VirtualAlloc(view + 4096, 4096, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
    B(VirtualFree(view, 0, MEM_RELEASE));
    B(VirtualFree(view, 4096, MEM_DECOMMIT));
    SAY("reset", "%d", VirtualAlloc(view, 4096, MEM_RESET, PAGE_READWRITE) == (void *)view);
    of_file = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
    view = MapViewOfFile(of_file, FILE_MAP_WRITE, 0, 0, 0);
    P(VirtualAlloc(view, 4096, MEM_COMMIT, PAGE_READWRITE));
    B(VirtualFree(view, 0, MEM_RELEASE));
    B(VirtualFree(view, 4096, MEM_DECOMMIT));
    ROW_P("NULL 87", VirtualAlloc(view, 4096, MEM_RESET, PAGE_READWRITE));
    SAY("still there", "%d %s", view[7], region(view));
    MUST(UnmapViewOfFile(view));
    SAY("free", "%s", region(view));
    return 0;
}
