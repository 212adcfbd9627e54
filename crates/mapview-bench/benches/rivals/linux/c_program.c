// A program for Windows: compiled against our windows.h for this system, and by mingw for Wine. Reads orders line by line and
// answers each with a line: the nanoseconds of each of TIMES operations, each the average of COUNT.
//
//   program PREFIX
//   create COUNT TIMES   makes a named mapping that nobody else holds, views it, writes to it, and closes both
//   open COUNT TIMES     the same of one that this process holds
//   file COUNT TIMES     maps a file of 1 MiB, views it, writes to it, and closes both
//   mutex COUNT TIMES    locks and unlocks a named mutex
//   many COUNT TIMES     sets the last of eight events, and waits for any of them
//   all COUNT TIMES      sets eight events, and waits for all of them
//   serve COUNT TIMES    hands a turn back as often; says "ready" when it can begin
//   ask COUNT TIMES      hands a turn to another process and gets it back; half of that time
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#define OBJECTS 8
#define SIZE 65536
#define FILE_SIZE 1048576

static char names[5][200];
static HANDLE events[OBJECTS], turns[2], mutex, held, file;

static void must(BOOL done, const char *what) {
    if (done) return;
    fprintf(stderr, "%s failed: %lu\n", what, (unsigned long)GetLastError());
    exit(3);
}

static double now(void) {
    static double nanoseconds_per_tick;
    LARGE_INTEGER ticks;
    if (nanoseconds_per_tick == 0) {
        QueryPerformanceFrequency(&ticks);
        nanoseconds_per_tick = 1e9 / (double)ticks.QuadPart;
    }
    QueryPerformanceCounter(&ticks);
    return (double)ticks.QuadPart * nanoseconds_per_tick;
}

static void use(HANDLE mapping) {
    volatile char *view;
    must(mapping != NULL, "a mapping");
    view = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0);
    must(view != NULL, "MapViewOfFile");
    view[0]++;
    must(UnmapViewOfFile((void *)view), "UnmapViewOfFile");
    must(CloseHandle(mapping), "CloseHandle");
}

static void create(void) {
    use(CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, SIZE, names[0]));
}

static void open_held(void) {
    use(OpenFileMappingA(FILE_MAP_WRITE, FALSE, names[1]));
}

static void map_file(void) {
    use(CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL));
}

static void lock(void) {
    must(WaitForSingleObject(mutex, INFINITE) == WAIT_OBJECT_0, "locking");
    must(ReleaseMutex(mutex), "ReleaseMutex");
}

static void many(void) {
    must(SetEvent(events[OBJECTS - 1]), "SetEvent");
    must(WaitForMultipleObjects(OBJECTS, events, FALSE, INFINITE) == WAIT_OBJECT_0 + OBJECTS - 1, "waiting for any");
}

static void all(void) {
    int index;
    for (index = 0; index < OBJECTS; index++) must(SetEvent(events[index]), "SetEvent");
    must(WaitForMultipleObjects(OBJECTS, events, TRUE, INFINITE) == WAIT_OBJECT_0, "waiting for all");
}

static void hand_over(int mine, int theirs) {
    if (mine >= 0) must(SetEvent(turns[mine]), "SetEvent");
    must(WaitForSingleObject(turns[theirs], INFINITE) == WAIT_OBJECT_0, "waiting for the turn");
}

static void ask(void) {
    hand_over(0, 1);
}

static void make_all(const char *prefix) {
    static const char *const kinds[5] = {"new", "held", "mutex", "ask", "answer"};
    char path[300], directory[200];
    int index;
    for (index = 0; index < 5; index++) snprintf(names[index], sizeof names[index], "%s-%s", prefix, kinds[index]);
    for (index = 0; index < OBJECTS; index++) events[index] = CreateEventA(NULL, FALSE, FALSE, NULL);
    held = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, SIZE, names[1]);
    mutex = CreateMutexA(NULL, FALSE, names[2]);
    turns[0] = CreateEventA(NULL, FALSE, FALSE, names[3]);
    turns[1] = CreateEventA(NULL, FALSE, FALSE, names[4]);
    must(events[OBJECTS - 1] && held && mutex && turns[0] && turns[1], "making the objects");
    must(GetTempPathA(sizeof directory, directory) != 0, "GetTempPath");
    snprintf(path, sizeof path, "%s%s-%lu", directory, prefix, (unsigned long)GetCurrentProcessId());
    file = CreateFileA(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, NULL);
    must(file != INVALID_HANDLE_VALUE, "CreateFile");
    must(SetFilePointer(file, FILE_SIZE, NULL, FILE_BEGIN) == FILE_SIZE && SetEndOfFile(file), "the size of the file");
}

static void measure(void (*operation)(void), int count, int times, double part) {
    int each;
    for (each = 0; each < count; each++) operation();
    while (times--) {
        double start = now();
        for (each = 0; each < count; each++) operation();
        printf("%.1f ", (now() - start) / count * part);
    }
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*run)(void);
        double part;
    } operations[] = {
        {"create", create, 1}, {"open", open_held, 1}, {"file", map_file, 1}, {"mutex", lock, 1},
        {"many", many, 1},     {"all", all, 1},        {"ask", ask, 0.5},
    };
    char line[200], word[20];
    int count, times;
    size_t index;
    if (argc != 2) return 2;
    make_all(argv[1]);
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "%19s %d %d", word, &count, &times) != 3) return 2;
        if (!strcmp(word, "serve")) {
            puts("ready");
            fflush(stdout);
            hand_over(-1, 0);
            // One more than was asked for, less one that nobody waits for: whoever asks began with a round to warm up.
            for (times = count * (times + 1) - 1; times > 0; times--) hand_over(1, 0);
            must(SetEvent(turns[1]), "SetEvent");
            continue;
        }
        for (index = 0; index < sizeof operations / sizeof *operations; index++) {
            if (!strcmp(word, operations[index].name)) measure(operations[index].run, count, times, operations[index].part);
        }
        puts("");
        fflush(stdout);
    }
    return 0;
}
