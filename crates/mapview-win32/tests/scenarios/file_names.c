/* Paths: full ones, the current folder, temporary names, disks, standard handles. Prints none of them. */
#include "scenario.h"

/* Both separators count as one. */
static void plain(char *path)
{
    for (; *path; path++)
        if (*path == '\\')
            *path = '/';
}

static int ends_with(const char *text, const char *end)
{
    size_t a = strlen(text), b = strlen(end);
    return a >= b && strcmp(text + a - b, end) == 0;
}

int main(void)
{
    char start[MAX_PATH], path[MAX_PATH], *name = NULL;
    WCHAR wide[MAX_PATH];
    DWORD length;

    MUST(GetCurrentDirectoryA(sizeof start, start) == strlen(start));
    SAY("too small", "%d", GetCurrentDirectoryA(2, path) == strlen(start) + 1);
    SAY("nothing", "%d", GetCurrentDirectoryA(0, NULL) == strlen(start) + 1);
    SAY("wide", "%d", GetCurrentDirectoryW(MAX_PATH, wide) == strlen(start));
    B(CreateDirectoryA("inner", NULL));
    B(SetCurrentDirectoryA("inner"));
    length = GetCurrentDirectoryA(sizeof path, path);
    plain(path);
    SAY("inner", "%d %d", length == strlen(start) + 6, ends_with(path, "/inner"));
    length = GetFullPathNameA("..\\x/./y\\..\\file.dat", sizeof path, path, &name);
    plain(path);
    SAY("full", "%d %d \"%s\"", length == strlen(start) + 11, ends_with(path, "/x/file.dat"), name);
    length = GetFullPathNameA("..\\", sizeof path, path, &name);
    SAY("folder", "%d %d", length == strlen(start) + 1, name == NULL);
    SAY("too small", "%d", GetFullPathNameA("x", 3, path, NULL) == strlen(start) + 6 + 2 + 1);
    ROW_N("0x0 123", GetFullPathNameA("", sizeof path, path, NULL));
    ROW_N("0x0 123", GetFullPathNameA(NULL, sizeof path, path, NULL));
    B(SetCurrentDirectoryA("missing"));
    B(SetCurrentDirectoryA(""));
    HANDLE file = H(CreateFileA("here", GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL));
    B(SetCurrentDirectoryA("here"));
    B(SetCurrentDirectoryA(".."));
    N(GetFileAttributesA("inner\\here") == INVALID_FILE_ATTRIBUTES);

    length = GetFinalPathNameByHandleA(file, path, sizeof path, 0);
    plain(path);
    SAY("final", "%d %d %d", length == strlen(path), strncmp(path, "//?/", 4) == 0, ends_with(path, "/inner/here"));
    SAY("too small", "%d", GetFinalPathNameByHandleA(file, path, 3, 0) > 3);
    N(GetFinalPathNameByHandleA(NULL, path, sizeof path, 0));
    GetFinalPathNameByHandleA(file, path, sizeof path, 0);
    CloseHandle(file);
    file = H(CreateFileA(path, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL));
    B(CloseHandle(file));
    B(DeleteFileA("inner\\here."));

    length = GetTempFileNameA(".", "prefix", 0x12345, path);
    plain(path);
    SAY("named", "%lx %s", (unsigned long)length, path);
    SAY("made", "%d", GetFileAttributesA(path) != INVALID_FILE_ATTRIBUTES);
    length = GetTempFileNameA("inner", "ab", 0, path);
    SAY("unique", "%d", length != 0 && GetFileAttributesA(path) != INVALID_FILE_ATTRIBUTES);
    B(DeleteFileA(path));
    N(GetTempFileNameA("missing", "ab", 0, path));

    ULARGE_INTEGER available, total, free;
    DWORD sectors, bytes, clusters, all;
    B(GetDiskFreeSpaceExA(".", &available, &total, &free));
    SAY("disk", "%d %d", available.QuadPart <= free.QuadPart, free.QuadPart <= total.QuadPart);
    B(GetDiskFreeSpaceA(NULL, &sectors, &bytes, &clusters, &all));
    SAY("cluster", "%d %lu", sectors > 0, (unsigned long)bytes);
    B(GetDiskFreeSpaceExA("missing", &available, NULL, NULL));

    HANDLE input = GetStdHandle(STD_INPUT_HANDLE), output = GetStdHandle(STD_OUTPUT_HANDLE);
    SAY("standard", "%d %d", output != NULL && output != INVALID_HANDLE_VALUE, input != output);
    H(GetStdHandle(5));
    B(SetStdHandle(5, NULL));
    file = H(CreateFileA("out", GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL));
    B(SetStdHandle(STD_ERROR_HANDLE, file));
    SAY("set", "%d", GetStdHandle(STD_ERROR_HANDLE) == file);
    fflush(stdout);
    B(WriteFile(output, "written to the standard output\n", 31, &length, NULL));
    return 0;
}
