/* Storage of threads, with the callbacks that run when a thread ends. */
#include "scenario.h"

static DWORD tls, fls;
static LONG called;
static ULONG_PTR last;

static VOID WINAPI gone(PVOID value)
{
    InterlockedIncrement(&called);
    last = (ULONG_PTR)value;
}

static DWORD WINAPI thread(LPVOID parameter)
{
    DWORD result = TlsGetValue(tls) == NULL && FlsGetValue(fls) == NULL;
    TlsSetValue(tls, parameter);
    FlsSetValue(fls, parameter);
    return result + (TlsGetValue(tls) == parameter) + (FlsGetValue(fls) == parameter);
}

static DWORD run(void)
{
    DWORD code = 0;
    HANDLE handle = CreateThread(NULL, 0, thread, (LPVOID)(ULONG_PTR)77, 0, NULL);
    MUST(handle != NULL);
    MUST(WaitForSingleObject(handle, 60000) == WAIT_OBJECT_0);
    MUST(GetExitCodeThread(handle, &code));
    CloseHandle(handle);
    return code;
}

int main(void)
{
    DWORD many[2000];
    int count = 0, index;

    tls = TlsAlloc();
    fls = FlsAlloc(gone);
    SAY("allocated", "%d %d", tls != TLS_OUT_OF_INDEXES, fls != FLS_OUT_OF_INDEXES && fls != 0);
    P(TlsGetValue(tls));
    B(TlsSetValue(tls, (LPVOID)(ULONG_PTR)5));
    SAY("mine", "%d", (int)(ULONG_PTR)TlsGetValue(tls));
    N(run());
    SAY("called", "%d with %d", (int)called, (int)last);
    SAY("still mine", "%d", (int)(ULONG_PTR)TlsGetValue(tls));

    B(FlsSetValue(fls, (LPVOID)(ULONG_PTR)9));
    B(FlsFree(fls));
    SAY("called", "%d with %d", (int)called, (int)last);
    B(FlsFree(fls));
    B(FlsFree(0xFFFFFF));
    B(FlsSetValue(0, NULL));

    B(TlsSetValue(100000, NULL));
    P(TlsGetValue(100000));
    B(TlsFree(100000));
    B(TlsFree(tls));
    B(TlsFree(tls));
    tls = TlsAlloc();
    SAY("a new one is empty", "%d", TlsGetValue(tls) == NULL);
    while (count < 2000 && (many[count] = TlsAlloc()) != TLS_OUT_OF_INDEXES)
        count++;
    SAY("there are many", "%d %lu", count > 1000 && count < 1088, (unsigned long)GetLastError());
    B(TlsSetValue(many[count - 1], (LPVOID)(ULONG_PTR)3));
    SAY("the last one", "%d", (int)(ULONG_PTR)TlsGetValue(many[count - 1]));
    for (index = 0; index < count; index++)
        TlsFree(many[index]);
    return 0;
}
