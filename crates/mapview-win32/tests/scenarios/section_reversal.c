/* The well-known lesson: a file's bytes in opposite order, through a view of all of it. Contract: file views. */
#include "sections.h"

static BOOL reverse(const char *name)
{
    HANDLE file = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    HANDLE section;
    char *text, *left, *right;
    DWORD size;
    if (file == INVALID_HANDLE_VALUE)
        return FALSE;
    size = GetFileSize(file, NULL);
    section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, size + 1, NULL);
    if (!section) {
        DWORD error = GetLastError();
        CloseHandle(file);
        SetLastError(error);
        return FALSE;
    }
    text = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    MUST(text);
    text[size] = '\0'; /* so that it is a string while it is mapped */
    for (left = text, right = text + strlen(text) - 1; left < right; left++, right--) {
        char byte = *left;
        *left = *right;
        *right = byte;
    }
    MUST(UnmapViewOfFile(text));
    CloseHandle(section);
    SetFilePointer(file, (LONG)size, NULL, FILE_BEGIN);
    MUST(SetEndOfFile(file));
    CloseHandle(file);
    return TRUE;
}

static void show(const char *name)
{
    char text[64] = "";
    DWORD read = 0;
    HANDLE file = CreateFileA(name, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    MUST(file != INVALID_HANDLE_VALUE && ReadFile(file, text, sizeof text - 1, &read, NULL));
    SAY(name, "%lu \"%s\"", (unsigned long)read, text);
    CloseHandle(file);
}

int main(void)
{
    HANDLE file = CreateFileA("letter", GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);
    DWORD written;
    MUST(WriteFile(file, "stressed was I ere I saw desserts?", 34, &written, NULL));
    B(reverse("letter")); /* it is open without sharing */
    CloseHandle(file);
    B(reverse("letter"));
    show("letter");
    B(reverse("letter"));
    show("letter");
    B(reverse("missing"));
    return 0;
}
