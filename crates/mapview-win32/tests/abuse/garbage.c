/* Calls everything with garbage: handles that are NULL, wild, closed or of the wrong kind, sizes, flags and addresses that
 * make no sense, NULL where there should be something. Several threads at once, each with numbers of its own that are the
 * same in every run. Nothing is checked but that the process lives on; the last lines are printed when all is done. */
#include <windows.h>
#include <psapi.h>
#include <tlhelp32.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 4
#define SHARED 24
#define OWN 8

static HANDLE shared_handles[SHARED];
static unsigned rounds = 1500;

/* Absurd sizes are no errors of the program: malloc shall fail as it does without the sanitizer. */
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1:max_allocation_size_mb=64:detect_leaks=0";
}

/* What the calls may read and write. */
static __thread union {
    char bytes[4096];
    WCHAR wide[2048];
    DWORD words[1024];
    unsigned long long longs[512];
} out, in;
static __thread unsigned long long state;

static unsigned long long next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static unsigned below(unsigned limit)
{
    return (unsigned)((next() >> 11) % limit);
}

static HANDLE handle(void)
{
    static const LONG_PTR wild[] = {0,  1,  2,   3,    -1,         -2,         -3,        -4,
                                    -5, -6, -7,  -8,   -10,        -11,        -12,       0x7FFFFFFC,
                                    4,  5,  8,   1000, 0x04000004, 0x04000010, 0xDEADBEE0, 0x123456789ABCLL};
    switch (below(4)) {
    case 0:
        return (HANDLE)wild[below(sizeof wild / sizeof *wild)];
    case 1:
        return (HANDLE)(LONG_PTR)next();
    default:
        return shared_handles[below(SHARED)];
    }
}

static DWORD bits(void)
{
    switch (below(6)) {
    case 0:
        return 0;
    case 1:
        return 0xFFFFFFFFu;
    case 2:
        return 1u << below(32);
    case 3:
        return 1u << below(32) | 1u << below(32);
    case 4:
        return below(16);
    default:
        return (DWORD)next();
    }
}

static SIZE_T size(void)
{
    static const SIZE_T sizes[] = {0, 1, 2, 7, 4095, 4096, 4097, 65535, 65536, 65537, (SIZE_T)-1, (SIZE_T)-2, (SIZE_T)-4096, (SIZE_T)1 << 63, (SIZE_T)1 << 47, ((SIZE_T)1 << 32) - 1, (SIZE_T)1 << 32, 0x7FFFFFFF, 0x80000000};
    return below(3) ? sizes[below(sizeof sizes / sizeof *sizes)] : (SIZE_T)(next() >> below(64));
}

/* Where nothing is that the program needs: the lowest and the highest addresses, and those that no processor has. */
static void *address(void)
{
    static const ULONG_PTR wild[] = {0,
                                     1,
                                     0xFFF,
                                     0x1000,
                                     0xFFFF,
                                     0x7FFFFFFE0000,
                                     0x7FFFFFFF0000,
                                     0x7FFFFFFFFFFF,
                                     0x800000000000,
                                     0xFFFF800000000000,
                                     0xFFFFFFFFFFFFF000,
                                     0xFFFFFFFFFFFFFFFF,
                                     0x7FFF8000ULL / 2};
    return (void *)wild[below(sizeof wild / sizeof *wild)];
}

static void *place(void)
{
    return below(3) ? out.bytes : NULL;
}

static const char *name(void)
{
    static const char *const names[] = {NULL, "", "a", "a", "b", "Local\\a", "Global\\a", "Local\\", "local\\a", "\\", "a\\b", "Local", "\xff\xfe", "x/y", "..", ":", "nul"};
    static __thread char longest[70000];
    unsigned which = below(sizeof names / sizeof *names + 2);
    if (which < sizeof names / sizeof *names)
        return names[which];
    memset(longest, 'n', sizeof longest);
    longest[which & 1 ? 260 : sizeof longest - 1] = 0;
    return longest;
}

static const WCHAR *wide_name(void)
{
    static __thread WCHAR wide[70000];
    const char *text = name();
    unsigned at = 0;
    if (!text)
        return NULL;
    for (; text[at]; ++at)
        wide[at] = (WCHAR)(below(9) ? (unsigned char)text[at] : 0xD800 + below(0x400));
    wide[at] = 0;
    return wide;
}

static SECURITY_ATTRIBUTES *attributes(void)
{
    static __thread SECURITY_ATTRIBUTES given;
    given.nLength = below(2) ? sizeof given : bits();
    given.lpSecurityDescriptor = NULL;
    given.bInheritHandle = below(2);
    return below(2) ? &given : NULL;
}

/* New objects take the places of old ones, which others may be using. */
static void keep(HANDLE made)
{
    HANDLE *slot = &shared_handles[below(SHARED)];
    if (made == NULL || made == INVALID_HANDLE_VALUE)
        return;
    made = (HANDLE)InterlockedExchangePointer((PVOID volatile *)slot, made);
    if (made)
        CloseHandle(made);
}

static DWORD moment(void)
{
    return below(8) ? 0 : below(3);
}

static DWORD WINAPI nothing(LPVOID parameter)
{
    (void)parameter;
    return 7;
}

static VOID CALLBACK called(ULONG_PTR data)
{
    SetEvent((HANDLE)data);
    SleepEx(0, TRUE);
}

static void objects(void)
{
    HANDLE made;
    switch (below(34)) {
    case 0: keep(CreateEventA(attributes(), bits(), bits(), name())); break;
    case 1: keep(CreateEventExW(attributes(), wide_name(), bits(), bits())); break;
    case 2: keep(CreateMutexA(attributes(), bits(), name())); break;
    case 3: keep(CreateMutexExW(attributes(), wide_name(), bits(), bits())); break;
    case 4: keep(CreateSemaphoreA(attributes(), (LONG)bits(), (LONG)bits(), name())); break;
    case 5: keep(CreateSemaphoreExW(attributes(), (LONG)bits(), (LONG)bits(), wide_name(), bits(), bits())); break;
    case 6: keep(CreateWaitableTimerA(attributes(), bits(), name())); break;
    case 7: keep(CreateWaitableTimerExW(attributes(), wide_name(), bits(), bits())); break;
    case 8: keep(OpenEventA(bits(), bits(), name())); break;
    case 9: keep(OpenMutexW(bits(), bits(), wide_name())); break;
    case 10: keep(OpenSemaphoreA(bits(), bits(), name())); break;
    case 11: keep(OpenWaitableTimerW(bits(), bits(), wide_name())); break;
    case 12: SetEvent(handle()); break;
    case 13: ResetEvent(handle()); break;
    case 14: PulseEvent(handle()); break;
    case 15: ReleaseMutex(handle()); break;
    case 16: ReleaseSemaphore(handle(), (LONG)bits(), place()); break;
    case 17: {
        LARGE_INTEGER due;
        due.QuadPart = (LONGLONG)next() >> below(64);
        SetWaitableTimer(handle(), below(8) ? &due : NULL, (LONG)bits(), NULL, NULL, bits());
        break;
    }
    case 18: CancelWaitableTimer(handle()); break;
    case 19: WaitForSingleObject(handle(), moment()); break;
    case 20: WaitForSingleObjectEx(handle(), moment(), TRUE); break;
    case 21:
    case 22: {
        HANDLE several[70];
        unsigned at, count = below(70);
        for (at = 0; at < count; ++at)
            several[at] = handle();
        WaitForMultipleObjectsEx(below(20) ? count : bits() | 65, below(20) ? several : NULL, bits(), moment(), below(2));
        break;
    }
    case 23: {
        HANDLE several[3];
        several[0] = shared_handles[below(SHARED)];
        several[1] = shared_handles[below(SHARED)];
        several[2] = shared_handles[below(SHARED)];
        WaitForMultipleObjects(1 + below(3), several, below(2), moment());
        break;
    }
    case 24: SignalObjectAndWait(handle(), handle(), moment(), below(2)); break;
    case 25: CompareObjectHandles(handle(), handle()); break;
    case 26: GetHandleInformation(handle(), place()); break;
    case 27: SetHandleInformation(handle(), bits(), bits() & ~2u); break;
    case 28:
    case 29:
        made = NULL;
        DuplicateHandle(below(3) ? GetCurrentProcess() : handle(), handle(), below(3) ? GetCurrentProcess() : handle(),
                        below(8) ? &made : NULL, bits(), bits(), bits() & ~1u);
        keep(made);
        break;
    case 30: keep(OpenThread(bits(), bits(), below(2) ? GetCurrentThreadId() : bits())); break;
    case 31: keep(CreateThread(attributes(), below(2) ? 0 : below(1u << 20), below(8) ? nothing : NULL, NULL, below(2) ? 0 : bits() & ~4u, place())); break;
    case 32: QueueUserAPC(below(8) ? called : NULL, below(2) ? GetCurrentThread() : handle(), (ULONG_PTR)handle()); break;
    case 33: keep(OpenProcess(bits(), bits(), below(2) ? GetCurrentProcessId() : bits())); break;
    }
}

static void threads_and_processes(void)
{
    switch (below(20)) {
    case 0: GetExitCodeThread(handle(), place()); break;
    case 1: GetExitCodeProcess(handle(), place()); break;
    case 2: GetThreadId(handle()); break;
    case 3: GetProcessId(handle()); break;
    case 4: GetProcessIdOfThread(handle()); break;
    case 5: ResumeThread(handle()); break;
    case 6: GetThreadPriority(handle()); break;
    case 7: SetThreadPriority(handle(), (int)bits()); break;
    case 8: SetThreadAffinityMask(handle(), bits() | 1); break;
    case 9: SetThreadIdealProcessor(handle(), bits()); break;
    case 10: SetThreadDescription(handle(), below(8) ? wide_name() : NULL); break;
    case 11: {
        FILETIME times[4];
        GetThreadTimes(handle(), &times[0], &times[1], &times[2], &times[3]);
        GetProcessTimes(handle(), &times[0], &times[1], &times[2], &times[3]);
        break;
    }
    case 12: GetPriorityClass(handle()); break;
    case 13: GetProcessHandleCount(handle(), place()); break;
    case 14: {
        DWORD room = below(2) ? sizeof in.bytes : below(8);
        QueryFullProcessImageNameA(handle(), bits(), in.bytes, &room);
        break;
    }
    case 15: keep(CreateToolhelp32Snapshot(bits() & 2, 0)); break;
    case 16: {
        PROCESS_INFORMATION information;
        STARTUPINFOA startup;
        char line[] = "/nowhere/at-all";
        memset(&startup, 0, sizeof startup);
        startup.cb = below(2) ? sizeof startup : bits();
        CreateProcessA(below(2) ? "/nowhere/at-all" : "", below(2) ? line : NULL, attributes(), attributes(), bits(), bits() & ~0x80000u, NULL, below(2) ? "/nowhere" : NULL, &startup, &information);
        break;
    }
    case 17: SetProcessWorkingSetSize(handle(), size(), size()); break;
    case 18: {
        WCHAR *text = NULL;
        if (SUCCEEDED(GetThreadDescription(handle(), &text)))
            LocalFree(text);
        break;
    }
    case 19: {
        HANDLE token = NULL;
        OpenProcessToken(handle(), bits(), &token);
        keep(token);
        break;
    }
    }
}

static void memory(void)
{
    void *own[OWN];
    void *got;
    unsigned at;
    DWORD old;
    static __thread void *kept[OWN];
    memcpy(own, kept, sizeof own);
    at = below(OWN);
    switch (below(26)) {
    case 0:
    case 1:
        got = VirtualAlloc(below(2) ? NULL : address(), below(2) ? below(1u << 20) : size() & 0xFFFFFFFFFF, below(2) ? (DWORD)(MEM_RESERVE | (below(2) ? MEM_COMMIT : 0)) : bits(), below(2) ? PAGE_READWRITE : bits());
        if (got && !kept[at])
            kept[at] = got;
        else if (got)
            VirtualFree(got, 0, MEM_RELEASE);
        break;
    case 2:
        if (VirtualFree(own[at], below(2) ? 0 : size(), below(2) ? MEM_RELEASE : bits()))
            kept[at] = NULL;
        break;
    case 3: VirtualFree(address(), size(), bits()); break;
    case 4: VirtualProtect(below(2) ? own[at] : address(), below(2) ? 4096 : size(), bits(), below(8) ? &old : NULL); break;
    case 5: VirtualQuery(below(2) ? own[at] : address(), place(), below(2) ? 48 : below(64)); break;
    case 6: VirtualLock(below(2) ? own[at] : address(), below(2) ? 4096 : size()); break;
    case 7: VirtualUnlock(below(2) ? own[at] : address(), below(2) ? 4096 : size()); break;
    case 8: ReadProcessMemory(handle(), below(2) ? own[at] : address(), in.bytes, below(2) ? below(4096) : 0, below(2) ? (SIZE_T *)out.longs : NULL); break;
    case 9: WriteProcessMemory(handle(), address(), in.bytes, below(4096), below(2) ? (SIZE_T *)out.longs : NULL); break;
    case 10: ReadProcessMemory(GetCurrentProcess(), in.bytes, address(), size(), NULL); break;
    case 11: {
        WIN32_MEMORY_RANGE_ENTRY ranges[2];
        ranges[0].VirtualAddress = address();
        ranges[0].NumberOfBytes = size();
        ranges[1].VirtualAddress = own[at];
        ranges[1].NumberOfBytes = size();
        PrefetchVirtualMemory(handle(), below(2) ? below(3) : below(2), below(4) ? ranges : NULL, bits());
        break;
    }
    case 12: DiscardVirtualMemory(below(2) ? own[at] : address(), size()); break;
    case 13: OfferVirtualMemory(below(2) ? own[at] : address(), size(), (OFFER_PRIORITY)bits()); break;
    case 14: ReclaimVirtualMemory(below(2) ? own[at] : address(), size()); break;
    case 15: ResetWriteWatch(below(2) ? own[at] : address(), size()); break;
    case 16: {
        ULONG_PTR count = 16;
        GetWriteWatch(bits(), below(2) ? own[at] : address(), size(), below(4) ? (void **)out.longs : NULL, below(4) ? &count : NULL, below(4) ? &old : NULL);
        break;
    }
    case 17: IsBadReadPtr(address(), size()); break;
    case 18: IsBadWritePtr(address(), size()); break;
    case 19: QueryWorkingSetEx(handle(), place(), below(4096)); break;
    case 20: QueryWorkingSet(handle(), place(), below(4096)); break;
    case 21: GetProcessMemoryInfo(handle(), place(), below(4096)); break;
    case 22:
        got = VirtualAllocEx(handle(), below(2) ? NULL : address(), below(2) ? 4096 : size() & 0xFFFFFFFF, bits(), bits());
        if (got)
            VirtualFree(got, 0, MEM_RELEASE);
        break;
    case 23: VirtualFreeEx(handle(), address(), size(), bits()); break;
    case 24: VirtualQueryEx(handle(), address(), place(), size() & 4095); break;
    case 25:
        got = VirtualAlloc2(below(2) ? NULL : handle(), NULL, below(2) ? 65536 : size() & 0xFFFFFFFF, bits(), bits(), NULL, below(3));
        if (got)
            VirtualFree(got, 0, MEM_RELEASE);
        break;
    }
}

static void sections(void)
{
    void *view;
    switch (below(16)) {
    case 0: keep(CreateFileMappingA(below(2) ? INVALID_HANDLE_VALUE : handle(), attributes(), below(2) ? PAGE_READWRITE : bits(), below(4) ? 0 : bits(), below(2) ? below(1u << 20) : bits(), name())); break;
    case 1: keep(CreateFileMappingW(INVALID_HANDLE_VALUE, attributes(), PAGE_READWRITE | (below(2) ? SEC_RESERVE : 0), 0, below(1u << 20), wide_name())); break;
    case 2: keep(CreateFileMapping2(handle(), attributes(), bits(), bits(), bits(), size(), wide_name(), NULL, below(2))); break;
    case 3: keep(OpenFileMappingA(bits(), bits(), name())); break;
    case 4:
    case 5:
    case 6:
        view = MapViewOfFile(handle(), below(2) ? (DWORD)FILE_MAP_READ : bits(), below(4) ? 0 : bits(), below(2) ? 0 : bits() & ~0xFFFFu, below(2) ? 0 : size());
        if (view) {
            FlushViewOfFile((char *)view + below(4096), size());
            UnmapViewOfFile((char *)view + below(4096));
        }
        break;
    case 7:
        view = MapViewOfFileEx(handle(), bits(), 0, 0, 0, address());
        if (view)
            UnmapViewOfFile(view);
        break;
    case 8: UnmapViewOfFile(address()); break;
    case 9: UnmapViewOfFile2(handle(), address(), bits()); break;
    case 10: FlushViewOfFile(address(), size()); break;
    case 11:
        view = MapViewOfFile3(handle(), below(2) ? NULL : handle(), below(2) ? NULL : address(), size(), below(2) ? 0 : size(), bits(), bits(), NULL, below(2));
        if (view)
            UnmapViewOfFile(view);
        break;
    case 12:
        view = MapViewOfFile2(handle(), handle(), size(), below(2) ? NULL : address(), size(), bits(), bits());
        if (view)
            UnmapViewOfFile(view);
        break;
    case 13: GetMappedFileNameA(handle(), address(), in.bytes, below(2) ? sizeof in.bytes : below(4)); break;
    case 14: UnmapViewOfFileEx(address(), bits()); break;
    case 15: keep(CreateFileMappingNumaA(handle(), attributes(), bits(), 0, below(1u << 20), name(), bits())); break;
    }
}

static const char *path(void)
{
    static const char *const paths[] = {"", ".", "..", "file", "file", "other", "C:\\", "\\\\?\\", "\\\\server\\share\\x", "C:", "nul", "con", "file\\under", "*", "a?b", "file:stream", "\\\\.\\pipe\\x", "/", "no/such/directory/x", "directory", "directory\\inner"};
    return paths[below(sizeof paths / sizeof *paths)];
}

static void files(void)
{
    DWORD count;
    switch (below(30)) {
    case 0:
    case 1:
    case 2: keep(CreateFileA(path(), below(2) ? GENERIC_READ | GENERIC_WRITE : bits(), below(2) ? 7 : bits(), attributes(), below(2) ? OPEN_ALWAYS : below(8), bits() & ~FILE_FLAG_DELETE_ON_CLOSE, below(4) ? NULL : handle())); break;
    case 3: ReadFile(handle(), place(), below(4096), below(8) ? &count : NULL, NULL); break;
    case 4: WriteFile(handle(), in.bytes, below(4096), below(8) ? &count : NULL, NULL); break;
    case 5: {
        OVERLAPPED overlapped;
        memset(&overlapped, 0, sizeof overlapped);
        overlapped.Offset = bits();
        overlapped.OffsetHigh = below(2) ? 0 : bits() & 0x800000FF;
        overlapped.hEvent = below(2) ? NULL : handle();
        if (below(2) || overlapped.OffsetHigh || overlapped.Offset > 1 << 20)
            ReadFile(handle(), in.bytes, below(4096), NULL, &overlapped);
        else
            WriteFile(handle(), in.bytes, below(4096), NULL, &overlapped);
        GetOverlappedResult(handle(), &overlapped, &count, FALSE);
        break;
    }
    case 6: {
        LONG high = (LONG)bits();
        SetFilePointer(handle(), (LONG)bits(), below(2) ? &high : NULL, bits() & (below(2) ? 3 : ~0u));
        break;
    }
    case 7: {
        LARGE_INTEGER by;
        by.QuadPart = (LONGLONG)next() >> below(64);
        SetFilePointerEx(handle(), by, place(), below(5));
        break;
    }
    case 8: {
        HANDLE file = handle();
        if (SetFilePointer(file, (LONG)below(1u << 20), NULL, FILE_BEGIN) != INVALID_SET_FILE_POINTER)
            SetEndOfFile(file);
        break;
    }
    case 9: GetFileSize(handle(), place()); break;
    case 10: GetFileSizeEx(handle(), below(8) ? (PLARGE_INTEGER)out.longs : NULL); break;
    case 11: FlushFileBuffers(handle()); break;
    case 12: DeleteFileA(path()); break;
    case 13: MoveFileExA(path(), path(), bits() & ~4u); break;
    case 14: CopyFileA(path(), path(), below(2)); break;
    case 15: GetFileAttributesA(path()); break;
    case 16: SetFileAttributesA(path(), bits()); break;
    case 17: GetFileType(handle()); break;
    case 18: {
        BY_HANDLE_FILE_INFORMATION information;
        GetFileInformationByHandle(handle(), &information);
        break;
    }
    case 19: GetFileInformationByHandleEx(handle(), (FILE_INFO_BY_HANDLE_CLASS)bits(), in.bytes, below(sizeof in.bytes)); break;
    case 20: {
        memset(in.bytes, 0, 64);
        in.words[0] = below(2);
        SetFileInformationByHandle(handle(), (FILE_INFO_BY_HANDLE_CLASS)(below(2) ? below(24) : bits()), in.bytes, below(64));
        break;
    }
    case 21: {
        FILETIME time;
        time.dwLowDateTime = bits();
        time.dwHighDateTime = bits();
        SetFileTime(handle(), below(2) ? &time : NULL, below(2) ? &time : NULL, below(2) ? &time : NULL);
        break;
    }
    case 22: {
        WIN32_FIND_DATAA found;
        HANDLE search = FindFirstFileA(path(), &found);
        FindNextFileA(below(2) ? search : handle(), &found);
        if (search != INVALID_HANDLE_VALUE)
            FindClose(search);
        FindClose((HANDLE)address());
        break;
    }
    case 23: below(2) ? CreateDirectoryA(path(), attributes()) : RemoveDirectoryA(path()); break;
    case 24: GetFullPathNameA(path(), below(2) ? sizeof in.bytes : below(4), in.bytes, NULL); break;
    case 25: LockFile(handle(), bits(), bits(), bits(), bits()); break;
    case 26: UnlockFile(handle(), bits(), bits(), bits(), bits()); break;
    case 27: GetFinalPathNameByHandleA(handle(), in.bytes, below(2) ? sizeof in.bytes : below(4), bits()); break;
    case 28: DeviceIoControl(handle(), bits(), place(), below(64), place(), below(64), &count, NULL); break;
    case 29: {
        HANDLE ends[2];
        if (CreatePipe(&ends[0], &ends[1], attributes(), bits())) {
            keep(ends[0]);
            CloseHandle(ends[1]); /* nobody shall wait for what comes */
        }
        break;
    }
    }
}

static void texts(void)
{
    switch (below(20)) {
    case 0: FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM | (bits() & 0xFF) | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, bits(), below(2) ? 0 : bits(), in.bytes, below(sizeof in.bytes), NULL); break;
    case 1: MultiByteToWideChar(below(2) ? CP_UTF8 : bits(), bits(), name() ? "\xe4\xc3\xa4\xff" : "a", (int)(below(2) ? -1 : (int)below(5)), below(2) ? out.wide : NULL, (int)below(64)); break;
    case 2: WideCharToMultiByte(below(2) ? CP_UTF8 : bits(), bits(), (const WCHAR *)out.wide, (int)below(4), below(2) ? in.bytes : NULL, (int)below(64), NULL, NULL); break;
    case 3: GetEnvironmentVariableA(name(), place(), below(64)); break;
    case 4: GetModuleFileNameA(below(2) ? NULL : (HMODULE)address(), in.bytes, below(64)); break;
    case 5: GetModuleHandleA(name()); break;
    case 6: GetProcAddress(GetModuleHandleA(below(2) ? NULL : "kernel32.dll"), below(2) ? "SetEvent" : "no such"); break;
    case 7: GetComputerNameA(in.bytes, &out.words[0]); out.words[0] = below(9); break;
    case 8: TlsSetValue(bits(), NULL); TlsGetValue(bits()); TlsFree(bits() | 0x10000); break;
    case 9: FlsSetValue(bits(), NULL); FlsGetValue(bits()); FlsFree(bits() | 0x10000); break;
    case 10: HeapFree(GetProcessHeap(), bits(), HeapAlloc(GetProcessHeap(), bits(), below(2) ? below(4096) : size())); break;
    case 11: LocalFree(LocalAlloc(bits(), below(2) ? below(4096) : size())); break;
    case 12: GlobalFree(GlobalAlloc(bits(), below(2) ? below(4096) : size())); break;
    case 13: {
        SYSTEMTIME time;
        FILETIME file_time;
        file_time.dwLowDateTime = bits();
        file_time.dwHighDateTime = bits();
        FileTimeToSystemTime(&file_time, &time);
        time.wMonth = (WORD)bits();
        time.wDay = (WORD)bits();
        time.wYear = (WORD)bits();
        SystemTimeToFileTime(&time, &file_time);
        break;
    }
    case 14: WaitOnAddress(out.bytes, in.bytes, below(10), 0); WakeByAddressAll(out.bytes); break;
    case 15: MulDiv((int)bits(), (int)bits(), (int)bits()); break;
    case 16: GetStdHandle(bits()); break;
    case 17: HeapDestroy(HeapCreate(bits(), below(2) ? 0 : size(), below(2) ? 0 : size())); break;
    case 18: GetTempFileNameA("/nowhere", name(), bits(), in.bytes); break;
    case 19: ExpandEnvironmentStringsA("%PATH% %NO% %", place(), below(64)); break;
    }
}

static DWORD WINAPI abuse(LPVOID number)
{
    unsigned round;
    state = 0x9E3779B97F4A7C15ull * (1 + (ULONG_PTR)number);
    for (round = 0; round < rounds; ++round) {
        switch (below(8)) {
        case 0:
        case 1:
        case 2: objects(); break;
        case 3: threads_and_processes(); break;
        case 4: memory(); break;
        case 5: sections(); break;
        case 6: files(); break;
        case 7: texts(); break;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    HANDLE threads[THREADS];
    ULONG_PTR at;
    HANDLE event;
    if (argc > 1)
        rounds = (unsigned)atoi(argv[1]);
    for (at = 0; at < THREADS; ++at)
        threads[at] = CreateThread(NULL, 0, abuse, (LPVOID)(at + (argc > 2 ? (ULONG_PTR)atoi(argv[2]) : 0)), CREATE_SUSPENDED, NULL);
    for (at = 0; at < THREADS; ++at)
        ResumeThread(threads[at]);
    for (at = 0; at < THREADS; ++at)
        if (WaitForSingleObject(threads[at], INFINITE) != WAIT_OBJECT_0)
            printf("thread %u: %lu\n", (unsigned)at, (unsigned long)GetLastError());
    /* It still works. */
    event = CreateEventA(NULL, TRUE, FALSE, NULL);
    printf("%d\n", SetEvent(event) && WaitForSingleObject(event, 0) == WAIT_OBJECT_0 && CloseHandle(event));
    return 0;
}
