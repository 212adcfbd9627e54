/* Which addresses unmap a view. Contract: UnmapViewOfFile. */
/* Libraries: mincore */
#include "sections.h"

#ifndef MEM_PRESERVE_PLACEHOLDER
#define MEM_PRESERVE_PLACEHOLDER 2
#endif
#ifndef MEM_UNMAP_WITH_TRANSIENT_BOOST
#define MEM_UNMAP_WITH_TRANSIENT_BOOST 1
#endif

int main(void)
{
    HANDLE section = memory_section(PAGE_READWRITE, 3 * 4096);
    char on_the_stack = 0, *heap = HeapAlloc(GetProcessHeap(), 0, 100);
    char *private_memory = VirtualAlloc(NULL, 4096, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    static const DWORD inside[] = {0, 1, 100, 4096 + 100, 3 * 4096 - 1};
    char *view, *other;
    size_t index;

    for (index = 0; index < sizeof inside / sizeof inside[0]; index++) {
        view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
        MUST(view);
        SAY("inside by", "0x%lx", (unsigned long)inside[index]);
        B(UnmapViewOfFile(view + inside[index]));
        SAY("then", "%s", region(view));
        B(UnmapViewOfFile(view));
    }
    view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    other = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);
    MUST(view && other);
    B(UnmapViewOfFile(view + 0x10000 - 1));
    B(UnmapViewOfFile(view + 3 * 4096));
    B(UnmapViewOfFile(NULL));
    B(UnmapViewOfFile(heap));
    B(UnmapViewOfFile(&on_the_stack));
    B(UnmapViewOfFile(private_memory));
    B(UnmapViewOfFile((void *)(ULONG_PTR)0xdeadbeef));
    B(UnmapViewOfFile((void *)(ULONG_PTR)0xffff800000000000));
    view[5] = 'x';
    SAY("still there", "%c %s", other[5], region(private_memory));

    B(UnmapViewOfFile2(NULL, view, 0));
    B(UnmapViewOfFile2(section, view, 0));
    B(UnmapViewOfFileEx(view, MEM_UNMAP_WITH_TRANSIENT_BOOST));
    view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    ROW_B("FALSE 87", UnmapViewOfFileEx(view, 4)); /* Wine 8 unmaps it */
    view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    ROW_B("FALSE 87", UnmapViewOfFileEx(view, 0x1001));
    view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    ROW_B("FALSE 487", UnmapViewOfFileEx(view, MEM_PRESERVE_PLACEHOLDER));
    B(UnmapViewOfFile2(GetCurrentProcess(), other, 0));
    B(UnmapViewOfFile2(GetCurrentProcess(), other, 0));
    return 0;
}
