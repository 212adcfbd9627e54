/* Bytes of the last page behind the end of a file, and files that grow. Contract: views, semantics; CreateFileMapping. */
#include "sections.h"

int main(void)
{
    HANDLE file = new_file("file", 5000), section, larger;
    unsigned char *view, *all;

    section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
    view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    MUST(view);
    SAY("view", "%s", region(view));
    SAY("the last bytes", "%d %d", view[4999], view[5000]);
    view[5000] = 200;
    view[8191] = 201;
    view[4999] = 202;
    SAY("the tail keeps for now", "%d %d", view[5000], view[8191]);
    B(FlushViewOfFile(view, 0));
    N(file_size(file));
    N(file_byte(file, 4999));
    N(file_byte(file, 5000));

    /* Another mapping makes the file longer; the first one stays as long as it was. */
    larger = H(CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 20000, NULL));
    N(file_size(file));
    N(file_byte(file, 19999));
    N(file_byte(file, 10000));
    all = MapViewOfFile(larger, FILE_MAP_WRITE, 0, 0, 0);
    SAY("larger", "%s", region(all));
    all[15000] = 7;
    N(file_byte(file, 15000));
    try_view("all of the first", section, FILE_MAP_READ, 0, 0, 0);
    P(MapViewOfFile(section, FILE_MAP_READ, 0, 0, 5001));

    /* While anything is mapped it cannot get shorter, only longer. */
    SetFilePointer(file, 19999, NULL, FILE_BEGIN);
    B(SetEndOfFile(file));
    SetFilePointer(file, 0, NULL, FILE_BEGIN);
    B(SetEndOfFile(file));
    N(file_size(file));
    SetFilePointer(file, 30000, NULL, FILE_BEGIN);
    B(SetEndOfFile(file));
    N(file_size(file));
    CloseHandle(section);
    CloseHandle(larger);
    UnmapViewOfFile(view);
    SetFilePointer(file, 100, NULL, FILE_BEGIN);
    B(SetEndOfFile(file)); /* a view is left */
    UnmapViewOfFile(all);
    B(SetEndOfFile(file));
    N(file_size(file));
    return 0;
}
