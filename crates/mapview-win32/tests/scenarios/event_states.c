/* Events of both kinds, through the calls that change them. Contract: events. */
#include "scenario.h"

int main(void)
{
    HANDLE automatic = H(CreateEventA(NULL, FALSE, FALSE, NULL));
    HANDLE manual = H(CreateEventA(NULL, TRUE, TRUE, NAME("manual")));
    HANDLE again = H(CreateEventA(NULL, FALSE, FALSE, NAME("manual")));

    N(WaitForSingleObject(automatic, 0));
    B(SetEvent(automatic));
    B(SetEvent(automatic));
    N(WaitForSingleObject(automatic, 0));
    N(WaitForSingleObject(automatic, 0));

    N(WaitForSingleObject(again, 0));
    N(WaitForSingleObject(manual, 0));
    B(PulseEvent(manual));
    N(WaitForSingleObject(again, 0));
    B(SetEvent(again));
    B(ResetEvent(manual));
    N(WaitForSingleObject(again, 0));

    B(SetEvent(NULL));
    B(SetEvent(INVALID_HANDLE_VALUE));
    B(CloseHandle(again));
    B(SetEvent(again));
    H(OpenEventA(EVENT_ALL_ACCESS, FALSE, NAME("manual")));
    H(OpenEventA(EVENT_ALL_ACCESS, FALSE, NAME("missing")));
    H(OpenEventA(EVENT_ALL_ACCESS, FALSE, NULL));
    ROW_H("NULL 5", OpenEventA(0, FALSE, NAME("manual")));
    ROW_H("NULL 87", CreateEventExA(NULL, NULL, 4, EVENT_ALL_ACCESS));
    return 0;
}
