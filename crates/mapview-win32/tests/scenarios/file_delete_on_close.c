/* Deleting: files that go when they are closed, marked ones, and what stands in the way. */
#include "scenario.h"

static HANDLE open_file(const char *name, DWORD access, DWORD share, DWORD disposition, DWORD flags)
{
    return CreateFileA(name, access, share, NULL, disposition, flags, NULL);
}

static const char *state(const char *name)
{
    return GetFileAttributesA(name) == INVALID_FILE_ATTRIBUTES ? "gone" : "there";
}

static void there(const char *name)
{
    SAY(name, "%s", state(name));
}

int main(void)
{
    const DWORD all = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    FILE_DISPOSITION_INFO disposition;
    FILE_STANDARD_INFO standard;
    HANDLE copy, other;

    HANDLE file = H(open_file("a", GENERIC_WRITE, all, CREATE_NEW, FILE_FLAG_DELETE_ON_CLOSE));
    there("a");
    H(open_file("a", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, OPEN_EXISTING, 0));
    other = H(open_file("a", GENERIC_READ, all, OPEN_EXISTING, 0));
    B(CloseHandle(other));
    there("a");
    B(DuplicateHandle(GetCurrentProcess(), file, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS));
    B(CloseHandle(file));
    there("a");
    B(CloseHandle(copy));
    there("a");
    H(open_file("a", GENERIC_READ, all, OPEN_EXISTING, 0));

    file = H(open_file("b", GENERIC_WRITE | DELETE, all, CREATE_NEW, 0));
    disposition.DeleteFile = TRUE;
    B(SetFileInformationByHandle(file, FileDispositionInfo, &disposition, sizeof disposition));
    B(GetFileInformationByHandleEx(file, FileStandardInfo, &standard, sizeof standard));
    ROW_SAY("1", "pending", "%d", standard.DeletePending);
    disposition.DeleteFile = FALSE;
    B(SetFileInformationByHandle(file, FileDispositionInfo, &disposition, sizeof disposition));
    B(CloseHandle(file));
    there("b");
    file = H(open_file("b", DELETE, all, OPEN_EXISTING, 0));
    disposition.DeleteFile = TRUE;
    B(SetFileInformationByHandle(file, FileDispositionInfo, &disposition, sizeof disposition));
    CloseHandle(ROW_H("INVALID 5", open_file("b", GENERIC_READ, all, OPEN_EXISTING, 0)));
    B(CloseHandle(file));
    there("b");

    file = H(open_file("c", GENERIC_WRITE, all, CREATE_NEW, FILE_ATTRIBUTE_READONLY));
    B(SetFileInformationByHandle(file, FileDispositionInfo, &disposition, sizeof disposition));
    B(CloseHandle(file));
    B(DeleteFileA("c"));
    H(open_file("c", GENERIC_READ, all, OPEN_EXISTING, FILE_FLAG_DELETE_ON_CLOSE));
    B(SetFileAttributesA("c", FILE_ATTRIBUTE_NORMAL));
    B(DeleteFileA("c"));
    there("c");
    B(DeleteFileA("c"));
    B(DeleteFileA("missing\\c"));
    B(DeleteFileA(""));

    B(CreateDirectoryA("folder", NULL));
    B(CreateDirectoryA("folder", NULL));
    B(CreateDirectoryA("missing\\folder", NULL));
    B(DeleteFileA("folder"));
    file = H(open_file("folder\\d", GENERIC_WRITE, all, CREATE_NEW, 0));
    B(RemoveDirectoryA("folder"));
    B(MoveFileA("folder\\d", "moved"));
    B(RemoveDirectoryA("folder"));
    there("moved");
    B(RemoveDirectoryA("moved"));
    B(DeleteFileA("moved"));
    ROW_SAY("gone", "moved", "%s", state("moved")); /* Windows may keep the name, but nobody can open it */
    B(CloseHandle(file));
    B(RemoveDirectoryA("folder"));

    B(CreateDirectoryA("opened", NULL));
    file = H(open_file("opened", GENERIC_READ, FILE_SHARE_READ, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS));
    B(RemoveDirectoryA("opened"));
    B(CloseHandle(file));
    B(RemoveDirectoryA("opened"));

    file = H(open_file("renamed", GENERIC_WRITE, all, CREATE_NEW, FILE_FLAG_DELETE_ON_CLOSE));
    B(MoveFileA("renamed", "other name"));
    B(CloseHandle(file));
    ROW_SAY("gone", "other name", "%s", state("other name"));
    return 0;
}
