/* Views at wanted addresses. Contract: MapViewOfFileEx, base address. */
#include "sections.h"

int main(void)
{
    HANDLE section = memory_section(PAGE_READWRITE, 0x20000);
    char *view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0), *other, *reserved, *place;
    MUST(view);

    SAY("a view starts at a multiple of 64 KiB", "%d", ((ULONG_PTR)view & 0xffff) == 0);
    other = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    SAY("twice is two views", "%d", other && other != view);
    strcpy(view, "one memory");
    SAY("of one memory", "%s", other);
    B(UnmapViewOfFile(other));

    /* A place that was free a moment ago. */
    place = VirtualAlloc(NULL, 0x40000, MEM_RESERVE, PAGE_NOACCESS);
    MUST(place && VirtualFree(place, 0, MEM_RELEASE));
    P(MapViewOfFileEx(section, FILE_MAP_READ, 0, 0, 0, place + 1));
    P(MapViewOfFileEx(section, FILE_MAP_READ, 0, 0, 0, place + 0x1000));
    P(MapViewOfFileEx(section, FILE_MAP_READ, 0, 0, 0, place + 0x8000));
    other = P(MapViewOfFileEx(section, FILE_MAP_READ, 0, 0x10000, 0x1001, place));
    SAY("where it was wanted", "%d, %s", other == place, region(place));
    P(MapViewOfFileEx(section, FILE_MAP_READ, 0, 0, 0, place));
    P(MapViewOfFileEx(section, FILE_MAP_READ, 0, 0, 1, place));
    P(MapViewOfFileEx(section, FILE_MAP_READ, 0, 0, 0, view + 0x10000));
    other = P(MapViewOfFileEx(section, FILE_MAP_READ, 0, 0, 0, place + 0x10000));
    SAY("right behind", "%d", other == place + 0x10000);
    B(UnmapViewOfFile(other));
    B(UnmapViewOfFile(place));

    reserved = VirtualAlloc(NULL, 0x10000, MEM_RESERVE, PAGE_NOACCESS);
    MUST(reserved);
    P(MapViewOfFileEx(section, FILE_MAP_READ, 0, 0, 0, reserved));
    ROW_P("NULL 87", MapViewOfFileEx(section, FILE_MAP_READ, 0, 0, 0, (void *)0x7fffffff0000));
    ROW_P("NULL 87", MapViewOfFileEx(section, FILE_MAP_READ, 0, 0, 0, (void *)0xffff800000000000));
    P(MapViewOfFileEx(section, FILE_MAP_READ, 0, 0, 0, (void *)0x1234));
    SAY("what failed changed nothing", "%s", view);
    SAY("still reserved", "%s", region(reserved));
    return 0;
}
