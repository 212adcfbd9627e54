/* What opened and duplicated handles may do. Contract: OpenFileMapping; DuplicateHandle; CompareObjectHandles. */
#include "sections.h"

static void views(const char *what, HANDLE section)
{
    static const struct {
        DWORD access;
        const char *name;
    } kinds[] = {{0, "nothing"}, {FILE_MAP_COPY, "copy"},   {FILE_MAP_READ, "read"}, {FILE_MAP_WRITE, "write"}};
    char text[64];
    size_t index;
    for (index = 0; index < sizeof kinds / sizeof kinds[0]; index++) {
        snprintf(text, sizeof text, "%s, %s", what, kinds[index].name);
        try_view(text, section, kinds[index].access, 0, 0, 0);
    }
}

static void open_and_look(const char *name, DWORD access)
{
    char text[32];
    HANDLE section;
    SetLastError(UNTOUCHED);
    section = OpenFileMappingA(access, FALSE, name);
    snprintf(text, sizeof text, "open 0x%lx", (unsigned long)access);
    if (!section) {
        SAY(text, "NULL %lu", (unsigned long)GetLastError());
        return;
    }
    views(text, section);
    CloseHandle(section);
}

static HANDLE duplicate(HANDLE section, DWORD access, DWORD options)
{
    HANDLE copy = NULL;
    if (!DuplicateHandle(GetCurrentProcess(), section, GetCurrentProcess(), &copy, access, FALSE, options))
        return NULL;
    return copy;
}

int main(void)
{
    static const DWORD accesses[] = {FILE_MAP_COPY, FILE_MAP_READ,  FILE_MAP_WRITE, FILE_MAP_READ | FILE_MAP_WRITE,
                                     5,             FILE_MAP_ALL_ACCESS, GENERIC_READ,   GENERIC_WRITE};
    const char *name = NAME("rights");
    HANDLE first, reader, other, none;
    size_t index;

    first = H(CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, 0, 4096, name));
    for (index = 0; index < sizeof accesses / sizeof accesses[0]; index++)
        open_and_look(name, accesses[index]);
    ROW_H("NULL 5", OpenFileMappingA(0, FALSE, name));
    H(OpenFileMappingA(FILE_MAP_READ, FALSE, NAME("missing")));
    H(OpenFileMappingA(FILE_MAP_READ, FALSE, NULL));

    H(CreateFileMappingA(MEMORY, NULL, PAGE_EXECUTE_READWRITE, 0, 4096, NAME("code")));
    other = H(OpenFileMappingA(FILE_MAP_READ | FILE_MAP_EXECUTE, FALSE, NAME("code")));
    ROW_SAY("1000 20 20 40000 1000", "executed", "%s",
            region(MapViewOfFile(other, FILE_MAP_READ | FILE_MAP_EXECUTE, 0, 0, 0)));

    /* The rights of the object count, not those of the handle that is duplicated. */
    reader = H(OpenFileMappingA(FILE_MAP_READ, FALSE, name));
    views("writer from reader", H(duplicate(reader, FILE_MAP_WRITE, 0)));
    views("same access", H(duplicate(reader, FILE_MAP_WRITE, DUPLICATE_SAME_ACCESS)));
    ROW_P("NULL 87", MapViewOfFile(duplicate(first, FILE_MAP_ALL_ACCESS, 0), FILE_MAP_READ | FILE_MAP_EXECUTE, 0, 0, 0));
    none = H(duplicate(first, 0, 0));
    views("no rights", none);
    views("all from none", H(duplicate(none, FILE_MAP_ALL_ACCESS, 0)));
    ROW_H("NULL 5", duplicate(first, 0xffffffff, 0));

    ROW_B("TRUE", CompareObjectHandles(first, reader));
    ROW_B("TRUE", CompareObjectHandles(first, none));
    ROW_B("FALSE 1656", CompareObjectHandles(first, other));
    ROW_B("FALSE 6", CompareObjectHandles(first, NULL));
    N(WaitForSingleObject(first, 0));

    /* Opening asks who may; what the section permits is a matter of mapping. */
    H(CreateFileMappingA(MEMORY, NULL, PAGE_READONLY, 0, 4096, NAME("read-only")));
    other = H(OpenFileMappingA(FILE_MAP_WRITE, FALSE, NAME("read-only")));
    ROW_P("NULL 87", MapViewOfFile(other, FILE_MAP_WRITE, 0, 0, 0));
    P(MapViewOfFile(other, FILE_MAP_READ, 0, 0, 0));
    return 0;
}
