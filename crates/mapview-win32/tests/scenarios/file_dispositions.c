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

static const DWORD reading = GENERIC_READ, writing = GENERIC_WRITE;

#define TRY(name, access, disposition)                                                                             \
    do {                                                                                                           \
        scenario_start(NULL);                                                                                     \
        HANDLE file = scenario_handle(name ": " #access " " #disposition, open_file(name, access, disposition, 0));                                                  \
        size_of(name);                                                                                             \
        if (file != INVALID_HANDLE_VALUE)                                                                          \
            CloseHandle(file);                                                                                     \
    } while (0)

int main(void)
{
    TRY("new", writing, OPEN_EXISTING);
    TRY("new", writing, TRUNCATE_EXISTING);
    TRY("new", reading, CREATE_NEW);
    TRY("new", reading, CREATE_NEW);
    TRY("always", reading, CREATE_ALWAYS);
    TRY("open", reading, OPEN_ALWAYS);
    fill("new");
    TRY("new", reading, OPEN_ALWAYS);
    TRY("new", reading, OPEN_EXISTING);
    CloseHandle(ROW_H("INVALID 87", open_file("new", reading, TRUNCATE_EXISTING, 0)));
    TRY("new", writing, TRUNCATE_EXISTING);
    fill("new");
    TRY("new", reading, CREATE_ALWAYS);
    TRY("new", reading, 0);
    TRY("new", reading, 6);
    TRY("no/where", reading, OPEN_EXISTING);
    TRY("no\\where", writing, CREATE_NEW);
    TRY("new\\below", reading, OPEN_EXISTING);

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
    TRY("folder\\.\\..\\folder\\inner", writing, CREATE_NEW);
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
    static const WCHAR wide[] = {'w', 0xe4, 0x20ac, 0xd83d, 0xde00, 0};
    HANDLE file = H(CreateFileW(wide, GENERIC_WRITE, 7, NULL, CREATE_NEW, 0, NULL));
    H(CreateFileW(wide, GENERIC_READ, 7, NULL, OPEN_EXISTING, 0, NULL));
    B(CloseHandle(file));
    return 0;
}
