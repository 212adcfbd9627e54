// L"..." and wchar_t throughout, as Visual Studio's projects have it.
#include <Windows.h>
#include <stdio.h>
#include <wchar.h>

struct Shared
{
    LONG length;
    wchar_t text[64];
};

int wmain(int argc, wchar_t *argv[])
{
    if (argc != 2)
        return 1;
    HANDLE mapping = CreateFileMappingW(INVALID_HANDLE_VALUE, nullptr, PAGE_READWRITE, 0, sizeof(Shared), L"Local\\größe");
    auto *shared = static_cast<Shared *>(MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, sizeof(Shared)));
    if (!shared)
        return 2;
    wcscpy_s(shared->text, argv[1]);
    shared->length = (LONG)wcslen(shared->text);

    HANDLE again = OpenFileMappingW(FILE_MAP_READ, FALSE, L"Local\\größe");
    auto *view = static_cast<const Shared *>(MapViewOfFile(again, FILE_MAP_READ, 0, 0, 0));
    if (!view || wcscmp(view->text, argv[1]) != 0)
        return 3;
    wprintf(L"%s: %d units, read back\n", view->text, (int)view->length);
    UnmapViewOfFile(view);
    UnmapViewOfFile(shared);
    CloseHandle(again);
    CloseHandle(mapping);
    return 0;
}
