/* How large mappings are, and which sizes are refused. Contract: CreateFileMapping, sizes; views compare with them. */
#include "sections.h"

static void sizes_of(const char *what, HANDLE section, const DWORD *sizes, int count)
{
    char text[80];
    int index;
    for (index = 0; index < count; index++) {
        snprintf(text, sizeof text, "%s, view of 0x%lx", what, (unsigned long)sizes[index]);
        try_view(text, section, FILE_MAP_READ, 0, 0, sizes[index]);
    }
}

int main(void)
{
    static const DWORD of_memory[] = {0, 1, 100, 4095, 4096, 4097};
    static const DWORD more[] = {0x3452, 0x4000, 0x4001};
    static const DWORD of_file[] = {0, 36, 37, 4096};
    static const DWORD odd[] = {0x3456, 0x3457, 0x4000};
    HANDLE section, file, empty;

    section = H(CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, 0, 100, NULL));
    sizes_of("memory of 100", section, of_memory, 6);
    CloseHandle(section);
    section = H(CreateFileMappingA(NULL, NULL, PAGE_READWRITE, 0, 0x3452, NULL));
    sizes_of("memory of 0x3452", section, more, 3);
    CloseHandle(section);
    H(CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, 0, 0, NULL));
    H(CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, 0x80000000, 0, NULL));
    ROW_H("NULL 87", CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, 0xffffffff, 0xffffffff, NULL));
    H(CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE | SEC_RESERVE, 0x8000, 0, NULL));
    ROW_H("NULL 1450", CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE | SEC_RESERVE, 0x800, 0, NULL));
    ROW_H("NULL 1455", CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, 0x80, 0, NULL));

    file = new_file("file", 36);
    section = H(CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL));
    sizes_of("file of 36", section, of_file, 4);
    CloseHandle(section);
    section = H(CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 10, NULL));
    sizes_of("10 of 36", section, of_file, 2);
    CloseHandle(section);
    H(CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 37, NULL));
    H(CreateFileMappingA(file, NULL, PAGE_WRITECOPY, 0, 37, NULL));
    H(CreateFileMappingA(file, NULL, PAGE_EXECUTE_READ, 0, 37, NULL));
    N(file_size(file));
    section = H(CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0x3456, NULL));
    N(file_size(file));
    N(file_byte(file, 35));
    N(file_byte(file, 36));
    N(file_byte(file, 0x3455));
    sizes_of("file of 0x3456", section, odd, 3);
    CloseHandle(section);
    N(file_size(file));
    H(CreateFileMappingA(file, NULL, PAGE_READWRITE, 0x80000000, 0, NULL));
    H(CreateFileMappingA(file, NULL, PAGE_READWRITE, 0x400000, 0, NULL));
    N(file_size(file));

    empty = new_file("empty", 0);
    H(CreateFileMappingA(empty, NULL, PAGE_READONLY, 0, 0, NULL));
    H(CreateFileMappingA(empty, NULL, PAGE_READWRITE, 0, 0, NULL));
    H(CreateFileMappingA(empty, NULL, PAGE_WRITECOPY, 0, 0, NULL));
    H(CreateFileMappingA(empty, NULL, PAGE_READONLY, 0, 1, NULL));
    H(CreateFileMappingA(empty, NULL, PAGE_READONLY | SEC_IMAGE, 0, 0, NULL));
    N(file_size(empty));
    H(CreateFileMappingA(empty, NULL, PAGE_EXECUTE_READWRITE, 0, 5, NULL));
    N(file_size(empty));
    return 0;
}
