/* Positions and sizes: where reads and writes go, growing, shrinking, holes, and what is refused. */
#include "scenario.h"

static char buffer[64];

static void get(HANDLE file, DWORD len)
{
    DWORD done = 99;
    memset(buffer, '#', sizeof buffer);
    B(ReadFile(file, buffer, len, &done, NULL));
    SAY("read", "%lu %02x %02x %02x", (unsigned long)done, buffer[0] & 255, buffer[1] & 255, buffer[2] & 255);
}

static void put(HANDLE file, const char *text)
{
    DWORD done = 99;
    B(WriteFile(file, text, (DWORD)strlen(text), &done, NULL));
    SAY("written", "%lu", (unsigned long)done);
}

int main(void)
{
    LONG high = 0;
    LARGE_INTEGER position, distance;
    HANDLE copy, file = H(CreateFileA("x", GENERIC_READ | GENERIC_WRITE, 7, NULL, CREATE_NEW, 0, NULL));
    get(file, 10);
    put(file, "abcdef");
    get(file, 10);
    N(SetFilePointer(file, 0, NULL, FILE_CURRENT));
    N(SetFilePointer(file, -4, NULL, FILE_END));
    get(file, 2);
    get(file, 2);
    get(file, 0);
    N(SetFilePointer(file, -1, NULL, FILE_BEGIN));
    N(SetFilePointer(file, -7, NULL, FILE_END));
    N(SetFilePointer(file, 0, NULL, FILE_CURRENT));
    N(SetFilePointer(file, 0, NULL, 3));

    high = 1;
    N(SetFilePointer(file, 5, &high, FILE_BEGIN));
    SAY("high", "%ld", (long)high);
    ROW_N("0xffffffff 87", SetFilePointer(file, 0, NULL, FILE_CURRENT));
    N(SetFilePointer(file, 2, NULL, FILE_BEGIN));
    distance.QuadPart = 1000;
    B(SetFilePointerEx(file, distance, &position, FILE_CURRENT));
    SAY("position", "%ld", (long)position.QuadPart);
    distance.QuadPart = -1003;
    B(SetFilePointerEx(file, distance, NULL, FILE_CURRENT));
    B(SetFilePointerEx(file, distance, NULL, 9));
    get(file, 4);
    put(file, "behind the end");
    N(GetFileSize(file, NULL));
    N(SetFilePointer(file, 6, NULL, FILE_BEGIN));
    get(file, 3);

    B(DuplicateHandle(GetCurrentProcess(), file, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS));
    N(SetFilePointer(copy, 3, NULL, FILE_BEGIN));
    N(SetFilePointer(file, 0, NULL, FILE_CURRENT));
    B(SetEndOfFile(file));
    N(GetFileSize(copy, NULL));
    get(copy, 3);
    N(SetFilePointer(file, 0, NULL, FILE_BEGIN));
    get(copy, 3);
    N(SetFilePointer(file, 100000, NULL, FILE_BEGIN));
    N(GetFileSize(file, (DWORD *)&high));
    B(SetEndOfFile(file));
    N(GetFileSize(file, (DWORD *)&high));
    SAY("high", "%ld", (long)high);
    B(GetFileSizeEx(file, &position));
    SAY("size", "%ld", (long)position.QuadPart);
    N(SetFilePointer(file, 99998, NULL, FILE_BEGIN));
    get(file, 10);
    B(FlushFileBuffers(file));

    HANDLE reader = H(CreateFileA("x", GENERIC_READ, 7, NULL, OPEN_EXISTING, 0, NULL));
    ROW_B("FALSE 5", SetEndOfFile(reader));
    B(FlushFileBuffers(reader));
    put(reader, "no");
    HANDLE writer = H(CreateFileA("x", GENERIC_WRITE, 7, NULL, OPEN_EXISTING, 0, NULL));
    get(writer, 1);
    HANDLE nothing = H(CreateFileA("x", 0, 7, NULL, OPEN_EXISTING, 0, NULL));
    get(nothing, 1);
    N(GetFileSize(nothing, NULL));

    DWORD done = 99;
    B(ReadFile(reader, NULL, 5, &done, NULL));
    SAY("count", "%lu", (unsigned long)done);
    B(WriteFile(writer, NULL, 5, &done, NULL));
    B(WriteFile(writer, NULL, 0, &done, NULL));
    B(ReadFile(NULL, buffer, 5, &done, NULL));
    N(GetFileSize(INVALID_HANDLE_VALUE, NULL));
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
    B(ReadFile(event, buffer, 5, &done, NULL));
    B(SetEndOfFile(event));
    N(SetFilePointer(event, 0, NULL, FILE_BEGIN));
    N(GetFileType(file));
    N(GetFileType(event));
    N(GetFileType(NULL));
    N(WaitForSingleObject(file, 0));
    return 0;
}
