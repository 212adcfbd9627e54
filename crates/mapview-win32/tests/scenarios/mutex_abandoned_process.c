/* Creator, producer and consumer under a mutex; a producer is killed while it owns it. Contract: mutexes. */
#include "scenario.h"

typedef struct {
    LONG written, read, half_done;
} Board;

static HANDLE mutex, changed, stuck;
static Board *board;

static void open_all(void)
{
    HANDLE mapping;
    MUST(mutex = CreateMutexA(NULL, FALSE, NAME("mutex")));
    MUST(changed = CreateEventA(NULL, FALSE, FALSE, NAME("changed")));
    MUST(stuck = CreateEventA(NULL, FALSE, FALSE, NAME("stuck")));
    MUST(mapping = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, sizeof(Board), NAME("board")));
    MUST(board = (Board *)MapViewOfFile(mapping, FILE_MAP_ALL_ACCESS, 0, 0, 0));
}

static int produce(int count)
{
    while (count > 0) {
        MUST(WaitForSingleObject(mutex, 60000) == WAIT_OBJECT_0);
        if (board->written == board->read) {
            board->half_done = 1;
            board->written++;
            board->half_done = 0;
            count--;
            SetEvent(changed);
        }
        MUST(ReleaseMutex(mutex));
        if (count > 0)
            Sleep(0);
    }
    return 7;
}

static int consume(int count)
{
    while (count > 0) {
        MUST(WaitForSingleObject(mutex, 60000) == WAIT_OBJECT_0);
        if (board->read < board->written) {
            board->read++;
            count--;
        }
        MUST(ReleaseMutex(mutex));
        if (count > 0)
            Sleep(0);
    }
    return 8;
}

static int gets_stuck(void)
{
    int i;
    for (i = 0; i < 3; i++)
        WaitForSingleObject(mutex, INFINITE);
    board->half_done = 1;
    SetEvent(stuck);
    Sleep(INFINITE);
    return 0;
}

static int waits_for_it(void)
{
    DWORD got;
    SetEvent(changed);
    got = WaitForSingleObject(mutex, 60000);
    return (int)(got + (board->half_done ? 1 : 0)); /* and ends without giving it back */
}

int main(int count, char **arguments)
{
    HANDLE producer, consumer, victim, waiter;
    DWORD code;

    open_all();
    if (count > 1) {
        switch (arguments[1][0]) {
        case 'p':
            return produce(200);
        case 'c':
            return consume(200);
        case 's':
            return gets_stuck();
        default:
            return waits_for_it();
        }
    }

    producer = scenario_start_process("p");
    consumer = scenario_start_process("c");
    SAY("producer", "%lu", (unsigned long)scenario_finish(producer));
    SAY("consumer", "%lu", (unsigned long)scenario_finish(consumer));
    SAY("written, read", "%ld %ld", (long)board->written, (long)board->read);

    victim = scenario_start_process("s");
    N(WaitForSingleObject(stuck, 60000));
    N(WaitForSingleObject(mutex, 0));
    B(ReleaseMutex(mutex));
    WaitForSingleObject(changed, 0);
    waiter = scenario_start_process("w");
    N(WaitForSingleObject(changed, 60000));
    B(TerminateProcess(victim, 9));
    N(WaitForSingleObject(victim, 60000));
    B(GetExitCodeProcess(victim, &code));
    SAY("victim", "%lu", (unsigned long)code);
    SAY("waiter", "0x%lx", (unsigned long)scenario_finish(waiter));
    N(WaitForSingleObject(mutex, 0));
    N(WaitForSingleObject(mutex, 0));
    B(ReleaseMutex(mutex));
    B(ReleaseMutex(mutex));
    B(ReleaseMutex(mutex));
    N(WaitForSingleObject(mutex, 0));
    return 0;
}
