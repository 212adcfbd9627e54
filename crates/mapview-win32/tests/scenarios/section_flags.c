/* The SEC_ flags of memory and of files that are no programs. Contract: SEC_ flags. */
#include "sections.h"

#ifndef SEC_IMAGE_NO_EXECUTE
#define SEC_IMAGE_NO_EXECUTE 0x11000000
#endif

int main(void)
{
    static const struct {
        DWORD flags;
        const char *name;
    } flags[] = {{0, "none"},
                 {SEC_COMMIT, "COMMIT"},
                 {SEC_RESERVE, "RESERVE"},
                 {SEC_COMMIT | SEC_NOCACHE, "COMMIT+NOCACHE"},
                 {SEC_COMMIT | SEC_WRITECOMBINE, "COMMIT+WRITECOMBINE"},
                 {SEC_RESERVE | SEC_NOCACHE, "RESERVE+NOCACHE"},
                 {SEC_RESERVE | SEC_WRITECOMBINE, "RESERVE+WRITECOMBINE"},
                 {SEC_NOCACHE, "NOCACHE"},
                 {SEC_WRITECOMBINE, "WRITECOMBINE"},
                 {SEC_LARGE_PAGES, "LARGE_PAGES"},
                 {SEC_RESERVE | SEC_COMMIT, "RESERVE+COMMIT"},
                 {SEC_RESERVE | SEC_LARGE_PAGES, "RESERVE+LARGE_PAGES"},
                 {SEC_IMAGE, "IMAGE"},
                 {SEC_IMAGE | SEC_RESERVE, "IMAGE+RESERVE"},
                 {SEC_IMAGE | SEC_COMMIT, "IMAGE+COMMIT"},
                 {SEC_IMAGE | SEC_WRITECOMBINE, "IMAGE+WRITECOMBINE"},
                 {SEC_IMAGE | SEC_LARGE_PAGES, "IMAGE+LARGE_PAGES"},
                 {SEC_IMAGE_NO_EXECUTE, "IMAGE_NO_EXECUTE"},
                 {0x800000, "FILE"},
                 {0x800000 | SEC_COMMIT, "FILE+COMMIT"},
                 {0x800000 | SEC_IMAGE, "FILE+IMAGE"}};
    HANDLE file = new_file("file", 10000), section;
    char text[64];
    size_t index, of_file;

    for (index = 0; index < sizeof flags / sizeof flags[0]; index++) {
        for (of_file = 0; of_file < 2; of_file++) {
            SetLastError(UNTOUCHED);
            section = CreateFileMappingA(of_file ? file : MEMORY, NULL, PAGE_READWRITE | flags[index].flags, 0, 10000, NULL);
            snprintf(text, sizeof text, "%s of %s", flags[index].name, of_file ? "a file" : "memory");
            if (!section) {
                SAY(text, "NULL %lu", (unsigned long)GetLastError());
                continue;
            }
            if (flags[index].flags & SEC_WRITECOMBINE)
                SAY(text, "handle"); /* Wine 8 does not show it */
            else
                try_view(text, section, FILE_MAP_READ, 0, 0, 0);
            CloseHandle(section);
        }
    }
    ROW_H("NULL 87", CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE | SEC_COMMIT | SEC_LARGE_PAGES, 0, 10000, NULL));
    H(CreateFileMappingA(file, NULL, PAGE_READWRITE | SEC_COMMIT | SEC_LARGE_PAGES, 0, 10000, NULL));

    /* How memory is cached is the section's, whoever opens it; and a view cannot change it. */
    section = CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE | SEC_COMMIT | SEC_NOCACHE, 0, 4096, NAME("uncached"));
    section = OpenFileMappingA(FILE_MAP_READ, FALSE, NAME("uncached"));
    try_view("opened", section, FILE_MAP_READ, 0, 0, 0);
    section = memory_section(PAGE_READWRITE | SEC_COMMIT | SEC_WRITECOMBINE, 4096);
    ROW_SAY("1000 404 404 40000 1000", "write-combined", "%s", region(MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0)));
    return 0;
}
