/* Handles to sections that a child inherits or is given, and what it may do with them. Contract: inheritance; DuplicateHandle. */
#include "sections.h"

static int child(char **arguments)
{
    HANDLE section = (HANDLE)(ULONG_PTR)strtoul(arguments[2], NULL, 16), go = OpenEventA(SYNCHRONIZE, FALSE, NAME("go"));
    char *view;
    MUST(go && WaitForSingleObject(go, 30000) == WAIT_OBJECT_0);
    if (strcmp(arguments[1], "given") == 0) {
        ULONG_PTR *number = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);
        MUST(number);
        section = (HANDLE)*number;
    }
    view = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);
    if (!view) {
        SAY("child", "NULL %lu", (unsigned long)GetLastError());
        return 1;
    }
    SAY("child reads", "%s", view);
    P(MapViewOfFile(section, FILE_MAP_WRITE | FILE_MAP_EXECUTE, 0, 0, 0));
    view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    SAY("child writes", "%s", view ? "yes" : "no");
    if (view)
        strcpy(view, "from the child");
    return 0;
}

static DWORD with_child(HANDLE section)
{
    char arguments[64];
    HANDLE go = CreateEventA(NULL, FALSE, TRUE, NAME("go"));
    DWORD code;
    snprintf(arguments, sizeof arguments, "child %llx", (unsigned long long)(ULONG_PTR)section);
    code = scenario_finish(scenario_start_process(arguments));
    CloseHandle(go);
    return code;
}

int main(int count, char **arguments)
{
    SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
    HANDLE section, reader, go, process, numbers, there = NULL;
    ULONG_PTR *number;
    char *view, text[64];
    if (count > 1)
        return child(arguments);

    section = H(CreateFileMappingA(MEMORY, &inherited, PAGE_READWRITE, 0, 4096, NULL));
    view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    strcpy(view, "from the parent");
    SAY("inherited", "%lu", (unsigned long)with_child(section));
    SAY("parent reads", "%s", view);
    B(SetHandleInformation(section, HANDLE_FLAG_INHERIT, 0));
    SAY("not inherited", "%lu", (unsigned long)with_child(section));

    /* What the handle may not do, the child may not either. */
    B(DuplicateHandle(GetCurrentProcess(), section, GetCurrentProcess(), &reader, FILE_MAP_READ, TRUE, 0));
    SAY("reader", "%lu", (unsigned long)with_child(reader));
    SAY("parent reads", "%s", view);

    /* Given to a child that runs and has no other; it learns the number from a second memory. */
    numbers = CreateFileMappingA(MEMORY, &inherited, PAGE_READWRITE, 0, 4096, NULL);
    number = MapViewOfFile(numbers, FILE_MAP_WRITE, 0, 0, 0);
    go = CreateEventA(NULL, FALSE, FALSE, NAME("go"));
    snprintf(text, sizeof text, "given %llx", (unsigned long long)(ULONG_PTR)numbers);
    process = scenario_start_process(text);
    strcpy(view, "from a parent that gives");
    B(DuplicateHandle(GetCurrentProcess(), section, process, &there, FILE_MAP_READ, FALSE, 0));
    *number = (ULONG_PTR)there;
    SetEvent(go);
    SAY("child ends with", "%lu", (unsigned long)scenario_finish(process));
    SAY("parent reads", "%s", view);
    return 0;
}
