/* What file functions say to handles, names and numbers that are no good. */
#include "scenario.h"
#include <winioctl.h>

static char buffer[16];

static void each(const char *what, HANDLE handle)
{
    DWORD done = 99;
    LARGE_INTEGER number;
    FILETIME time;
    BY_HANDLE_FILE_INFORMATION information;
    FILE_STANDARD_INFO standard;
    SAY("handle", "%s", what);
    number.QuadPart = 0;
    memset(&time, 0, sizeof time);
    B(ReadFile(handle, buffer, 1, &done, NULL));
    SAY("count", "%lu", (unsigned long)done);
    B(WriteFile(handle, buffer, 1, &done, NULL));
    N(SetFilePointer(handle, 0, NULL, FILE_CURRENT));
    B(SetFilePointerEx(handle, number, NULL, FILE_BEGIN));
    N(GetFileSize(handle, NULL));
    B(GetFileSizeEx(handle, &number));
    B(SetEndOfFile(handle));
    B(FlushFileBuffers(handle));
    N(GetFileType(handle));
    B(GetFileTime(handle, NULL, NULL, &time));
    B(SetFileTime(handle, NULL, NULL, &time));
    B(LockFile(handle, 0, 0, 1, 0));
    B(UnlockFile(handle, 0, 0, 1, 0));
    B(GetFileInformationByHandle(handle, &information));
    B(GetFileInformationByHandleEx(handle, FileStandardInfo, &standard, sizeof standard));
    B(SetFileInformationByHandle(handle, FileEndOfFileInfo, &number, sizeof number));
    N(GetFinalPathNameByHandleA(handle, buffer, sizeof buffer, 0));
    ROW_B("FALSE 6", DeviceIoControl(handle, FSCTL_SET_SPARSE, NULL, 0, NULL, 0, &done, NULL));
}

int main(void)
{
    DWORD done;
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    HANDLE file = H(CreateFileA("f", GENERIC_READ | GENERIC_WRITE, 7, NULL, CREATE_NEW, 0, NULL));
    each("none", NULL);
    each("an event", event);
    each("garbage", (HANDLE)(ULONG_PTR)0x7ff0);
    B(CloseHandle(file));
    each("closed", file);

    file = H(CreateFileA("f", GENERIC_READ | GENERIC_WRITE, 7, NULL, OPEN_EXISTING, 0, NULL));
    HANDLE weak;
    B(DuplicateHandle(GetCurrentProcess(), file, GetCurrentProcess(), &weak, FILE_READ_ATTRIBUTES, FALSE, 0));
    B(ReadFile(weak, buffer, 1, &done, NULL));
    B(WriteFile(weak, buffer, 1, &done, NULL));
    N(GetFileSize(weak, NULL));
    B(DuplicateHandle(GetCurrentProcess(), file, GetCurrentProcess(), &weak, GENERIC_READ, FALSE, 0));
    B(ReadFile(weak, buffer, 1, &done, NULL));
    B(WriteFile(weak, buffer, 1, &done, NULL));
    B(WriteFile((HANDLE)((ULONG_PTR)file | 3), "x", 1, &done, NULL));
    N(SetFilePointer(file, 0, NULL, FILE_BEGIN));
    B(ReadFile(file, (void *)8, 1, &done, NULL));
    B(WriteFile(file, (void *)8, 1, &done, NULL));

    B(DeleteFileA(NULL));
    B(DeleteFileA("a?b"));
    B(DeleteFileA("nul"));
    B(MoveFileA(NULL, "x"));
    B(MoveFileA("", "x"));
    B(CopyFileA("f", "a*b", FALSE));
    B(CreateDirectoryA("a|b", NULL));
    B(CreateDirectoryA("", NULL));
    ROW_B("FALSE 3", RemoveDirectoryA(""));
    B(RemoveDirectoryA("missing"));
    N(GetFileAttributesA(""));
    N(GetFileAttributesA("a>b"));
    B(SetFileAttributesA("", FILE_ATTRIBUTE_NORMAL));

    char name[300];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = 0;
    ROW_H("INVALID 123", CreateFileA(name, GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL));
    ROW_H("INVALID 87", CreateFileA("f", GENERIC_READ, 0x10, NULL, OPEN_EXISTING, 0, NULL));
    H(CreateFileA("f\\", GENERIC_READ, 7, NULL, OPEN_EXISTING, 0, NULL));
    H(CreateFileA("new\\", GENERIC_WRITE, 7, NULL, CREATE_NEW, 0, NULL));
    H(CreateFileA("\\\\.\\pipe\\missing", GENERIC_READ, 7, NULL, OPEN_EXISTING, 0, NULL));
    ROW_H("INVALID 3", CreateFileA("Q:\\missing", GENERIC_READ, 7, NULL, OPEN_EXISTING, 0, NULL));
    return 0;
}
