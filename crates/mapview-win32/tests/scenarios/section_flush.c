/* Which ranges can be flushed. Contract: FlushViewOfFile. */
#include "sections.h"

int main(void)
{
    HANDLE file = new_file("file", 0x13000), section, memory = memory_section(PAGE_READWRITE, 8192);
    char *view, *reader, *copy, *part, *of_memory, on_the_stack;
    char *private_memory = VirtualAlloc(NULL, 4096, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);

    section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
    view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    reader = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);
    copy = MapViewOfFile(section, FILE_MAP_COPY, 0, 0, 0);
    part = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0x10000, 0x1001);
    of_memory = MapViewOfFile(memory, FILE_MAP_WRITE, 0, 0, 0);
    MUST(view && reader && copy && part && of_memory);
    view[5] = view[0x12345] = 'x';
    copy[5] = 'y';

    B(FlushViewOfFile(view, 0));
    B(FlushViewOfFile(view + 5, 0));
    B(FlushViewOfFile(view + 0x12345, 1));
    B(FlushViewOfFile(view + 1, 4096));
    B(FlushViewOfFile(view, 0x13000));
    B(FlushViewOfFile(reader + 7, 100));
    B(FlushViewOfFile(copy, 0));
    B(FlushViewOfFile(of_memory + 1, 100));
    B(FlushViewOfFile(part, 0x1001));
    B(FlushViewOfFile(part, 0x2000));
    SAY("the file has", "%lx %lx", file_byte(file, 5), file_byte(file, 0x12345));
    B(FlushFileBuffers(file));

    ROW_B("FALSE 487", FlushViewOfFile(view, 0x13001));
    ROW_B("FALSE 487", FlushViewOfFile(part + 1, 0x2000));
    ROW_B("FALSE 487", FlushViewOfFile(part, (SIZE_T)-1));
    ROW_B("FALSE 487", FlushViewOfFile(of_memory, 8193));
    ROW_B("FALSE 487", FlushViewOfFile(NULL, 0));
    ROW_B("FALSE 487", FlushViewOfFile(private_memory, 0));
    ROW_B("FALSE 487", FlushViewOfFile(&on_the_stack, 1));
    MUST(UnmapViewOfFile(part));
    ROW_B("FALSE 487", FlushViewOfFile(part, 0));

    /* Without any handle, too. */
    CloseHandle(section);
    CloseHandle(file);
    view[6] = 'z';
    B(FlushViewOfFile(view, 0));
    return 0;
}
