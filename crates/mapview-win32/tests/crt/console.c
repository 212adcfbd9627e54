/* What is asked of the console, with a terminal in its place. */
#include <windows.h>
#include <signal.h>
#include <stdio.h>

static HANDLE called;
static DWORD event_seen = 99;

static BOOL WINAPI handler(DWORD event)
{
    event_seen = event;
    SetEvent(called);
    return TRUE;
}

static BOOL WINAPI never(DWORD event)
{
    return event > 100;
}

int main(void)
{
    static const WCHAR question[] = {'t', 'y', 'p', 'e', ':', ' '};
    HANDLE in = GetStdHandle(STD_INPUT_HANDLE), out = GetStdHandle(STD_OUTPUT_HANDLE), file;
    DWORD mode[2] = {0, 0}, count = 0, now = 0;
    WCHAR line[32];
    CONSOLE_SCREEN_BUFFER_INFO buffer;
    COORD place = {2, 1};
    BOOL done;

    setvbuf(stdout, NULL, _IONBF, 0);
    GetConsoleMode(in, &mode[0]);
    GetConsoleMode(out, &mode[1]);
    printf("in %lu out %lu\n", mode[0], mode[1]);
    WriteConsoleW(out, question, 6, &count, NULL);
    if (!ReadConsoleW(in, line, 32, &count, NULL))
        return 1;
    line[count - 2] = 0;
    printf("read %lu: %S\n", count, line);

    SetConsoleTextAttribute(out, FOREGROUND_RED | FOREGROUND_INTENSITY);
    printf("red");
    SetConsoleTextAttribute(out, 7);
    SetConsoleCursorPosition(out, place);
    SetConsoleMode(in, mode[0] & ~(DWORD)ENABLE_ECHO_INPUT);
    GetConsoleMode(in, &now);
    SetConsoleMode(in, mode[0]);
    printf("no echo %d\n", now == (mode[0] & ~(DWORD)ENABLE_ECHO_INPUT));
    if (!GetConsoleScreenBufferInfo(out, &buffer))
        return 2;
    printf("%dx%d at %d,%d\n", buffer.dwSize.X, buffer.dwSize.Y, buffer.dwCursorPosition.X, buffer.dwCursorPosition.Y);

    called = CreateEventA(NULL, FALSE, FALSE, NULL);
    SetConsoleCtrlHandler(handler, TRUE);
    raise(SIGINT);
    if (WaitForSingleObject(called, 60000) != WAIT_OBJECT_0)
        return 3;
    printf("handler %lu\n", event_seen);
    done = SetConsoleOutputCP(437);
    printf("code pages %u %d %lu\n", GetConsoleOutputCP(), done, GetLastError());
    file = CreateFileA("/dev/null", GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    done = GetConsoleMode(file, &now);
    printf("a file: %d %lu\n", done, GetLastError());
    done = SetConsoleCtrlHandler(never, FALSE);
    printf("unknown handler %d %lu\n", done, GetLastError());
    return 0;
}
