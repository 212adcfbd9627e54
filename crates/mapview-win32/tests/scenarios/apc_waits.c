/* Calls queued to a thread, and which waits run them. Contract: waits. */
#include "scenario.h"

static int calls[16], count;
static HANDLE ready, semaphore, done;

static void CALLBACK note(ULONG_PTR number)
{
    calls[count++] = (int)number;
}

static void CALLBACK queues_another(ULONG_PTR number)
{
    note(number);
    QueueUserAPC(note, GetCurrentThread(), number + 1);
}

static void CALLBACK waits_itself(ULONG_PTR number)
{
    note(number);
    SAY("inside", "0x%lx", (unsigned long)SleepEx(0, TRUE));
}

static void said(const char *what)
{
    char text[64] = "";
    int i;
    for (i = 0; i < count; i++)
        sprintf(text + strlen(text), " %d", calls[i]);
    SAY(what, "%s", text);
    count = 0;
}

static DWORD WINAPI waits(void *all)
{
    HANDLE set[2];
    set[0] = ready;
    set[1] = semaphore;
    SetEvent(done);
    return WaitForMultipleObjectsEx(2, set, all != NULL, INFINITE, TRUE);
}

static DWORD WINAPI returns_count(void *unused)
{
    (void)unused;
    return (DWORD)count;
}

static void wake(void *all)
{
    HANDLE thread = CreateThread(NULL, 0, waits, all, 0, NULL);
    DWORD code = 0;
    MUST(thread && WaitForSingleObject(done, 60000) == WAIT_OBJECT_0);
    N(QueueUserAPC(note, thread, 9));
    N(WaitForSingleObject(thread, 60000));
    GetExitCodeThread(thread, &code);
    SAY("woken with", "0x%lx", (unsigned long)code);
    said("by");
    N(QueueUserAPC(note, thread, 10));
    CloseHandle(thread);
}

int main(void)
{
    HANDLE set[MAXIMUM_WAIT_OBJECTS], thread;
    DWORD code;
    int i;

    MUST(ready = CreateEventA(NULL, FALSE, FALSE, NULL));
    MUST(done = CreateEventA(NULL, FALSE, FALSE, NULL));
    MUST(semaphore = CreateSemaphoreA(NULL, 0, 9, NULL));

    N(QueueUserAPC(note, GetCurrentThread(), 1));
    N(QueueUserAPC(note, GetCurrentThread(), 2));
    N(QueueUserAPC(note, GetCurrentThread(), 3));
    N(WaitForSingleObject(ready, 0));
    N(WaitForSingleObjectEx(ready, 10, FALSE));
    N(SleepEx(1, FALSE));
    said("not alertable");
    N(WaitForSingleObjectEx(ready, INFINITE, TRUE));
    said("in order");
    N(WaitForSingleObjectEx(ready, 0, TRUE));
    N(SleepEx(0, TRUE));
    N(SleepEx(1, TRUE));

    /* What is signaled comes first. */
    N(QueueUserAPC(note, GetCurrentThread(), 4));
    SetEvent(ready);
    N(WaitForSingleObjectEx(ready, INFINITE, TRUE));
    said("signaled");
    N(SleepEx(INFINITE, TRUE));
    said("sleep");

    N(QueueUserAPC(queues_another, GetCurrentThread(), 5));
    N(SleepEx(0, TRUE));
    said("one queues another");
    N(QueueUserAPC(waits_itself, GetCurrentThread(), 7));
    N(QueueUserAPC(note, GetCurrentThread(), 8));
    N(SleepEx(0, TRUE));
    said("one waits");

    for (i = 0; i < MAXIMUM_WAIT_OBJECTS; i++)
        set[i] = ready;
    N(QueueUserAPC(note, GetCurrentThread(), 1));
    N(WaitForMultipleObjectsEx(MAXIMUM_WAIT_OBJECTS, set, FALSE, INFINITE, TRUE));
    said("64 objects");
    set[1] = semaphore;
    N(QueueUserAPC(note, GetCurrentThread(), 2));
    N(WaitForMultipleObjectsEx(2, set, TRUE, INFINITE, TRUE));
    said("all");
    N(QueueUserAPC(note, GetCurrentThread(), 3));
    N(SignalObjectAndWait(semaphore, ready, INFINITE, TRUE));
    said("signal and wait");
    N(WaitForSingleObject(semaphore, 0));

    wake(NULL);
    wake(ready);

    /* A thread that has not begun runs them first. */
    MUST(thread = CreateThread(NULL, 0, returns_count, NULL, CREATE_SUSPENDED, NULL));
    N(QueueUserAPC(note, thread, 1));
    N(QueueUserAPC(note, thread, 2));
    N(ResumeThread(thread));
    N(WaitForSingleObject(thread, 60000));
    B(GetExitCodeThread(thread, &code));
    SAY("before it began", "%lu", (unsigned long)code);
    N(QueueUserAPC(note, NULL, 1));
    N(QueueUserAPC(note, ready, 1));
    return 0;
}
