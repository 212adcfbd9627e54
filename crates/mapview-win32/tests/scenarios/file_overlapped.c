/* Reading and writing with OVERLAPPED, on files opened for that and on others; appending; unbuffered files. */
#include "scenario.h"

static char buffer[1024];

/* The result of a transfer that may have to be waited for. */
static void finish(const char *what, HANDLE file, OVERLAPPED *overlapped, BOOL done)
{
    DWORD moved = 99, error = GetLastError();
    if (done || error == ERROR_IO_PENDING) {
        done = GetOverlappedResult(file, overlapped, &moved, TRUE);
        error = GetLastError();
    }
    if (!done) { /* at once or later */
        SAY(what, "failed %lu", (unsigned long)error);
        return;
    }
    SAY(what, "%lu, event %lu", (unsigned long)moved,
        overlapped->hEvent ? (unsigned long)WaitForSingleObject(overlapped->hEvent, 0) : 0ul);
}

static void put(HANDLE file, const char *text, DWORD offset, HANDLE event)
{
    OVERLAPPED overlapped;
    memset(&overlapped, 0, sizeof overlapped);
    overlapped.Offset = offset;
    overlapped.OffsetHigh = offset == 0xffffffff ? offset : 0;
    overlapped.hEvent = event;
    finish("put", file, &overlapped, WriteFile(file, text, (DWORD)strlen(text), NULL, &overlapped));
}

static void get(HANDLE file, DWORD len, DWORD offset, HANDLE event)
{
    OVERLAPPED overlapped;
    memset(&overlapped, 0, sizeof overlapped);
    memset(buffer, 0, sizeof buffer);
    overlapped.Offset = offset;
    overlapped.hEvent = event;
    finish("get", file, &overlapped, ReadFile(file, buffer, len, NULL, &overlapped));
    SAY("got", "\"%s\"", buffer);
}

int main(void)
{
    OVERLAPPED overlapped;
    DWORD done = 99;
    HANDLE event = H(CreateEventA(NULL, TRUE, TRUE, NULL));
    HANDLE file = H(CreateFileA("o", GENERIC_READ | GENERIC_WRITE, 7, NULL, CREATE_NEW, FILE_FLAG_OVERLAPPED, NULL));
    put(file, "0123456789", 0, event);
    put(file, "abc", 4, NULL);
    get(file, 5, 3, event);
    get(file, 100, 8, event);
    get(file, 100, 10, event);
    put(file, "end", 0xffffffff, event);
    get(file, 100, 0, event);
    B(ReadFile(file, buffer, 1, &done, NULL));
    B(WriteFile(file, buffer, 1, &done, NULL));
    memset(&overlapped, 0, sizeof overlapped);
    overlapped.hEvent = file;
    ROW_B("FALSE 6", ReadFile(file, buffer, 1, &done, &overlapped));
    overlapped.hEvent = NULL;
    overlapped.Internal = 0x103; /* STATUS_PENDING */
    B(GetOverlappedResult(file, &overlapped, &done, FALSE));
    B(CloseHandle(file));

    file = H(CreateFileA("o", GENERIC_READ | GENERIC_WRITE, 7, NULL, OPEN_EXISTING, 0, NULL));
    get(file, 3, 4, event);
    N(SetFilePointer(file, 0, NULL, FILE_CURRENT));
    put(file, "XY", 1, event);
    N(SetFilePointer(file, 0, NULL, FILE_CURRENT));
    memset(&overlapped, 0, sizeof overlapped);
    overlapped.Offset = 13;
    B(ReadFile(file, buffer, 5, &done, &overlapped));
    overlapped.Offset = 500;
    B(ReadFile(file, buffer, 5, &done, &overlapped));
    SAY("count", "%lu", (unsigned long)done);
    B(CloseHandle(file));

    HANDLE first = H(CreateFileA("log", FILE_APPEND_DATA, 7, NULL, OPEN_ALWAYS, 0, NULL));
    HANDLE second = H(CreateFileA("log", FILE_APPEND_DATA, 7, NULL, OPEN_ALWAYS, 0, NULL));
    B(WriteFile(first, "one ", 4, &done, NULL));
    B(WriteFile(second, "two ", 4, &done, NULL));
    B(WriteFile(first, "three", 5, &done, NULL));
    N(SetFilePointer(first, 0, NULL, FILE_BEGIN));
    B(WriteFile(first, ".", 1, &done, NULL));
    B(ReadFile(first, buffer, 1, &done, NULL));
    file = H(CreateFileA("log", GENERIC_READ, 7, NULL, OPEN_EXISTING, 0, NULL));
    memset(buffer, 0, sizeof buffer);
    B(ReadFile(file, buffer, 100, &done, NULL));
    SAY("log", "\"%s\"", buffer);

    file = H(CreateFileA("raw", GENERIC_READ | GENERIC_WRITE, 7, NULL, CREATE_NEW, FILE_FLAG_NO_BUFFERING | FILE_FLAG_WRITE_THROUGH, NULL));
    ROW_B("FALSE 87", WriteFile(file, buffer, 100, &done, NULL));
    N(SetFilePointer(file, 0, NULL, FILE_BEGIN));
    B(WriteFile(file, buffer, 512, &done, NULL));
    N(SetFilePointer(file, 0, NULL, FILE_BEGIN));
    B(ReadFile(file, buffer, 1024, &done, NULL));
    SAY("count", "%lu", (unsigned long)done);
    return 0;
}
