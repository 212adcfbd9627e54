/* Two processes hand numbers over through a ring that semaphores count. Contract: semaphores, waits. */
#include "scenario.h"

#define PLACES 4
#define ITEMS 2000

typedef struct {
    LONG ring[PLACES], in, out;
} Ring;

int main(int count, char **arguments)
{
    HANDLE empty, full, done, mapping, child, set[2];
    LONG before, sum = 0;
    DWORD got;
    Ring *ring;
    int i;

    MUST(mapping = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, sizeof(Ring), NAME("ring")));
    MUST(ring = (Ring *)MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, sizeof(Ring)));
    if (count > 1) {
        MUST(empty = OpenSemaphoreA(SYNCHRONIZE, FALSE, NAME("empty")));
        MUST(full = OpenSemaphoreW(SEMAPHORE_MODIFY_STATE, FALSE, u"" SCENARIO u"-full"));
        MUST(done = OpenEventA(EVENT_MODIFY_STATE, FALSE, NAME("done")));
        for (i = 1; i <= ITEMS; i++) {
            MUST(WaitForSingleObject(empty, 60000) == WAIT_OBJECT_0);
            ring->ring[ring->in++ % PLACES] = i;
            MUST(ReleaseSemaphore(full, 1, NULL));
        }
        MUST(SetEvent(done));
        return atoi(arguments[1]);
    }

    empty = H(CreateSemaphoreA(NULL, PLACES, PLACES, NAME("empty")));
    full = H(CreateSemaphoreA(NULL, 0, PLACES, NAME("full")));
    done = H(CreateEventA(NULL, TRUE, FALSE, NAME("done")));
    child = scenario_start_process("23");
    set[0] = full;
    set[1] = done;
    for (i = 0; i < ITEMS; i++) {
        got = WaitForMultipleObjects(2, set, FALSE, 60000);
        MUST(got == WAIT_OBJECT_0);
        sum += ring->ring[ring->out++ % PLACES];
        MUST(ReleaseSemaphore(empty, 1, NULL));
    }
    SAY("sum", "%ld", (long)sum);
    N(WaitForMultipleObjects(2, set, FALSE, 60000));
    set[0] = child;
    N(WaitForMultipleObjects(2, set, TRUE, 60000));
    SAY("child", "%lu", (unsigned long)scenario_finish(child));
    B(ReleaseSemaphore(empty, 1, &before));
    B(ReleaseSemaphore(full, 1, &before));
    SAY("full before", "%ld", (long)before);
    return 0;
}
