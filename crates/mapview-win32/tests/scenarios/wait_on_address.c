/* WaitOnAddress: sizes, timeouts, and threads that wake each other. Libraries: synchronization */
#include "scenario.h"

static volatile LONG turn, waiting;
static volatile BYTE gate;

static DWORD WINAPI opens(LPVOID parameter)
{
    BYTE closed = 0;
    InterlockedIncrement(&waiting);
    while (gate == closed)
        WaitOnAddress(&gate, &closed, 1, INFINITE);
    return parameter == NULL;
}

static DWORD WINAPI plays(LPVOID parameter)
{
    LONG mine = parameter != NULL, other = !mine;
    int round;
    for (round = 0; round < 500; round++) {
        while (turn != mine)
            WaitOnAddress(&turn, &other, sizeof turn, INFINITE);
        turn = other;
        WakeByAddressSingle((PVOID)&turn);
    }
    return 5;
}

static DWORD join(HANDLE thread)
{
    DWORD code = 1234;
    MUST(thread && WaitForSingleObject(thread, 60000) == WAIT_OBJECT_0);
    MUST(GetExitCodeThread(thread, &code));
    CloseHandle(thread);
    return code;
}

int main(void)
{
    ULONGLONG value = 0x1122334455667788ull, same = value, differs = value + (1ull << 32);
    HANDLE threads[3];
    int index;

    B(WaitOnAddress(&value, &same, 8, 0));
    B(WaitOnAddress(&value, &same, 4, 1));
    B(WaitOnAddress(&value, &same, 2, 1));
    B(WaitOnAddress(&value, &same, 1, 1));
    B(WaitOnAddress(&value, &differs, 8, INFINITE));
    B(WaitOnAddress(&value, &differs, 4, 0));
    B(WaitOnAddress(&value, &same, 0, 0));
    B(WaitOnAddress(&value, &same, 3, 0));
    B(WaitOnAddress(&value, &same, 5, 0));
    B(WaitOnAddress(&value, &same, 16, 0));
    WakeByAddressSingle(&value);
    WakeByAddressAll(&value);

    threads[0] = CreateThread(NULL, 0, plays, NULL, 0, NULL);
    threads[1] = CreateThread(NULL, 0, plays, &value, 0, NULL);
    N(join(threads[0]));
    N(join(threads[1]));
    SAY("turn", "%d", (int)turn);

    for (index = 0; index < 3; index++)
        threads[index] = CreateThread(NULL, 0, opens, NULL, 0, NULL);
    while (waiting < 3)
        SwitchToThread();
    gate = 1;
    WakeByAddressAll((PVOID)&gate);
    for (index = 0; index < 3; index++)
        N(join(threads[index]));
    return 0;
}
