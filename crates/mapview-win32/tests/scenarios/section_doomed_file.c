/* Files that are deleted on close, while they are mapped. Contract: mapped files vs. file operations. */
#include "sections.h"

static void there(const char *when)
{
    SAY(when, "%s", GetFileAttributesA("doomed") == INVALID_FILE_ATTRIBUTES ? "gone" : "there");
}

static HANDLE doomed(HANDLE *section)
{
    DWORD written;
    HANDLE file = CreateFileA("doomed", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                              NULL, CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, NULL);
    MUST(file != INVALID_HANDLE_VALUE && WriteFile(file, "content", 8, &written, NULL));
    *section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
    MUST(*section);
    return file;
}

int main(void)
{
    HANDLE section, file = doomed(&section), again;
    char *view, *other;

    B(CloseHandle(file));
    there("with the section");
    B(CloseHandle(section));
    there("without");

    file = doomed(&section);
    view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    other = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);
    MUST(view && other);
    B(CloseHandle(section));
    B(CloseHandle(file));
    there("with two views");
    strcpy(view, "changed");
    SAY("they work", "%s", other);
    B(UnmapViewOfFile(view + 3));
    there("with one view");
    SAY("it works", "%s", other);
    B(UnmapViewOfFile(other));
    there("without views");

    /* Duplicates of the handle to the section keep it as well. */
    file = doomed(&section);
    MUST(DuplicateHandle(GetCurrentProcess(), section, GetCurrentProcess(), &again, 0, FALSE, DUPLICATE_SAME_ACCESS));
    CloseHandle(section);
    CloseHandle(file);
    there("with a duplicate");
    CloseHandle(again);
    there("without it");
    return 0;
}
