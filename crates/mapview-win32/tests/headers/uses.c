/* What the headers compile into a program: macros, inline functions, types. Ends with the line that failed. */
#include <windows.h>
#include <intrin.h>
#include <winternl.h>
#include <psapi.h>

#define CHECK(condition)                                                                                                   \
    do {                                                                                                                   \
        if (!(condition))                                                                                                  \
            return __LINE__ & 0xff ? __LINE__ & 0xff : 1;                                                                  \
    } while (0)

LONG second_unit(LONG *n);

typedef struct pair {
    LONG first;
    LONGLONG second;
} pair;

#if defined(__cplusplus) || __STDC_VERSION__ >= 201112L
#define THREAD __declspec(thread)
#else
#define THREAD /* an extension of the compiler, which -Wpedantic reports */
#endif
THREAD static int of_thread = 3;
__declspec(align(64)) static char aligned[3];
__declspec(noinline) static int WINAPI answer(void) { return 42; }
static __forceinline int twice(int n) { return 2 * n; }
typedef unsigned __int64 counter;
C_ASSERT(sizeof(counter) == 8);

static int integers(void)
{
    CHECK(sizeof(LONG) == 4 && sizeof(DWORD) == 4 && sizeof(ULONG) == 4 && sizeof(BOOL) == 4);
    CHECK(sizeof(LONGLONG) == 8 && sizeof(SIZE_T) == 8 && sizeof(LONG_PTR) == 8 && sizeof(HANDLE) == 8);
    CHECK(sizeof(WCHAR) == 2 && sizeof(WORD) == 2 && sizeof(BYTE) == 1 && (BYTE)-1 > 0);
    CHECK(MAKELONG(0x5678, 0x1234) == 0x12345678 && MAKEWORD(0x34, 0x12) == 0x1234);
    CHECK(LOWORD(0x12345678) == 0x5678 && HIWORD(0x12345678) == 0x1234);
    CHECK(LOBYTE(0x1234) == 0x34 && HIBYTE(0x1234) == 0x12);
    CHECK(max(2, 3) == 3 && min(2, 3) == 2 && max(1u, 2ull) == 2);
    CHECK(HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED) == E_ACCESSDENIED && FAILED(E_FAIL) && SUCCEEDED(S_FALSE));
    CHECK((LONG_PTR)INVALID_HANDLE_VALUE == -1 && INVALID_SET_FILE_POINTER == 0xffffffff);
    CHECK(twice(answer()) == 84 && of_thread == 3 && (ULONG_PTR)aligned % 64 == 0);
    return 0;
}

static int memory(void)
{
    char bytes[8] = "abcdefg", same[8] = "abcdXfg";
    pair two = {1, 2};
    MEM_EXTENDED_PARAMETER parameter;
    CHECK(FIELD_OFFSET(pair, second) == 8 && CONTAINING_RECORD(&two.second, pair, second) == &two);
    CHECK(RTL_FIELD_SIZE(pair, first) == 4 && ARRAYSIZE(bytes) == 8);
    CHECK(RtlCompareMemory(bytes, same, 8) == 4 && !RtlEqualMemory(bytes, same, 8));
    CopyMemory(same, bytes, 8);
    CHECK(RtlCompareMemory(bytes, same, 8) == 8);
    ZeroMemory(bytes, sizeof bytes);
    CHECK(bytes[0] == 0 && bytes[6] == 0);
    FillMemory(bytes, sizeof bytes, 7);
    CHECK(bytes[7] == 7 && SecureZeroMemory(bytes, sizeof bytes) == bytes && bytes[7] == 0);
    ZeroMemory(&parameter, sizeof parameter);
    parameter.Type = MemExtendedParameterAddressRequirements;
    parameter.ULong64 = 5;
    CHECK(parameter.Type == 1 && parameter.ULong == 5);
    return 0;
}

static int text(void)
{
    TCHAR name[] = TEXT("ab");
    LPCTSTR pointer = name;
    CHECK(sizeof name == 3 * sizeof(TCHAR) && pointer[1] == TEXT('b') && pointer[2] == 0);
#ifdef UNICODE
    CHECK(sizeof(TCHAR) == 2);
#else
    CHECK(sizeof(TCHAR) == 1);
#endif
    return 0;
}

/* Programs pass `long` where they mean LONG, and unsigned types as well. */
static int interlocked(void)
{
    LONG n = 1;
    long l = 0;
    volatile DWORD d = 5;
    LONG64 n64 = 1;
    unsigned __int64 u64 = 7;
    short s = 4;
    char c = 8;
    void *p = NULL, *q = &n;
    CHECK(InterlockedIncrement(&n) == 2 && InterlockedDecrement(&n) == 1 && second_unit(&n) == 2);
    CHECK(InterlockedDecrement(&l) == -1 && l == -1);
    CHECK(InterlockedExchange(&n, 9) == 2 && InterlockedExchangeAdd(&n, 2) == 9 && n == 11);
    CHECK(InterlockedCompareExchange(&n, 5, 11) == 11 && n == 5 && InterlockedCompareExchange(&n, 6, 11) == 5 && n == 5);
    CHECK(InterlockedOr(&n, 8) == 5 && InterlockedAnd(&n, 9) == 13 && InterlockedXor(&n, 1) == 9 && n == 8);
    CHECK(InterlockedExchange(&d, 6) == 5 && InterlockedIncrement(&d) == 7);
    CHECK(InterlockedIncrement64(&n64) == 2 && InterlockedExchangeAdd64(&n64, 1ll << 40) == 2 && n64 == (1ll << 40) + 2);
    CHECK(InterlockedCompareExchange64(&n64, 3, n64) > 3 && n64 == 3 && InterlockedExchangeAdd64(&u64, 1) == 7);
    CHECK(InterlockedIncrementAcquire(&n) == 9 && _InterlockedDecrement(&n) == 8 && InterlockedAdd(&n, 2) == 10);
    CHECK(InterlockedOr16(&s, 1) == 4 && s == 5 && InterlockedAnd8(&c, 0) == 8 && c == 0);
    CHECK(InterlockedExchangePointer(&p, q) == NULL && InterlockedCompareExchangePointer(&p, NULL, q) == q && p == NULL);
    CHECK(InterlockedBitTestAndSet(&n, 0) == 0 && InterlockedBitTestAndReset(&n, 0) == 1 && n == 10);
    MemoryBarrier();
    YieldProcessor();
    _ReadWriteBarrier();
    return 0;
}

static int wide_exchange(void)
{
    __declspec(align(16)) LONG64 target[2] = {1, 2};
    __declspec(align(16)) LONG64 expected[2] = {1, 3};
    CHECK(!InterlockedCompareExchange128(target, 5, 4, expected) && expected[1] == 2 && target[1] == 2);
    CHECK(InterlockedCompareExchange128(target, 5, 4, expected) && target[0] == 4 && target[1] == 5);
    return 0;
}

static int bits(void)
{
    DWORD index = 99;
    ULONG64 high;
    CHECK(!_BitScanForward(&index, 0) && index == 99);
    CHECK(_BitScanForward(&index, 0x50) && index == 4 && _BitScanReverse(&index, 0x50) && index == 6);
    CHECK(_BitScanForward64(&index, 1ull << 40) && index == 40 && _BitScanReverse64(&index, 3ull << 40) && index == 41);
    CHECK(_umul128(1ull << 63, 4, &high) == 0 && high == 2);
    CHECK(_byteswap_ulong(0x12345678) == 0x78563412 && __popcnt(7) == 3);
    return 0;
}

int main(void)
{
    int (*const parts[])(void) = {integers, memory, text, interlocked, wide_exchange, bits};
    unsigned part;
    for (part = 0; part < ARRAYSIZE(parts); part++) {
        int line = parts[part]();
        if (line != 0)
            return line;
    }
    return 0;
}
