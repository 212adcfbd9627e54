/* What a semaphore counts. Contract: semaphores. */
#include "scenario.h"

static LONG before;

static BOOL release(HANDLE semaphore, LONG count)
{
    before = -77;
    return ReleaseSemaphore(semaphore, count, &before);
}

int main(void)
{
    HANDLE semaphore, again, event;

    H(CreateSemaphoreA(NULL, -1, 1, NULL));
    H(CreateSemaphoreA(NULL, 0, 0, NULL));
    H(CreateSemaphoreA(NULL, 0, -1, NULL));
    H(CreateSemaphoreA(NULL, 2, 1, NULL));
    H(CreateSemaphoreW(NULL, 0x7fffffff, 0x7fffffff, NULL));
    ROW_H("NULL 87", CreateSemaphoreExA(NULL, 0, 1, NULL, 1, SEMAPHORE_ALL_ACCESS));

    semaphore = H(CreateSemaphoreA(NULL, 2, 3, NAME("semaphore")));
    again = H(CreateSemaphoreA(NULL, 0, 9, NAME("semaphore")));
    H(CreateSemaphoreA(NULL, 0, 0, NAME("semaphore")));
    H(CreateSemaphoreA(NULL, 5, 4, NAME("semaphore")));
    H(CreateSemaphoreExA(NULL, 0, 9, NAME("semaphore"), 0, SYNCHRONIZE));

    N(WaitForSingleObject(again, 0));
    N(WaitForSingleObject(semaphore, 0));
    N(WaitForSingleObject(again, 0));
    B(release(semaphore, 1));
    SAY("before", "%ld", (long)before);
    B(release(again, 3));
    SAY("before", "%ld", (long)before);
    B(release(again, 2));
    SAY("before", "%ld", (long)before);
    B(release(again, 1));
    SAY("before", "%ld", (long)before);
    B(release(again, 0x7fffffff));
    SAY("before", "%ld", (long)before);
    ROW_B("FALSE 87", release(again, 0));
    ROW_B("FALSE 87", release(again, -1));
    SAY("before", "%ld", (long)before);
    B(ReleaseSemaphore(again, 1, NULL));
    N(WaitForSingleObject(again, 0));
    B(ReleaseSemaphore(again, 1, NULL));

    event = H(CreateEventA(NULL, FALSE, FALSE, NULL));
    B(ReleaseSemaphore(event, 1, NULL));
    B(ReleaseSemaphore(NULL, 1, NULL));
    CloseHandle(again);
    again = H(OpenSemaphoreA(SYNCHRONIZE, FALSE, NAME("semaphore")));
    B(release(again, 1));
    SAY("before", "%ld", (long)before);
    N(WaitForSingleObject(again, 0));
    CloseHandle(again);
    again = H(OpenSemaphoreW(SEMAPHORE_MODIFY_STATE, FALSE, u"" SCENARIO u"-semaphore"));
    B(release(again, 1));
    N(WaitForSingleObject(again, 0));
    H(OpenSemaphoreA(SEMAPHORE_ALL_ACCESS, FALSE, NULL));
    H(OpenSemaphoreA(SEMAPHORE_ALL_ACCESS, FALSE, NAME("missing")));
    return 0;
}
