/* How long names and memory live. Contract: names, lifetime; handles, process exit. */
#include "sections.h"

/* Holds the name and says what it sees, until it is told to end. */
static int holder(void)
{
    HANDLE go = OpenEventA(EVENT_ALL_ACCESS, FALSE, NAME("go")), ready = OpenEventA(EVENT_ALL_ACCESS, FALSE, NAME("ready"));
    HANDLE section = OpenFileMappingA(FILE_MAP_ALL_ACCESS, FALSE, NAME("memory"));
    char *view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    MUST(go && ready && view);
    SAY("child sees", "%s", view);
    strcpy(view, "from the child");
    MUST(SetEvent(ready));
    MUST(WaitForSingleObject(go, 30000) == WAIT_OBJECT_0);
    ExitProcess(7); /* with everything open */
}

int main(int count, char **arguments)
{
    HANDLE go, ready, first, second, child;
    char *old, *new;
    if (count > 1 && strcmp(arguments[1], "hold") == 0)
        return holder();

    first = H(CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, 0, 4096, NAME("memory")));
    old = MapViewOfFile(first, FILE_MAP_WRITE, 0, 0, 0);
    strcpy(old, "from before");
    B(CloseHandle(first));
    H(OpenFileMappingA(FILE_MAP_READ, FALSE, NAME("memory")));
    second = H(CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, 0, 4096, NAME("memory")));
    new = MapViewOfFile(second, FILE_MAP_WRITE, 0, 0, 0);
    SAY("two memories", "\"%s\" \"%s\"", old, new);
    strcpy(new, "from the parent");

    go = CreateEventA(NULL, FALSE, FALSE, NAME("go"));
    ready = CreateEventA(NULL, FALSE, FALSE, NAME("ready"));
    child = scenario_start_process("hold");
    MUST(WaitForSingleObject(ready, 30000) == WAIT_OBJECT_0);
    SAY("parent sees", "%s", new);
    B(CloseHandle(second));
    second = H(OpenFileMappingA(FILE_MAP_READ, FALSE, NAME("memory"))); /* the child has it */
    B(CloseHandle(second));
    SetEvent(go);
    SAY("the child ends with", "%lu", (unsigned long)scenario_finish(child));
    H(OpenFileMappingA(FILE_MAP_READ, FALSE, NAME("memory")));
    SAY("views stay", "\"%s\" \"%s\"", old, new);
    B(UnmapViewOfFile(old));
    B(UnmapViewOfFile(new));
    second = H(CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, 0, 4096, NAME("memory")));
    SAY("a new one is empty", "%d", *(char *)MapViewOfFile(second, FILE_MAP_READ, 0, 0, 0));
    return 0;
}
