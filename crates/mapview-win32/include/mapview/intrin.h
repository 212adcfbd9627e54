/* Intrinsics of Microsoft's compiler. */
#ifndef MAPVIEW_INTRIN_H
#define MAPVIEW_INTRIN_H

#include "winnt.h"
#include <stdlib.h>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

#define _ReadWriteBarrier() __atomic_signal_fence(__ATOMIC_SEQ_CST)
#define _ReadBarrier() __atomic_signal_fence(__ATOMIC_SEQ_CST)
#define _WriteBarrier() __atomic_signal_fence(__ATOMIC_SEQ_CST)
#define __nop() __asm__ __volatile__("nop")
#if defined(__x86_64__)
#define __debugbreak() __asm__ __volatile__("int3")
#define __faststorefence() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#else
#define __debugbreak() __builtin_trap()
#endif
#define _ReturnAddress() __builtin_return_address(0)

#define _byteswap_ushort(value) __builtin_bswap16(value)
#define _byteswap_ulong(value) __builtin_bswap32(value)
#define _byteswap_uint64(value) __builtin_bswap64(value)
#define __popcnt(value) ((unsigned int)__builtin_popcount(value))
#define __popcnt64(value) ((ULONG64)__builtin_popcountll(value))

/* The lowest or highest bit that is set; 0 if there is none. */
MAPVIEW_INLINE BYTE _BitScanForward(DWORD *index, DWORD mask)
{
    if (mask != 0)
        *index = (DWORD)__builtin_ctz(mask);
    return mask != 0;
}

MAPVIEW_INLINE BYTE _BitScanReverse(DWORD *index, DWORD mask)
{
    if (mask != 0)
        *index = 31 - (DWORD)__builtin_clz(mask);
    return mask != 0;
}

MAPVIEW_INLINE BYTE _BitScanForward64(DWORD *index, DWORD64 mask)
{
    if (mask != 0)
        *index = (DWORD)__builtin_ctzll(mask);
    return mask != 0;
}

MAPVIEW_INLINE BYTE _BitScanReverse64(DWORD *index, DWORD64 mask)
{
    if (mask != 0)
        *index = 63 - (DWORD)__builtin_clzll(mask);
    return mask != 0;
}

MAPVIEW_INLINE ULONG64 _umul128(ULONG64 a, ULONG64 b, ULONG64 *high)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    *high = (ULONG64)(product >> 64);
    return (ULONG64)product;
}

#endif
