/* Views that are refused, and in which order what is wrong is found. Contract: MapViewOfFile(Ex), errors. */
#include "sections.h"

int main(void)
{
    HANDLE file = new_file("file", 0x13456);
    HANDLE section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
    HANDLE small = memory_section(PAGE_READWRITE, 100), read_only = memory_section(PAGE_READONLY, 0x20000);
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL), closed = memory_section(PAGE_READONLY, 1);
    MUST(section && event && CloseHandle(closed));

    P(MapViewOfFile(NULL, FILE_MAP_READ, 0, 0, 0));
    P(MapViewOfFile(INVALID_HANDLE_VALUE, FILE_MAP_READ, 0, 0, 0));
    P(MapViewOfFile(closed, FILE_MAP_READ, 0, 0, 0));
    P(MapViewOfFile((HANDLE)(ULONG_PTR)0xdeac, FILE_MAP_READ, 0, 0, 0));
    P(MapViewOfFile(file, FILE_MAP_READ, 0, 0, 0));
    P(MapViewOfFile(event, FILE_MAP_READ, 0, 0, 0));

    P(MapViewOfFile(section, FILE_MAP_READ, 0, 1, 0));
    P(MapViewOfFile(section, FILE_MAP_READ, 0, 0x1000, 0));
    P(MapViewOfFile(section, FILE_MAP_READ, 0, 0x8000, 0));
    P(MapViewOfFile(section, FILE_MAP_READ, 0, 0x1000, 0x100000));
    P(MapViewOfFile(section, FILE_MAP_READ, 1, 0x8000, 0));
    P(MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0x13457));
    P(MapViewOfFile(section, FILE_MAP_READ, 0, 0x10000, 0x3457));
    ROW_P("NULL 5", MapViewOfFile(section, FILE_MAP_READ, 0, 0x20000, 0));
    ROW_P("NULL 5", MapViewOfFile(section, FILE_MAP_READ, 0, 0x20000, 1));
    ROW_P("NULL 5", MapViewOfFile(section, FILE_MAP_READ, 1, 0, 0));
    ROW_P("NULL 87", MapViewOfFile(section, FILE_MAP_READ, 0, 0, (SIZE_T)-1));
    P(MapViewOfFile(small, FILE_MAP_READ, 0, 0, 4097));
    try_view("the rest", section, FILE_MAP_READ, 0, 0x10000, 0);
    try_view("a part", section, FILE_MAP_READ, 0, 0x10000, 1);
    try_view("to the last byte", section, FILE_MAP_READ, 0, 0x10000, 0x3456);
    try_view("across a page", section, FILE_MAP_READ, 0, 0, 0x1001);

    /* The handle, then its rights, then the alignment, then the size. */
    ROW_P("NULL 6", MapViewOfFile(NULL, FILE_MAP_READ, 0, 1, 0));
    ROW_P("NULL 6", MapViewOfFile(event, FILE_MAP_WRITE, 0, 1, 0));
    ROW_P("NULL 5", MapViewOfFile(read_only, FILE_MAP_WRITE, 0, 1, 0));
    P(MapViewOfFile(read_only, FILE_MAP_WRITE, 0, 0, 0x30000));
    P(MapViewOfFile(read_only, FILE_MAP_READ, 0, 1, 0x30000));
    ROW_P("NULL 5", MapViewOfFileEx(read_only, FILE_MAP_WRITE, 0, 0, 0, (void *)0x12345));
    P(MapViewOfFileEx(read_only, FILE_MAP_READ, 0, 0, 0x30000, (void *)0x12345));
    return 0;
}
