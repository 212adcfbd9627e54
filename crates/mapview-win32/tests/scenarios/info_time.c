/* Times: counts of 100 ns, dates, clocks that go forward. */
#include "scenario.h"

static void say(const char *what, const SYSTEMTIME *time)
{
    SAY(what, "%u-%02u-%02u (%u) %02u:%02u:%02u.%03u", time->wYear, time->wMonth, time->wDay, time->wDayOfWeek, time->wHour,
        time->wMinute, time->wSecond, time->wMilliseconds);
}

static void count(ULONGLONG ticks)
{
    FILETIME file, back;
    SYSTEMTIME time;
    memset(&time, 0, sizeof time);
    file.dwLowDateTime = (DWORD)ticks;
    file.dwHighDateTime = (DWORD)(ticks >> 32);
    if (!B(FileTimeToSystemTime(&file, &time)))
        return;
    say("date", &time);
    if (time.wYear > 30827) {
        ROW_B("FALSE 87", SystemTimeToFileTime(&time, &back));
        return;
    }
    B(SystemTimeToFileTime(&time, &back));
    SAY("back", "%I64u", (ULONGLONG)back.dwHighDateTime << 32 | back.dwLowDateTime);
}

int main(void)
{
    SYSTEMTIME time = {2024, 2, 9, 29, 23, 59, 58, 999}, now;
    FILETIME first, second;
    LARGE_INTEGER frequency, start, end;
    ULONGLONG ticks;

    count(0);
    count(116444736000000000ull);
    count(133535519989990001ull);
    count(0x7FFFFFFFFFFFFFFFull);
    count(0x8000000000000000ull);

    B(SystemTimeToFileTime(&time, &first));
    SAY("leap day", "%I64u", (ULONGLONG)first.dwHighDateTime << 32 | first.dwLowDateTime);
    time.wYear = 2023;
    ROW_B("FALSE 87", SystemTimeToFileTime(&time, &first));
    time.wYear = 2024, time.wHour = 24;
    B(SystemTimeToFileTime(&time, &first));
    time.wHour = 0, time.wMonth = 13;
    B(SystemTimeToFileTime(&time, &first));
    time.wMonth = 1, time.wYear = 1600;
    B(SystemTimeToFileTime(&time, &first));

    GetSystemTimeAsFileTime(&first);
    GetSystemTimePreciseAsFileTime(&second);
    SAY("CompareFileTime", "%d %d", (int)CompareFileTime(&first, &first), CompareFileTime(&second, &first) >= -1);
    first.dwHighDateTime = 5, second.dwHighDateTime = 6;
    SAY("CompareFileTime", "%d %d", (int)CompareFileTime(&first, &second), (int)CompareFileTime(&second, &first));
    GetSystemTime(&now);
    SAY("after 2020", "%d", now.wYear > 2020 && now.wMonth >= 1 && now.wMonth <= 12);

    ticks = GetTickCount64();
    SAY("ticks", "%d %d", ticks > 0, GetTickCount64() >= ticks);
    B(QueryPerformanceFrequency(&frequency));
    B(QueryPerformanceCounter(&start));
    B(QueryPerformanceCounter(&end));
    SAY("counter", "%I64d %d", frequency.QuadPart, end.QuadPart >= start.QuadPart);
    return 0;
}
