/* Calls about files, with garbage. */
#ifndef GARBAGE_FILES_H
#define GARBAGE_FILES_H

#include "garbage.h"

static const char *path(void)
{
    static const char *const paths[] = {"", ".", "..", "file", "file", "other", "C:\\", "\\\\?\\", "\\\\server\\share\\x", "C:", "nul", "con", "file\\under", "*", "a?b", "file:stream", "\\\\.\\pipe\\x", "/", "no/such/directory/x", "directory", "directory\\inner"};
    return paths[below(sizeof paths / sizeof *paths)];
}

static void files(void)
{
    DWORD count;
    switch (below(30)) {
    case 0:
    case 1:
    case 2: keep(CreateFileA(path(), below(2) ? GENERIC_READ | GENERIC_WRITE : bits(), below(2) ? 7 : bits(), attributes(), below(2) ? OPEN_ALWAYS : below(8), bits() & ~FILE_FLAG_DELETE_ON_CLOSE, below(4) ? NULL : handle())); break;
    case 3: ReadFile(handle(), place(), below(4096), below(8) ? &count : NULL, NULL); break;
    case 4: WriteFile(handle(), in.bytes, below(4096), below(8) ? &count : NULL, NULL); break;
    case 5: {
        OVERLAPPED overlapped;
        memset(&overlapped, 0, sizeof overlapped);
        overlapped.Offset = bits();
        overlapped.OffsetHigh = below(2) ? 0 : bits() & 0x800000FF;
        overlapped.hEvent = below(2) ? NULL : handle();
        if (below(2) || overlapped.OffsetHigh || overlapped.Offset > 1 << 20)
            ReadFile(handle(), in.bytes, below(4096), NULL, &overlapped);
        else
            WriteFile(handle(), in.bytes, below(4096), NULL, &overlapped);
        GetOverlappedResult(handle(), &overlapped, &count, FALSE);
        break;
    }
    case 6: {
        LONG high = (LONG)bits();
        SetFilePointer(handle(), (LONG)bits(), below(2) ? &high : NULL, bits() & (below(2) ? 3 : ~0u));
        break;
    }
    case 7: {
        LARGE_INTEGER by;
        by.QuadPart = (LONGLONG)next() >> below(64);
        SetFilePointerEx(handle(), by, place(), below(5));
        break;
    }
    case 8: {
        HANDLE file = handle();
        if (SetFilePointer(file, (LONG)below(1u << 20), NULL, FILE_BEGIN) != INVALID_SET_FILE_POINTER)
            SetEndOfFile(file);
        break;
    }
    case 9: GetFileSize(handle(), place()); break;
    case 10: GetFileSizeEx(handle(), below(8) ? (PLARGE_INTEGER)out.longs : NULL); break;
    case 11: FlushFileBuffers(handle()); break;
    case 12: DeleteFileA(path()); break;
    case 13: MoveFileExA(path(), path(), bits() & ~4u); break;
    case 14: CopyFileA(path(), path(), below(2)); break;
    case 15: GetFileAttributesA(path()); break;
    case 16: SetFileAttributesA(path(), bits()); break;
    case 17: GetFileType(handle()); break;
    case 18: {
        BY_HANDLE_FILE_INFORMATION information;
        GetFileInformationByHandle(handle(), &information);
        break;
    }
    case 19: GetFileInformationByHandleEx(handle(), (FILE_INFO_BY_HANDLE_CLASS)bits(), in.bytes, below(sizeof in.bytes)); break;
    case 20: {
        memset(in.bytes, 0, 64);
        in.words[0] = below(2);
        SetFileInformationByHandle(handle(), (FILE_INFO_BY_HANDLE_CLASS)(below(2) ? below(24) : bits()), in.bytes, below(64));
        break;
    }
    case 21: {
        FILETIME time;
        time.dwLowDateTime = bits();
        time.dwHighDateTime = bits();
        SetFileTime(handle(), below(2) ? &time : NULL, below(2) ? &time : NULL, below(2) ? &time : NULL);
        break;
    }
    case 22: {
        WIN32_FIND_DATAA found;
        HANDLE search = FindFirstFileA(path(), &found);
        FindNextFileA(below(2) ? search : handle(), &found);
        if (search != INVALID_HANDLE_VALUE)
            FindClose(search);
        FindClose((HANDLE)address());
        break;
    }
    case 23: below(2) ? CreateDirectoryA(path(), attributes()) : RemoveDirectoryA(path()); break;
    case 24: GetFullPathNameA(path(), below(2) ? sizeof in.bytes : below(4), in.bytes, NULL); break;
    case 25: LockFile(handle(), bits(), bits(), bits(), bits()); break;
    case 26: UnlockFile(handle(), bits(), bits(), bits(), bits()); break;
    case 27: GetFinalPathNameByHandleA(handle(), in.bytes, below(2) ? sizeof in.bytes : below(4), bits()); break;
    case 28: DeviceIoControl(handle(), bits(), place(), below(64), place(), below(64), &count, NULL); break;
    case 29: {
        HANDLE ends[2];
        if (CreatePipe(&ends[0], &ends[1], attributes(), bits())) {
            keep(ends[0]);
            CloseHandle(ends[1]); /* nobody shall wait for what comes */
        }
        break;
    }
    }
}

#endif
