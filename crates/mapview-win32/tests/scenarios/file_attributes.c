/* Attributes, times and what else there is to know about a file. */
#include "scenario.h"

static HANDLE open_file(const char *name, DWORD access, DWORD disposition, DWORD flags)
{
    return CreateFileA(name, access, 7, NULL, disposition, flags, NULL);
}

/* Neither of the two that stand for nothing special. */
static DWORD attributes(const char *name)
{
    DWORD got = GetFileAttributesA(name);
    return got == INVALID_FILE_ATTRIBUTES ? got : got & ~(DWORD)(FILE_ATTRIBUTE_ARCHIVE | FILE_ATTRIBUTE_NORMAL);
}

int main(void)
{
    BY_HANDLE_FILE_INFORMATION a, b;
    WIN32_FILE_ATTRIBUTE_DATA data;
    FILE_BASIC_INFO basic;
    FILE_STANDARD_INFO standard;
    FILETIME time = {0x12345678, 0x1d00000}, got, access;
    DWORD done;

    HANDLE file = H(open_file("r", GENERIC_WRITE, CREATE_NEW, FILE_ATTRIBUTE_READONLY));
    B(WriteFile(file, "still", 5, &done, NULL));
    B(CloseHandle(file));
    N(attributes("r"));
    CloseHandle(ROW_H("INVALID 5", open_file("r", GENERIC_WRITE, OPEN_EXISTING, 0)));
    CloseHandle(ROW_H("INVALID 5", open_file("r", GENERIC_READ | FILE_APPEND_DATA, OPEN_EXISTING, 0)));
    CloseHandle(ROW_H("INVALID 5", open_file("r", GENERIC_WRITE, CREATE_ALWAYS, FILE_ATTRIBUTE_READONLY)));
    CloseHandle(ROW_H("INVALID 5", open_file("r", GENERIC_WRITE, TRUNCATE_EXISTING, 0)));
    file = H(open_file("r", GENERIC_READ | FILE_WRITE_ATTRIBUTES, OPEN_EXISTING, 0));
    B(CloseHandle(file));
    B(SetFileAttributesA("r", FILE_ATTRIBUTE_NORMAL));
    N(attributes("r"));
    file = H(open_file("r", GENERIC_WRITE, OPEN_EXISTING, 0));
    B(CloseHandle(file));

    B(SetFileAttributesA("r", FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM));
    N(attributes("r"));
    CloseHandle(ROW_H("INVALID 5", open_file("r", GENERIC_WRITE, CREATE_ALWAYS, 0)));
    file = H(open_file("r", GENERIC_WRITE, CREATE_ALWAYS, FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM));
    B(CloseHandle(file));
    N(attributes("r"));
    B(SetFileAttributesA("r", FILE_ATTRIBUTE_NORMAL));
    N(attributes("r"));
    N(attributes("missing"));
    N(attributes("missing\\x"));
    B(SetFileAttributesA("missing", FILE_ATTRIBUTE_NORMAL));
    B(CreateDirectoryA("folder", NULL));
    N(attributes("folder"));
    N(attributes("folder\\"));
    B(GetFileAttributesExA("folder", GetFileExInfoStandard, &data));
    SAY("folder", "%lu bytes", (unsigned long)data.nFileSizeLow);

    file = H(open_file("t", GENERIC_READ | GENERIC_WRITE, CREATE_NEW, FILE_ATTRIBUTE_TEMPORARY | FILE_FLAG_SEQUENTIAL_SCAN));
    B(WriteFile(file, "seven..", 7, &done, NULL));
    B(SetFileTime(file, NULL, NULL, &time));
    B(GetFileTime(file, NULL, &access, &got));
    SAY("same", "%d", CompareFileTime(&time, &got) == 0);
    HANDLE other = H(open_file("t", GENERIC_READ, OPEN_EXISTING, FILE_FLAG_RANDOM_ACCESS));
    ROW_B("FALSE 5", SetFileTime(other, NULL, NULL, &time));
    B(GetFileInformationByHandle(file, &a));
    B(GetFileInformationByHandle(other, &b));
    SAY("one file", "%d %d %d", a.nFileIndexLow == b.nFileIndexLow && a.nFileIndexHigh == b.nFileIndexHigh,
        a.dwVolumeSerialNumber == b.dwVolumeSerialNumber, CompareFileTime(&a.ftLastWriteTime, &time) == 0);
    SAY("information", "%lu bytes, %lu names", (unsigned long)a.nFileSizeLow, (unsigned long)a.nNumberOfLinks);
    B(GetFileAttributesExA("t", GetFileExInfoStandard, &data));
    SAY("by path", "%lu bytes %d", (unsigned long)data.nFileSizeLow, CompareFileTime(&data.ftLastWriteTime, &time) == 0);
    B(GetFileInformationByHandleEx(file, FileStandardInfo, &standard, sizeof standard));
    SAY("standard", "%ld bytes, %lu names, %d %d", (long)standard.EndOfFile.QuadPart, (unsigned long)standard.NumberOfLinks,
        standard.DeletePending, standard.Directory);
    B(GetFileInformationByHandleEx(file, FileStandardInfo, &standard, 4));
    B(GetFileInformationByHandleEx(file, FileBasicInfo, &basic, sizeof basic));
    memset(&basic, 0, sizeof basic);
    basic.FileAttributes = FILE_ATTRIBUTE_READONLY;
    B(SetFileInformationByHandle(file, FileBasicInfo, &basic, sizeof basic));
    N(attributes("t"));
    FILE_END_OF_FILE_INFO end;
    end.EndOfFile.QuadPart = 3;
    B(SetFileInformationByHandle(file, FileEndOfFileInfo, &end, sizeof end));
    N(GetFileSize(file, NULL));
    B(GetFileInformationByHandle(NULL, &a));
    ROW_B("FALSE 87", SetFileAttributesA("t", FILE_ATTRIBUTE_DIRECTORY));
    return 0;
}
