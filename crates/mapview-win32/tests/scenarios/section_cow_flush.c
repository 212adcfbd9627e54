/* Copy-on-write views against flushing and other views. Contract: views, semantics; FlushViewOfFile. */
#include "sections.h"

int main(void)
{
    HANDLE file = new_file("file", 3 * 4096);
    HANDLE section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
    volatile unsigned char *through = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    volatile unsigned char *copy = MapViewOfFile(section, FILE_MAP_COPY, 0, 0, 0);
    volatile unsigned char *again;
    DWORD old;
    MUST(through && copy);

    /* Pages that were only read follow. */
    N(copy[5000]);
    through[5000] = 101;
    N(copy[5000]);
    copy[5001] = 102;
    N(through[5001]);
    through[5000] = 103;
    through[9000] = 104;
    SAY("after the copy", "%d %d %d", copy[5000], copy[5001], copy[9000]);
    ROW_SAY("1000 4 8 40000 1000", "the page that was written", "%s", region((char *)copy + 4096));
    ROW_SAY("1000 8 8 40000 1000", "the page before", "%s", region((char *)copy));
    ROW_SAY("1000 8 8 40000 1000", "the page behind", "%s", region((char *)copy + 8192));

    B(FlushViewOfFile((void *)copy, 0));
    SAY("the file has", "%lu %lu", file_byte(file, 5000), file_byte(file, 5001));
    B(FlushViewOfFile((void *)through, 0));
    B(FlushFileBuffers(file));
    SAY("the file has", "%lu %lu %lu", file_byte(file, 5000), file_byte(file, 5001), file_byte(file, 9000));

    /* Another copy begins with what the file has; this one is lost with its view. */
    again = MapViewOfFile(section, FILE_MAP_COPY, 0, 0, 0);
    SAY("another copy", "%d %d", again[5000], again[5001]);
    again[0] = 77;
    SAY("three views", "%d %d %d", through[0], copy[0], again[0]);
    B(UnmapViewOfFile((void *)copy));
    copy = MapViewOfFile(section, FILE_MAP_COPY, 0, 0, 0);
    SAY("mapped again", "%d %d", copy[5000], copy[5001]);

    /* A view that writes through can be made one that copies. */
    B(VirtualProtect((void *)through, 4096, PAGE_WRITECOPY, &old));
    N(old);
    through[1] = 99;
    ROW_SAY("1", "the file keeps", "%lu", file_byte(file, 1));
    through[4096] = 98;
    N(file_byte(file, 4096));
    return 0;
}
