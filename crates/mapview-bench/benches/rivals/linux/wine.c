// The objects of Windows, as Wine has them. Reads orders line by line and answers each with a line, as the peers in Rust do.
//
//   rival.exe CPU PREFIX
//   serve KIND COUNT TIMES WORK   hands back as often; says "ready" when it can begin
//   ask KIND COUNT TIMES WORK     hands over as often; says the nanoseconds of each
//   signals KIND COUNT TIMES      signals and takes TIMES times COUNT times; says the nanoseconds of each
//   any COUNT TIMES, all COUNT TIMES    takes the last of COUNT signaled events, or all; the same
//
// KIND: event, semaphore, manual (set and reset).
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#define MOST 64
#define WARM_UP 100

static const char *prefix;
static double nanoseconds_per_tick;
static HANDLE events[2][MOST], semaphores[2], manual;

static double now(void) {
    LARGE_INTEGER ticks;
    QueryPerformanceCounter(&ticks);
    return ticks.QuadPart * nanoseconds_per_tick;
}

static double work(double time) {
    double start = now(), at = start;
    while (at - start < time) at = now();
    return at;
}

static void open_all(void) {
    char name[200];
    for (int direction = 0; direction < 2; direction++) {
        for (int index = 0; index < MOST; index++) {
            snprintf(name, sizeof name, "%s-event-%d-%d", prefix, direction, index);
            events[direction][index] = CreateEventA(NULL, FALSE, FALSE, name);
        }
        snprintf(name, sizeof name, "%s-semaphore-%d", prefix, direction);
        semaphores[direction] = CreateSemaphoreA(NULL, 0, 9, name);
    }
    manual = CreateEventA(NULL, TRUE, FALSE, NULL);
}

// Of a direction: signals the last of COUNT objects.
static void give(const char *kind, int direction, int count) {
    if (!strcmp(kind, "semaphore")) ReleaseSemaphore(semaphores[direction], 1, NULL);
    else SetEvent(events[direction][count - 1]);
}

static void take(const char *kind, int direction, int count) {
    if (!strcmp(kind, "semaphore")) WaitForSingleObject(semaphores[direction], INFINITE);
    else if (count == 1) WaitForSingleObject(events[direction][0], INFINITE);
    else WaitForMultipleObjects(count, events[direction], FALSE, INFINITE);
}

static void serve(const char *kind, int count, int times, double pause) {
    puts("ready");
    fflush(stdout);
    while (times--) {
        take(kind, 0, count);
        if (pause > 0) work(pause);
        give(kind, 1, count);
    }
}

static void ask(const char *kind, int count, int times, double pause) {
    for (int time = 0; time < times; time++) {
        double start = work(pause);
        give(kind, 0, count);
        take(kind, 1, count);
        if (time >= WARM_UP) printf("%.0f ", (now() - start - pause) / 2);
    }
}

static void signals(const char *kind, int count, int times) {
    while (times--) {
        double start = now();
        for (int each = 0; each < count; each++) {
            if (!strcmp(kind, "manual")) {
                SetEvent(manual);
                ResetEvent(manual);
            } else {
                give(kind, 0, 1);
                take(kind, 0, 1);
            }
        }
        printf("%.0f ", (now() - start) / count);
    }
}

static void at_once(BOOL all, int count, int times) {
    while (times--) {
        for (int each = all ? 0 : count - 1; each < count; each++) SetEvent(events[0][each]);
        double start = now();
        DWORD got = WaitForMultipleObjects(count, events[0], all, 0);
        printf("%.0f ", now() - start);
        if (got != WAIT_OBJECT_0 + (all ? 0 : count - 1)) ExitProcess(3);
    }
}

int main(int argc, char **argv) {
    char line[200], kind[20];
    int count, times;
    double pause;
    LARGE_INTEGER frequency;
    if (argc != 3) return 2;
    prefix = argv[2];
    SetProcessAffinityMask(GetCurrentProcess(), (DWORD_PTR)1 << atoi(argv[1]));
    QueryPerformanceFrequency(&frequency);
    nanoseconds_per_tick = 1e9 / frequency.QuadPart;
    open_all();
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "serve %19s %d %d %lf", kind, &count, &times, &pause) == 4) {
            serve(kind, count, times, pause);
            continue;
        }
        if (sscanf(line, "ask %19s %d %d %lf", kind, &count, &times, &pause) == 4) ask(kind, count, times, pause);
        else if (sscanf(line, "signals %19s %d %d", kind, &count, &times) == 3) signals(kind, count, times);
        else if (sscanf(line, "any %d %d", &count, &times) == 2) at_once(FALSE, count, times);
        else if (sscanf(line, "all %d %d", &count, &times) == 2) at_once(TRUE, count, times);
        else return 2;
        puts("");
        fflush(stdout);
    }
    return 0;
}
