/* Creating what exists. Contract: existing name, of CreateFileMapping, and the order of the checks. */
#include "sections.h"

int main(void)
{
    const char *name = NAME("taken");
    HANDLE first, again, file, empty;
    char *view;

    first = H(CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, 0, 5000, name));
    view = MapViewOfFile(first, FILE_MAP_WRITE, 0, 0, 0);
    MUST(view);
    strcpy(view, "first");

    again = H(CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, 0, 100000, name));
    SAY("content", "%s", (char *)MapViewOfFile(again, FILE_MAP_READ, 0, 0, 0));
    try_view("8192 of it", again, FILE_MAP_READ, 0, 0, 8192);
    try_view("8193 of it", again, FILE_MAP_READ, 0, 0, 8193);
    B(first != again);
    CloseHandle(again);

    again = H(CreateFileMappingA(MEMORY, NULL, PAGE_READONLY, 0, 1, name));
    try_view("asked read-only, read", again, FILE_MAP_READ, 0, 0, 0);
    try_view("asked read-only, copy", again, FILE_MAP_COPY, 0, 0, 0);
    try_view("asked read-only, write", again, FILE_MAP_WRITE, 0, 0, 0);
    CloseHandle(again);

    H(CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, 0, 0, name));
    H(CreateFileMappingA(MEMORY, NULL, PAGE_NOACCESS, 0, 100, name));
    ROW_H("NULL 87", CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, 0x80000000, 0, name));

    file = new_file("file", 100);
    again = H(CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, name));
    SAY("content", "%s", (char *)MapViewOfFile(again, FILE_MAP_READ, 0, 0, 0));
    CloseHandle(again);
    /* Windows makes the section before it looks for the name. */
    empty = new_file("empty", 0);
    ROW_H("NULL 1006", CreateFileMappingA(empty, NULL, PAGE_READWRITE, 0, 0, name));
    ROW_H("NULL 6", CreateFileMappingA((HANDLE)(ULONG_PTR)0xdeac, NULL, PAGE_READWRITE, 0, 100, name));
    ROW_H("NULL 87", CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE | SEC_COMMIT | SEC_RESERVE, 0, 100, name));
    ROW_H("NULL 87", CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE | SEC_NOCACHE, 0, 100, name));
    ROW_H("NULL 8", CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 101, name));
    ROW_H("NULL 193", CreateFileMappingA(file, NULL, PAGE_READONLY | SEC_IMAGE, 0, 0, name));

    /* Of a read-only one: the handle gets the rights that are asked for, the section permits what it did. */
    first = CreateFileMappingA(MEMORY, NULL, PAGE_READONLY, 0, 100, NAME("read-only"));
    MUST(first);
    again = H(CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, 0, 100, NAME("read-only")));
    ROW_P("NULL 87", MapViewOfFile(again, FILE_MAP_WRITE, 0, 0, 0));
    try_view("it can be read", again, FILE_MAP_READ, 0, 0, 0);

    /* Without a name, or with the empty one, nothing exists. */
    first = H(CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, 0, 100, ""));
    again = H(CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, 0, 100, ""));
    ROW_B("FALSE 1656", CompareObjectHandles(first, again));
    H(OpenFileMappingA(FILE_MAP_READ, FALSE, ""));
    return 0;
}
