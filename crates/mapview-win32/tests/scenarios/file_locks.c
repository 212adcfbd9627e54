/* LockFile: ranges that others cannot lock, in this process and in another. */
#include "scenario.h"

static HANDLE open_file(DWORD access)
{
    return CreateFileA("locked", access, 7, NULL, OPEN_ALWAYS, 0, NULL);
}

static BOOL lock(HANDLE file, DWORD start, DWORD len, DWORD flags)
{
    OVERLAPPED at;
    memset(&at, 0, sizeof at);
    at.Offset = start;
    return LockFileEx(file, flags | LOCKFILE_FAIL_IMMEDIATELY, 0, len, 0, &at);
}

static BOOL unlock(HANDLE file, DWORD start, DWORD len)
{
    OVERLAPPED at;
    memset(&at, 0, sizeof at);
    at.Offset = start;
    return UnlockFileEx(file, 0, len, 0, &at);
}

int main(int argc, char **argv)
{
    (void)argv;
    HANDLE file = open_file(GENERIC_READ | GENERIC_WRITE), other = open_file(GENERIC_READ | GENERIC_WRITE);
    MUST(file != INVALID_HANDLE_VALUE && other != INVALID_HANDLE_VALUE);
    if (argc > 1) {
        B(LockFile(file, 0, 0, 10, 0));
        B(lock(file, 0, 10, 0));
        B(lock(file, 20, 10, 0));
        B(LockFile(file, 20, 0, 10, 0));
        B(LockFile(file, 30, 0, 10, 0));
        return 0;
    }
    B(LockFile(file, 0, 0, 10, 0));
    B(LockFile(file, 5, 0, 1, 0));
    B(LockFile(other, 9, 0, 1, 0));
    B(LockFile(other, 10, 0, 5, 0));
    ROW_B("FALSE 158", UnlockFile(file, 0, 0, 5, 0));
    ROW_B("FALSE 158", UnlockFile(other, 0, 0, 10, 0));
    B(UnlockFile(file, 0, 0, 10, 0));
    ROW_B("FALSE 158", UnlockFile(file, 0, 0, 10, 0));
    B(LockFile(other, 0, 0, 10, 0));
    B(UnlockFile(other, 0, 0, 10, 0));
    B(UnlockFile(other, 10, 0, 5, 0));

    B(lock(file, 0, 10, 0));
    B(lock(other, 5, 10, 0));
    B(lock(other, 5, 1, LOCKFILE_EXCLUSIVE_LOCK));
    B(lock(file, 2, 4, 0));
    B(unlock(file, 0, 10));
    B(lock(other, 3, 1, LOCKFILE_EXCLUSIVE_LOCK));
    B(lock(other, 1, 1, LOCKFILE_EXCLUSIVE_LOCK));
    B(unlock(file, 2, 4));
    B(unlock(other, 5, 10));
    B(unlock(other, 1, 1));

    B(LockFile(file, 0, 0, 10, 0));
    B(lock(file, 20, 10, 0));
    fflush(stdout);
    scenario_finish(scenario_start_process("other"));
    B(CloseHandle(file));
    B(LockFile(other, 0, 0, 10, 0));
    B(LockFile(other, 0, 0x7fffffff, 10, 0));
    B(LockFile(other, 0xfffffff0, 0xffffffff, 0x0f, 0));

    HANDLE nothing = CreateFileA("locked", 0, 7, NULL, OPEN_EXISTING, 0, NULL);
    ROW_B("FALSE 5", LockFile(nothing, 100, 0, 10, 0));
    HANDLE reader = open_file(GENERIC_READ);
    B(lock(reader, 200, 10, 0));
    B(lock(other, 200, 10, 0));
    B(LockFile(other, 200, 0, 10, 0));
    B(LockFile(NULL, 0, 0, 10, 0));
    return 0;
}
