/* The well-known three: a creator makes memory and mutex, a producer and a consumer share them. Contract: mutexes, sections. */
#include "sections.h"

#define ITEMS 200

struct shared {
    LONG produced, consumed;
    LONG items[ITEMS];
};

static struct shared *open_shared(HANDLE *mutex)
{
    HANDLE section = OpenFileMappingA(FILE_MAP_ALL_ACCESS, FALSE, NAME("shared"));
    struct shared *shared = section ? MapViewOfFile(section, FILE_MAP_ALL_ACCESS, 0, 0, sizeof *shared) : NULL;
    *mutex = OpenMutexA(MUTEX_ALL_ACCESS, FALSE, NAME("lock"));
    MUST(section && shared && *mutex);
    return shared;
}

static int produce(void)
{
    HANDLE mutex, there = OpenSemaphoreA(SEMAPHORE_ALL_ACCESS, FALSE, NAME("there"));
    struct shared *shared = open_shared(&mutex);
    LONG item;
    for (item = 1; item <= ITEMS; item++) {
        MUST(WaitForSingleObject(mutex, 30000) == WAIT_OBJECT_0);
        shared->items[shared->produced++] = item * item;
        MUST(ReleaseMutex(mutex));
        MUST(ReleaseSemaphore(there, 1, NULL));
    }
    return 3;
}

static int consume(void)
{
    HANDLE mutex, there = OpenSemaphoreA(SEMAPHORE_ALL_ACCESS, FALSE, NAME("there"));
    struct shared *shared = open_shared(&mutex);
    LONG sum = 0;
    while (shared->consumed < ITEMS) {
        MUST(WaitForSingleObject(there, 30000) == WAIT_OBJECT_0);
        MUST(WaitForSingleObject(mutex, 30000) == WAIT_OBJECT_0);
        sum += shared->items[shared->consumed++];
        MUST(ReleaseMutex(mutex));
    }
    return (int)(sum % 1000);
}

int main(int count, char **arguments)
{
    HANDLE section, mutex, there, producer, consumer;
    struct shared *shared;
    if (count > 1)
        return strcmp(arguments[1], "produce") == 0 ? produce() : consume();

    section = H(CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, 0, sizeof *shared, NAME("shared")));
    mutex = H(CreateMutexA(NULL, TRUE, NAME("lock")));
    there = H(CreateSemaphoreA(NULL, 0, ITEMS, NAME("there")));
    shared = MapViewOfFile(section, FILE_MAP_ALL_ACCESS, 0, 0, 0);
    MUST(shared && mutex && there);
    consumer = scenario_start_process("consume");
    producer = scenario_start_process("produce");
    SAY("nobody starts before the creator is ready", "%ld %ld", (long)shared->produced, (long)shared->consumed);
    B(ReleaseMutex(mutex));
    SAY("producer ends with", "%lu", (unsigned long)scenario_finish(producer));
    SAY("consumer ends with", "%lu", (unsigned long)scenario_finish(consumer));
    SAY("all of it", "%ld %ld, last %ld", (long)shared->produced, (long)shared->consumed, (long)shared->items[ITEMS - 1]);
    return 0;
}
