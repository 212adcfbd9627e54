/* What others may do with a file that is mapped as an image, after its handle was closed. Contract: mapped files vs. file
 * operations. */
#include "images.h"

static HANDLE opened(const char *name, DWORD access, DWORD disposition, DWORD flags)
{
    HANDLE file = CreateFileA(name, access, 7, NULL, disposition, flags, NULL);
    DWORD error = GetLastError();
    if (file != INVALID_HANDLE_VALUE)
        CloseHandle(file);
    SetLastError(error);
    return file;
}

static void others(void)
{
    H(opened("small.dll", GENERIC_READ, OPEN_EXISTING, 0));
    H(opened("small.dll", DELETE, OPEN_EXISTING, 0));
    H(opened("small.dll", FILE_WRITE_ATTRIBUTES, OPEN_EXISTING, 0));
    H(opened("small.dll", GENERIC_WRITE, OPEN_EXISTING, 0));
    H(opened("small.dll", GENERIC_READ | GENERIC_WRITE, CREATE_ALWAYS, 0));
    H(opened("small.dll", GENERIC_WRITE, TRUNCATE_EXISTING, 0));
    ROW_H("INVALID 5", opened("small.dll", DELETE, OPEN_EXISTING, FILE_FLAG_DELETE_ON_CLOSE));
    ROW_B("FALSE 5", DeleteFileA("small.dll"));
    SAY("it", "%s", GetFileAttributesA("small.dll") == INVALID_FILE_ATTRIBUTES ? "is gone" : "is there");
}

int main(void)
{
    HANDLE section;
    char *view;
    write_library("small.dll", 0xc00);
    section = image_section("small.dll");
    SAY("with", "%s", "the section");
    others();
    CloseHandle(section);

    DeleteFileA("small.dll");
    write_library("small.dll", 0xc00);
    section = image_section("small.dll");
    view = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);
    MUST(view != NULL);
    CloseHandle(section);
    SAY("with", "%s", "the view");
    others();
    SAY("content", "%s", view + DATA_AT);
    UnmapViewOfFile(view);

    DeleteFileA("small.dll");
    write_library("small.dll", 0xc00);
    CloseHandle(image_section("small.dll"));
    SAY("with", "%s", "neither");
    H(opened("small.dll", GENERIC_WRITE, OPEN_EXISTING, 0));
    B(DeleteFileA("small.dll"));
    return 0;
}
