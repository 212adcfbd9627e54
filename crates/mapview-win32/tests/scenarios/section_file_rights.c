/* What the handle to a file must permit. Contract: CreateFileMapping, file handles. */
#include "sections.h"

static HANDLE opened(DWORD access)
{
    HANDLE file = CreateFileA("file", access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                              FILE_FLAG_BACKUP_SEMANTICS, NULL);
    MUST(file != INVALID_HANDLE_VALUE);
    return file;
}

int main(void)
{
    static const DWORD protections[] = {PAGE_READONLY, PAGE_READWRITE, PAGE_WRITECOPY};
    static const DWORD executing[] = {PAGE_EXECUTE_READ, PAGE_EXECUTE_READWRITE, PAGE_EXECUTE_WRITECOPY};
    static const struct {
        DWORD access;
        const char *name;
    } files[] = {{0, "nothing"},
                 {GENERIC_WRITE, "write"},
                 {GENERIC_READ, "read"},
                 {GENERIC_READ | GENERIC_WRITE, "read and write"},
                 {FILE_READ_ATTRIBUTES, "attributes"},
                 {GENERIC_READ | GENERIC_EXECUTE, "read and execute"},
                 {GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE, "all"}};
    HANDLE file, section, event = CreateEventA(NULL, FALSE, FALSE, NULL), folder, pipe[2], null_device;
    char text[64];
    size_t index, which;

    CloseHandle(new_file("file", 100));
    for (index = 0; index < sizeof files / sizeof files[0]; index++) {
        file = opened(files[index].access);
        for (which = 0; which < 6; which++) {
            DWORD protection = which < 3 ? protections[which] : executing[which - 3];
            if (which >= 3 && !(files[index].access & GENERIC_EXECUTE))
                continue;
            SetLastError(UNTOUCHED);
            section = CreateFileMappingA(file, NULL, protection, 0, 0, NULL);
            snprintf(text, sizeof text, "opened for %s, protection 0x%lx", files[index].name, (unsigned long)protection);
            SAY(text, "%s %lu", section ? "handle" : "NULL", (unsigned long)GetLastError());
            if (section)
                CloseHandle(section);
        }
        CloseHandle(file);
    }
    file = opened(GENERIC_READ | GENERIC_WRITE);
    ROW_H("NULL 5", CreateFileMappingA(file, NULL, PAGE_EXECUTE_READ, 0, 0, NULL));
    ROW_H("NULL 5", CreateFileMappingA(file, NULL, PAGE_EXECUTE_READWRITE, 0, 0, NULL));
    ROW_H("NULL 5", CreateFileMappingA(opened(GENERIC_READ), NULL, PAGE_READWRITE | SEC_IMAGE, 0, 0, NULL));
    section = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL);

    H(CreateFileMappingA(event, NULL, PAGE_READONLY, 0, 100, NULL));
    H(CreateFileMappingA(section, NULL, PAGE_READONLY, 0, 100, NULL));
    H(CreateFileMappingA((HANDLE)(ULONG_PTR)0xdeac, NULL, PAGE_READONLY, 0, 100, NULL));
    MUST(CloseHandle(section));
    H(CreateFileMappingA(section, NULL, PAGE_READONLY, 0, 100, NULL));
    CreateDirectoryA("folder", NULL);
    folder = CreateFileA("folder", GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    ROW_H("NULL 193", CreateFileMappingA(folder, NULL, PAGE_READONLY, 0, 0, NULL));
    MUST(CreatePipe(&pipe[0], &pipe[1], NULL, 0));
    ROW_H("NULL 193", CreateFileMappingA(pipe[0], NULL, PAGE_READONLY, 0, 100, NULL));
    null_device = CreateFileA("NUL", GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    ROW_H("NULL 193", CreateFileMappingA(null_device, NULL, PAGE_READONLY, 0, 100, NULL));
    return 0;
}
