/* What a mapping of a file keeps file functions from doing, while its handle or only a view is there. Contract §7. */
#include "scenario.h"

static const DWORD all = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

static HANDLE open_file(const char *name, DWORD access, DWORD share, DWORD disposition, DWORD flags)
{
    return CreateFileA(name, access, share, NULL, disposition, flags, NULL);
}

/* A file of 10000 bytes. */
static HANDLE make(const char *name)
{
    HANDLE file = open_file(name, GENERIC_READ | GENERIC_WRITE | DELETE, all, CREATE_ALWAYS, 0);
    MUST(file != INVALID_HANDLE_VALUE);
    MUST(SetFilePointer(file, 10000, NULL, FILE_BEGIN) == 10000 && SetEndOfFile(file));
    return file;
}

static BOOL resize(HANDLE file, LONG size)
{
    return SetFilePointer(file, size, NULL, FILE_BEGIN) == (DWORD)size && SetEndOfFile(file);
}

/* Opens with these, closes again. */
static BOOL opens(const char *name, DWORD access, DWORD share, DWORD disposition)
{
    HANDLE file = open_file(name, access, share, disposition, 0);
    return file != INVALID_HANDLE_VALUE && CloseHandle(file);
}

static void refused(HANDLE file)
{
    B(resize(file, 9999));
    B(resize(file, 0));
    B(resize(file, 10000));
    B(resize(file, 20000));
    B(resize(file, 19999));
    N(GetFileSize(file, NULL));
    B(opens("m", GENERIC_WRITE, all, CREATE_ALWAYS));
    B(opens("m", GENERIC_WRITE, all, TRUNCATE_EXISTING));
    B(CopyFileA("small", "m", FALSE));
    N(GetFileSize(file, NULL));
    ROW_B("FALSE 5", DeleteFileA("m"));
    FILE_DISPOSITION_INFO disposition = {TRUE};
    B(SetFileInformationByHandle(file, FileDispositionInfo, &disposition, sizeof disposition));
    FILE_END_OF_FILE_INFO end;
    end.EndOfFile.QuadPart = 1;
    B(SetFileInformationByHandle(file, FileEndOfFileInfo, &end, sizeof end));
}

int main(void)
{
    MUST(CloseHandle(make("small")));
    /* Under Wine 8 the name goes with the first DeleteFile, so each state has its own file there as well. */
    for (int state = 0; state < 2; state++) {
        HANDLE file = make("m");
        HANDLE mapping = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 100, NULL);
        MUST(mapping);
        char *view = MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, 0);
        MUST(view);
        if (state == 0)
            UnmapViewOfFile(view);
        else
            CloseHandle(mapping);
        SAY("state", "%d", state);
        refused(file);
        if (state == 0)
            CloseHandle(mapping);
        else
            UnmapViewOfFile(view);
        B(resize(file, 5));
        B(CloseHandle(file));
        DeleteFileA("m");
    }

    HANDLE file = make("r");
    HANDLE mapping = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
    char *view = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0);
    MUST(view);
    B(MoveFileA("r", "renamed"));
    view[0] = 'x';
    B(CloseHandle(mapping));
    B(CloseHandle(file));
    B(opens("renamed", GENERIC_READ, FILE_SHARE_READ, OPEN_EXISTING));
    B(opens("renamed", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, OPEN_EXISTING));
    B(opens("renamed", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_WRITE, OPEN_EXISTING));
    B(opens("renamed", GENERIC_READ, 0, OPEN_EXISTING));
    B(opens("renamed", DELETE, FILE_SHARE_READ, OPEN_EXISTING));
    ROW_B("TRUE 0", opens("renamed", 0, 0, OPEN_EXISTING));
    file = open_file("renamed", GENERIC_READ, all, OPEN_EXISTING, 0);
    DWORD done;
    char first = 0;
    B(ReadFile(file, &first, 1, &done, NULL) && first == 'x');
    B(CloseHandle(file));
    B(UnmapViewOfFile(view));
    B(opens("renamed", GENERIC_READ, 0, OPEN_EXISTING));

    file = make("o");
    mapping = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL);
    B(CloseHandle(file));
    B(opens("o", GENERIC_READ | GENERIC_WRITE, 0, OPEN_EXISTING));
    B(CloseHandle(mapping));

    file = open_file("d", GENERIC_READ | GENERIC_WRITE, all, CREATE_NEW, FILE_FLAG_DELETE_ON_CLOSE);
    mapping = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 4096, NULL);
    view = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0);
    MUST(view);
    B(CloseHandle(mapping));
    B(CloseHandle(file));
    N(GetFileAttributesA("d") == INVALID_FILE_ATTRIBUTES);
    view[4095] = 'y';
    B(UnmapViewOfFile(view));
    N(GetFileAttributesA("d") == INVALID_FILE_ATTRIBUTES);

    file = make("e");
    mapping = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL);
    HANDLE second = H(open_file("e", GENERIC_READ, all, OPEN_EXISTING, FILE_FLAG_DELETE_ON_CLOSE));
    B(CloseHandle(second));
    B(CloseHandle(mapping));
    B(CloseHandle(file));
    return 0;
}
