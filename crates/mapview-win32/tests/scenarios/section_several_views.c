/* One file, several views and mappings, reading and writing; handles closed in any order. Contract: views, semantics. */
#include "sections.h"

int main(void)
{
    HANDLE file = new_file("file", 0x30000), reader, first, second;
    volatile unsigned char *whole, *part, *other;
    DWORD count;
    unsigned char byte = 201;

    reader = CreateFileA("file", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                         OPEN_EXISTING, 0, NULL);
    first = H(CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL));
    second = H(CreateFileMappingA(reader, NULL, PAGE_READONLY, 0, 0, NULL));
    whole = MapViewOfFile(first, FILE_MAP_WRITE, 0, 0, 0);
    part = MapViewOfFile(first, FILE_MAP_READ, 0, 0x10000, 100);
    other = MapViewOfFile(second, FILE_MAP_READ, 0, 0x20000, 0);
    MUST(whole && part && other);

    whole[0x10005] = 7;
    whole[0x20006] = 8;
    SAY("views", "%d %d", part[5], other[6]);
    N(file_byte(reader, 0x10005));
    SetFilePointer(file, 0x10006, NULL, FILE_BEGIN);
    B(WriteFile(file, &byte, 1, &count, NULL));
    SAY("written to the file", "%d %d", whole[0x10006], part[6]);

    /* Handles go, views stay. */
    B(CloseHandle(first));
    B(CloseHandle(file));
    B(CloseHandle(second));
    whole[0x10007] = 9;
    SAY("without handles", "%d %lu", part[7], file_byte(reader, 0x10007));
    B(UnmapViewOfFile((void *)whole));
    SAY("the rest stays", "%d %d", part[7], other[6]);
    N(file_byte(reader, 0x20006));
    B(UnmapViewOfFile((void *)part));
    B(UnmapViewOfFile((void *)other));

    /* The view keeps the file alive, also under another name. */
    first = CreateFileMappingA(reader, NULL, PAGE_READONLY, 0, 0, NULL);
    part = MapViewOfFile(first, FILE_MAP_READ, 0, 0, 0);
    CloseHandle(first);
    CloseHandle(reader);
    B(MoveFileA("file", "moved"));
    N(part[0x10006]);
    B(UnmapViewOfFile((void *)part));
    B(DeleteFileA("moved"));
    return 0;
}
