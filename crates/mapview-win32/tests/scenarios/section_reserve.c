/* Reserved sections: what one commits, all have. Contract: VirtualQuery, VirtualAlloc and others on views; SEC_RESERVE. */
#include "sections.h"

#define PAGE 4096

static int other(void)
{
    HANDLE section = OpenFileMappingA(FILE_MAP_READ | FILE_MAP_WRITE, FALSE, NAME("reserved"));
    char *view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    MUST(view);
    SAY("child, first page", "%s", region(view));
    SAY("child, second page", "%s", region(view + PAGE));
    SAY("child reads", "%s", view);
    strcpy(view, "written by the child");
    MUST(VirtualAlloc(view + 4 * PAGE, PAGE, MEM_COMMIT, PAGE_READWRITE));
    strcpy(view + 4 * PAGE, "committed by the child");
    return 0;
}

int main(int count, char **arguments)
{
    HANDLE section;
    char *view, *reader, buffer[4];
    DWORD old;
    SIZE_T read;
    if (count > 1 && strcmp(arguments[1], "other") == 0)
        return other();

    section = H(CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE | SEC_RESERVE, 0, 16 * PAGE, NAME("reserved")));
    view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    reader = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);
    MUST(view && reader);
    SAY("nothing yet", "%s", region(view));
    SAY("nor there", "%s", region(reader));
    B(VirtualProtect(view, PAGE, PAGE_READONLY, &old));
    ROW_B("FALSE 299", ReadProcessMemory(GetCurrentProcess(), view, buffer, 4, &read));

    ROW_B("TRUE", IsBadReadPtr(view + PAGE, 1)); /* Wine 8 can touch it */
    SAY("committed at", "%lx", (unsigned long)((char *)VirtualAlloc(view + 1, 10, MEM_COMMIT, PAGE_READWRITE) - view));
    SAY("the view", "%s", region(view));
    SAY("behind it", "%s", region(view + PAGE));
    SAY("the other view", "%s", region(reader));
    strcpy(view, "hello");
    SAY("reads", "%s", reader);
    P(VirtualAlloc(reader + 2 * PAGE, PAGE, MEM_COMMIT, PAGE_READWRITE));
    P(VirtualAlloc(view + 15 * PAGE, PAGE + 1, MEM_COMMIT, PAGE_READWRITE));
    P(VirtualAlloc(view, PAGE, MEM_RESERVE, PAGE_READWRITE));
    P(VirtualAlloc(view, PAGE, MEM_COMMIT, PAGE_EXECUTE_READ));
    B(VirtualFree(view, PAGE, MEM_DECOMMIT));
    B(VirtualFree(view, 0, MEM_RELEASE));
    B(VirtualProtect(view, PAGE, PAGE_READONLY, &old));
    SAY("read-only here", "%s", region(view));
    SAY("committing again", "%d", VirtualAlloc(view, PAGE, MEM_COMMIT, PAGE_READWRITE) == view);
    SAY("as it was", "%s \"%s\"", region(view), view);

    SAY("the child ends with", "%lu", (unsigned long)scenario_finish(scenario_start_process("other")));
    SAY("parent reads", "%s, %s", reader, reader + 4 * PAGE);
    SAY("committed", "%s", region(view + 4 * PAGE));
    SAY("and here", "%s", region(reader + 4 * PAGE));
    B(UnmapViewOfFile(view));
    view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    SAY("mapped again", "%s \"%s\"", region(view + 4 * PAGE), view + 4 * PAGE);
    SAY("still reserved", "%s", region(view + 5 * PAGE));
    return 0;
}
