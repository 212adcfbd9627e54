/* Priorities, processors, times and names of threads. */
#include "scenario.h"

static DWORD WINAPI waits(void *event)
{
    return WaitForSingleObject(event, INFINITE);
}

static LONGLONG number(FILETIME time)
{
    return ((LONGLONG)time.dwHighDateTime << 32) + time.dwLowDateTime;
}

int main(void)
{
    static const int priority[] = {THREAD_PRIORITY_LOWEST, THREAD_PRIORITY_BELOW_NORMAL, THREAD_PRIORITY_NORMAL,
                                   THREAD_PRIORITY_ABOVE_NORMAL, THREAD_PRIORITY_HIGHEST, THREAD_PRIORITY_IDLE,
                                   THREAD_PRIORITY_TIME_CRITICAL};
    FILETIME created, ended, kernel, user, now;
    HANDLE event, thread, limited;
    DWORD_PTR mask;
    DWORD id;
    BOOL off = 7;
    int i;

    MUST(event = CreateEventA(NULL, TRUE, FALSE, NULL));
    thread = H(CreateThread(NULL, 0, waits, event, 0, &id));
    N(GetThreadPriority(thread));
    for (i = 0; i < 7; i++) {
        B(SetThreadPriority(thread, priority[i]));
        SAY("priority", "%d", GetThreadPriority(thread));
    }
    B(SetThreadPriority(thread, 100));
    B(SetThreadPriority(thread, -100));
    SAY("priority", "%d", GetThreadPriority(thread));
    SAY("own priority", "%d", GetThreadPriority(GetCurrentThread()));
    B(SetThreadPriority(NULL, 0));
    SAY("of none", "%d", GetThreadPriority(NULL) == THREAD_PRIORITY_ERROR_RETURN);
    B(GetThreadPriorityBoost(thread, &off));
    SAY("boost off", "%d", off);

    mask = SetThreadAffinityMask(thread, 1);
    SAY("could run on the first", "%d", (int)(mask & 1));
    SAY("could only", "%d", SetThreadAffinityMask(thread, mask) == 1);
    SAY("no processors", "%d", (int)SetThreadAffinityMask(thread, 0));
    SAY("error", "%lu", (unsigned long)GetLastError());

    limited = H(OpenThread(THREAD_QUERY_LIMITED_INFORMATION, FALSE, id));
    B(SetThreadPriority(limited, 0));
    SAY("priority", "%d", GetThreadPriority(limited));
    N(SetThreadAffinityMask(limited, 1));

    B(GetThreadTimes(thread, &created, &ended, &kernel, &user));
    GetSystemTimeAsFileTime(&now);
    SAY("created in the last minute", "%d", number(now) - number(created) < 600000000 && number(now) > number(created));
    SAY("used less than a minute", "%d", number(kernel) + number(user) < 600000000);
    B(SetEvent(event));
    N(WaitForSingleObject(thread, 60000));
    B(GetThreadTimes(thread, &created, &ended, &kernel, &user));
    SAY("ended after it began", "%d", number(ended) >= number(created));
    B(GetThreadTimes(event, &created, &ended, &kernel, &user));
    return 0;
}
