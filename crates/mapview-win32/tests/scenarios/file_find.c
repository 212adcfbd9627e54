/* Finding files by patterns. */
#include "scenario.h"

static void find(const char *pattern)
{
    WIN32_FIND_DATAA data;
    char line[400] = "";
    HANDLE search = FindFirstFileA(pattern, &data);
    if (search == INVALID_HANDLE_VALUE) {
        SAY(pattern, "none %lu", (unsigned long)GetLastError());
        return;
    }
    do {
        char one[64];
        snprintf(one, sizeof one, " %.32s%s:%lu", data.cFileName, data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY ? "/" : "",
                 (unsigned long)data.nFileSizeLow);
        strcat(line, one);
    } while (FindNextFileA(search, &data));
    SAY(pattern, "%lu%s", (unsigned long)GetLastError(), line);
    B(FindNextFileA(search, &data));
    B(FindClose(search));
}

static void put(const char *name, DWORD size)
{
    HANDLE file = CreateFileA(name, GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);
    MUST(file != INVALID_HANDLE_VALUE);
    SetFilePointer(file, (LONG)size, NULL, FILE_BEGIN);
    MUST(SetEndOfFile(file));
    CloseHandle(file);
}

int main(void)
{
    WIN32_FIND_DATAA data;
    WIN32_FIND_DATAW wide;
    MUST(CreateDirectoryA("f", NULL));
    MUST(CreateDirectoryA("f\\sub", NULL));
    put("f\\b.txt", 2);
    put("f\\A.TXT", 1);
    put("f\\c", 3);
    put("f\\name.with.dots", 4);
    put("f\\long name.text", 5);
    find("f\\*");
    find("f/*.*");
    find("f\\*.txt");
    find("f\\?.txt");
    find("f\\*.t*");
    find("f\\*e*");
    find("f\\c");
    find("f");
    find("f\\");
    find("f\\missing");
    find("f\\x*");
    find("missing\\*");
    find("missing\\x");
    find("");
    find("f\\name.*");
    find(".\\f\\..\\f\\c");
    find("f\\sub\\*");

    HANDLE search = H(FindFirstFileExA("f\\*.txt", FindExInfoBasic, &data, FindExSearchNameMatch, NULL, FIND_FIRST_EX_LARGE_FETCH));
    B(FindClose(search));
    static const WCHAR pattern[] = {'f', '\\', 'c', '*', 0};
    search = H(FindFirstFileW(pattern, &wide));
    SAY("wide", "%d %d", wide.cFileName[0], wide.cFileName[1]);
    B(FindNextFileW(search, &wide));
    B(CloseHandle(search));
    B(FindClose(search));
    B(FindClose(INVALID_HANDLE_VALUE));
    B(FindNextFileA(INVALID_HANDLE_VALUE, &data));
    return 0;
}
