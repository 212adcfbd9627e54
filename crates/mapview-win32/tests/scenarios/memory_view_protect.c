/* VirtualQuery, VirtualProtect, VirtualAlloc and VirtualFree of views. Contract: 6.6, 6.7. */
#include "memory_rows.h"

static const DWORD protections[] = {PAGE_NOACCESS, PAGE_READONLY, PAGE_READWRITE, PAGE_WRITECOPY, PAGE_EXECUTE,
                                    PAGE_EXECUTE_READ, PAGE_EXECUTE_READWRITE, PAGE_EXECUTE_WRITECOPY};

/* Which protections a view for this access can have. */
static void try_all(HANDLE mapping, const char *what, DWORD access)
{
    char text[100] = "", *view = MapViewOfFile(mapping, access, 0, 0, 0);
    unsigned i;
    DWORD old;
    MUST(view);
    ROW(view, view);
    for (i = 0; i < sizeof protections / sizeof *protections; i++) {
        SetLastError(0);
        if (VirtualProtect(view, PAGE, protections[i], &old))
            snprintf(text + strlen(text), 20, " %lx", (unsigned long)protections[i]);
        else if (GetLastError() != ERROR_INVALID_PARAMETER)
            snprintf(text + strlen(text), 20, " error %lu", (unsigned long)GetLastError());
    }
    SAY(what, "%s", text);
    MUST(UnmapViewOfFile(view));
}

int main(void)
{
    HANDLE file, mapping, memory, reserved;
    char *view, *second;
    DWORD old;

    memory = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_EXECUTE_READWRITE, 0, 4 * PAGE, NULL);
    MUST(memory);
    try_all(memory, "FILE_MAP_READ", FILE_MAP_READ);
    try_all(memory, "FILE_MAP_WRITE", FILE_MAP_WRITE);
    try_all(memory, "FILE_MAP_COPY", FILE_MAP_COPY);
    try_all(memory, "FILE_MAP_READ | FILE_MAP_EXECUTE", FILE_MAP_READ | FILE_MAP_EXECUTE);
    try_all(memory, "FILE_MAP_WRITE | FILE_MAP_EXECUTE", FILE_MAP_WRITE | FILE_MAP_EXECUTE);
    try_all(memory, "FILE_MAP_COPY | FILE_MAP_EXECUTE", FILE_MAP_COPY | FILE_MAP_EXECUTE);
    try_all(memory, "0", 0);

    /* A view of memory is committed already, and can be once more; it is not reserved, freed or reset away. */
    view = MapViewOfFile(memory, FILE_MAP_WRITE, 0, 0, 0);
    MUST(view);
    view[0] = 'x';
    B(VirtualProtect(view + PAGE, PAGE, PAGE_READONLY, &old));
    ROW(view, view);
    ROW(view, view + PAGE);
    ROW(view, view + 2 * PAGE + 3);
    P(VirtualAlloc(view + PAGE, PAGE, MEM_COMMIT, PAGE_READWRITE));
    ROW(view, view);
    P(VirtualAlloc(view, PAGE, MEM_COMMIT, PAGE_EXECUTE_READWRITE));
    P(VirtualAlloc(view, 5 * PAGE, MEM_COMMIT, PAGE_READWRITE));
    P(VirtualAlloc(view, PAGE, MEM_RESERVE, PAGE_READWRITE));
    P(VirtualAlloc(view, PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
    P(VirtualAlloc(view, PAGE, MEM_RESET, PAGE_READWRITE));
    SAY("kept", "%c", view[0]);
    B(VirtualFree(view, PAGE, MEM_DECOMMIT));
    B(VirtualFree(view, 0, MEM_RELEASE));
    ROW(view, view + 3 * PAGE);
    second = MapViewOfFile(memory, FILE_MAP_READ, 0, 0, PAGE);
    MUST(second && second != view);
    SAY("shared", "%c", second[0]);
    MUST(UnmapViewOfFile(view));
    ROW(view, view);

    /* A view of a file. */
    file = CreateFileA("view", GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, NULL);
    MUST(file != INVALID_HANDLE_VALUE);
    mapping = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 5000, NULL);
    MUST(mapping);
    view = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0);
    MUST(view);
    ROW(view, view);
    P(VirtualAlloc(view, PAGE, MEM_COMMIT, PAGE_READWRITE));
    P(VirtualAlloc(view, PAGE, MEM_RESERVE, PAGE_READWRITE));
    ROW_P("NULL 87", VirtualAlloc(view, PAGE, MEM_RESET, PAGE_READWRITE));
    B(VirtualFree(view, 0, MEM_RELEASE));
    B(VirtualFree(view, PAGE, MEM_DECOMMIT));
    MUST(UnmapViewOfFile(view));

    /* A view of what is only reserved. */
    reserved = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE | SEC_RESERVE, 0, 4 * PAGE, NULL);
    MUST(reserved);
    view = MapViewOfFile(reserved, FILE_MAP_WRITE, 0, 0, 0);
    second = MapViewOfFile(reserved, FILE_MAP_READ, 0, 0, 0);
    MUST(view && second);
    ROW(view, view);
    P(VirtualAlloc(view + PAGE, PAGE, MEM_COMMIT, PAGE_READWRITE));
    ROW(view, view);
    ROW(view, view + PAGE);
    ROW(second, second + PAGE);
    ROW(view, view + 2 * PAGE);
    view[PAGE] = 'y';
    SAY("shared", "%c", second[PAGE]);
    B(VirtualFree(view + PAGE, PAGE, MEM_DECOMMIT));
    P(VirtualAlloc(view, 5 * PAGE, MEM_COMMIT, PAGE_READWRITE));
    return 0;
}
