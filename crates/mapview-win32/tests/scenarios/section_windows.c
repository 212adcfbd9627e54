/* A huge sparse file through windows that move. Contract: views, offsets; files larger than a view. */
#include "sections.h"
#include <winioctl.h>

#define GIB (1ULL << 30)
#define WINDOW 0x100000
#define STEP (7 * GIB + 0x10000)

int main(void)
{
    HANDLE file = new_file("huge", 0), section;
    ULONGLONG size = 40 * GIB, at;
    LARGE_INTEGER end;
    DWORD returned, sum = 0, windows = 0;

    MUST(DeviceIoControl(file, FSCTL_SET_SPARSE, NULL, 0, NULL, 0, &returned, NULL) || TRUE);
    end.QuadPart = (LONGLONG)size;
    B(SetFilePointerEx(file, end, NULL, FILE_BEGIN));
    B(SetEndOfFile(file));
    section = H(CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL));
    for (at = 0; at < size; at += STEP) {
        DWORD *window = MapViewOfFile(section, FILE_MAP_WRITE, (DWORD)(at >> 32), (DWORD)at, WINDOW);
        MUST(window);
        window[0] = (DWORD)(at / GIB) + 1;
        window[WINDOW / 4 - 1] = 1000;
        MUST(UnmapViewOfFile(window));
    }
    for (at = 0; at < size; at += STEP, windows++) {
        DWORD *window = MapViewOfFile(section, FILE_MAP_READ, (DWORD)(at >> 32), (DWORD)at, WINDOW);
        MUST(window);
        sum += window[0] + window[1] + window[WINDOW / 4 - 1];
        MUST(UnmapViewOfFile(window));
    }
    SAY("windows", "%lu, sum %lu", (unsigned long)windows, (unsigned long)sum);
    try_view("the last 64 KiB", section, FILE_MAP_READ, (DWORD)((size - 0x10000) >> 32), (DWORD)(size - 0x10000), 0);
    P(MapViewOfFile(section, FILE_MAP_READ, (DWORD)((size - 0x10000) >> 32), (DWORD)(size - 0x10000), 0x10001));
    CloseHandle(section);
    end.QuadPart = 5;
    B(SetFilePointerEx(file, end, NULL, FILE_BEGIN));
    B(SetEndOfFile(file));
    N(file_size(file));
    CloseHandle(file);
    B(DeleteFileA("huge"));
    return 0;
}
