/* What each disposition makes of a file that is there, or not, and what the last error says afterwards. Contract §1. */
#include "scenario.h"

static HANDLE open_file(const char *name, DWORD access, DWORD disposition, DWORD flags)
{
    return CreateFileA(name, access, 7, NULL, disposition, flags, NULL);
}

static void fill(const char *name)
{
    DWORD done;
    HANDLE file = CreateFileA(name, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    MUST(file != INVALID_HANDLE_VALUE && WriteFile(file, "12345", 5, &done, NULL));
    CloseHandle(file);
}

static void size_of(const char *name)
{
    HANDLE file = CreateFileA(name, 0, 7, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE) {
        SAY("missing", "%lu", (unsigned long)GetLastError());
        return;
    }
    SAY("size", "%lu", (unsigned long)GetFileSize(file, NULL));
    CloseHandle(file);
}

#define TRY(name, access, disposition)                                                                             \
    do {                                                                                                           \
        HANDLE file = H(open_file(name, access, disposition, 0));                                                  \
        size_of(name);                                                                                             \
        if (file != INVALID_HANDLE_VALUE)                                                                          \
            CloseHandle(file);                                                                                     \
    } while (0)

int main(void)
{
    TRY("new", GENERIC_WRITE, OPEN_EXISTING);
    TRY("new", GENERIC_WRITE, TRUNCATE_EXISTING);
    TRY("new", GENERIC_READ, CREATE_NEW);
    TRY("new", GENERIC_READ, CREATE_NEW);
    TRY("always", GENERIC_READ, CREATE_ALWAYS);
    TRY("open", GENERIC_READ, OPEN_ALWAYS);
    fill("new");
    TRY("new", GENERIC_READ, OPEN_ALWAYS);
    TRY("new", GENERIC_READ, OPEN_EXISTING);
    TRY("new", GENERIC_READ, TRUNCATE_EXISTING);
    TRY("new", GENERIC_WRITE, TRUNCATE_EXISTING);
    fill("new");
    TRY("new", GENERIC_READ, CREATE_ALWAYS);
    TRY("new", GENERIC_READ, 0);
    TRY("new", GENERIC_READ, 6);
    TRY("no/where", GENERIC_READ, OPEN_EXISTING);
    TRY("no\\where", GENERIC_WRITE, CREATE_NEW);
    TRY("new\\below", GENERIC_READ, OPEN_EXISTING);

    B(CreateDirectoryA("folder", NULL));
    H(open_file("folder", GENERIC_READ, OPEN_EXISTING, 0));
    H(open_file("folder", 0, OPEN_EXISTING, 0));
    H(open_file("folder", GENERIC_READ, CREATE_ALWAYS, 0));
    H(open_file("folder", GENERIC_READ, CREATE_NEW, 0));
    HANDLE folder = H(open_file("folder", GENERIC_READ, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS));
    BY_HANDLE_FILE_INFORMATION information;
    B(GetFileInformationByHandle(folder, &information));
    SAY("folder", "%lu", (unsigned long)(information.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY));
    B(CloseHandle(folder));
    TRY("folder\\.\\..\\folder\\inner", GENERIC_WRITE, CREATE_NEW);
    size_of(".\\folder/inner");

    H(open_file("", GENERIC_READ, OPEN_EXISTING, 0));
    H(open_file(NULL, GENERIC_READ, OPEN_EXISTING, 0));
    H(open_file("bad?name", GENERIC_READ, OPEN_EXISTING, 0));
    H(open_file("bad*name", GENERIC_WRITE, CREATE_ALWAYS, 0));
    H(open_file("bad<name", GENERIC_WRITE, CREATE_ALWAYS, 0));
    H(open_file("bad|name", GENERIC_WRITE, CREATE_ALWAYS, 0));
    H(open_file("\\\\.\\no device", GENERIC_READ, OPEN_EXISTING, 0));
    H(open_file("nul", GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0));
    H(open_file("NUL", GENERIC_WRITE, CREATE_ALWAYS, 0));
    H(CreateFileW(L"wide \u00e4\u20ac", GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL));
    H(CreateFileW(L"wide \u00e4\u20ac", GENERIC_READ, 7, NULL, OPEN_EXISTING, 0, NULL));
    return 0;
}
