/* A program as written for Windows. Each line on standard input makes it do one thing with objects that a program in Rust
 * has, too; it answers with a number. Arguments: the common part of all names. */
#include <stdio.h>
#include <string.h>
#include <windows.h>

static const char *prefix;

static const char *name(const char *of)
{
    static char text[MAX_PATH];
    snprintf(text, sizeof text, "Local\\%s %s", prefix, of);
    return text;
}

int main(int argc, char **argv)
{
    char line[200];
    HANDLE mapping, mutex, event, semaphore, timer, all[3];
    char *view;
    if (argc != 2)
        return 2;
    prefix = argv[1];
    mapping = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 5000, name("mapping"));
    view = (char *)MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0);
    mutex = CreateMutexA(NULL, FALSE, name("mutex"));
    event = CreateEventA(NULL, FALSE, FALSE, name("event"));
    semaphore = CreateSemaphoreA(NULL, 0, 9, name("semaphore"));
    timer = CreateWaitableTimerA(NULL, TRUE, name("timer"));
    if (!view || !mutex || !event || !semaphore || !timer)
        return 3;
    all[0] = mutex, all[1] = event, all[2] = semaphore;
    while (fgets(line, sizeof line, stdin)) {
        DWORD answer = 0;
        LARGE_INTEGER due;
        line[strcspn(line, "\n")] = 0;
        if (!strncmp(line, "write ", 6))
            strcpy(view, line + 6);
        else if (!strncmp(line, "holds ", 6))
            answer = strcmp(view, line + 6) == 0;
        else if (!strcmp(line, "lock"))
            answer = WaitForSingleObject(mutex, 30000);
        else if (!strcmp(line, "unlock"))
            answer = ReleaseMutex(mutex);
        else if (!strcmp(line, "set"))
            answer = SetEvent(event);
        else if (!strcmp(line, "release"))
            answer = ReleaseSemaphore(semaphore, 3, NULL);
        else if (!strcmp(line, "all"))
            answer = WaitForMultipleObjects(3, all, TRUE, 30000);
        else if (!strcmp(line, "start"))
            due.QuadPart = -1, answer = SetWaitableTimer(timer, &due, 0, NULL, NULL, FALSE);
        else if (!strcmp(line, "opened"))
            answer = GetLastError();
        printf("%lu\n", answer);
        fflush(stdout);
    }
    return 0;
}
