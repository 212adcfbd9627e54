/* The Interlocked functions, over the compiler's atomic operations.
 *
 * Programs pass pointers to `long` where LONG is meant, because on Windows these are one type. Here `long` has 64 bits, so
 * the functions take every integer type that can be meant and work on all of it: in C++ as overloads, in C as macros over
 * functions of the same names. */
#ifndef MAPVIEW_INTERLOCKED_H
#define MAPVIEW_INTERLOCKED_H

#include "minwindef.h"

/* The operations on one TYPE, whose names end with NAME. */
#define MAPVIEW_INTERLOCKED(TYPE, NAME)                                                                                    \
    MAPVIEW_INLINE TYPE InterlockedIncrement##NAME(TYPE volatile *target)                                                  \
    {                                                                                                                      \
        return __atomic_add_fetch(target, 1, __ATOMIC_SEQ_CST);                                                            \
    }                                                                                                                      \
    MAPVIEW_INLINE TYPE InterlockedDecrement##NAME(TYPE volatile *target)                                                  \
    {                                                                                                                      \
        return __atomic_sub_fetch(target, 1, __ATOMIC_SEQ_CST);                                                            \
    }                                                                                                                      \
    MAPVIEW_INLINE TYPE InterlockedExchange##NAME(TYPE volatile *target, TYPE value)                                       \
    {                                                                                                                      \
        return __atomic_exchange_n(target, value, __ATOMIC_SEQ_CST);                                                       \
    }                                                                                                                      \
    MAPVIEW_INLINE TYPE InterlockedExchangeAdd##NAME(TYPE volatile *target, TYPE value)                                    \
    {                                                                                                                      \
        return __atomic_fetch_add(target, value, __ATOMIC_SEQ_CST);                                                        \
    }                                                                                                                      \
    MAPVIEW_INLINE TYPE InterlockedCompareExchange##NAME(TYPE volatile *target, TYPE value, TYPE expected)                 \
    {                                                                                                                      \
        return __sync_val_compare_and_swap(target, expected, value);                                                       \
    }                                                                                                                      \
    MAPVIEW_INLINE TYPE InterlockedAnd##NAME(TYPE volatile *target, TYPE value)                                            \
    {                                                                                                                      \
        return __atomic_fetch_and(target, value, __ATOMIC_SEQ_CST);                                                        \
    }                                                                                                                      \
    MAPVIEW_INLINE TYPE InterlockedOr##NAME(TYPE volatile *target, TYPE value)                                             \
    {                                                                                                                      \
        return __atomic_fetch_or(target, value, __ATOMIC_SEQ_CST);                                                         \
    }                                                                                                                      \
    MAPVIEW_INLINE TYPE InterlockedXor##NAME(TYPE volatile *target, TYPE value)                                            \
    {                                                                                                                      \
        return __atomic_fetch_xor(target, value, __ATOMIC_SEQ_CST);                                                        \
    }

#ifdef __cplusplus
extern "C++" {
#endif
MAPVIEW_INTERLOCKED(char, 8)
MAPVIEW_INTERLOCKED(SHORT, 16)
MAPVIEW_INTERLOCKED(LONG, )
MAPVIEW_INTERLOCKED(LONG64, 64)
#ifdef __cplusplus
MAPVIEW_INTERLOCKED(unsigned int, )
MAPVIEW_INTERLOCKED(long, )
MAPVIEW_INTERLOCKED(unsigned long, )
MAPVIEW_INTERLOCKED(unsigned long long, 64)
MAPVIEW_INTERLOCKED(long, 64)
MAPVIEW_INTERLOCKED(unsigned long, 64)
}
#endif

MAPVIEW_INLINE PVOID InterlockedExchangePointer(PVOID volatile *target, PVOID value)
{
    return __atomic_exchange_n(target, value, __ATOMIC_SEQ_CST);
}

MAPVIEW_INLINE PVOID InterlockedCompareExchangePointer(PVOID volatile *target, PVOID value, PVOID expected)
{
    return __sync_val_compare_and_swap(target, expected, value);
}

/* Compares and exchanges 16 bytes, aligned to 16; `expected` becomes what was there. TRUE if they were exchanged. */
MAPVIEW_INLINE BYTE InterlockedCompareExchange128(LONG64 volatile *target, LONG64 high, LONG64 low, LONG64 *expected)
{
#if defined(__x86_64__)
    BYTE done;
    __asm__ __volatile__("lock cmpxchg16b %1"
                         : "=@ccz"(done), "+m"(*(LONG64 volatile(*)[2])target), "+a"(expected[0]), "+d"(expected[1])
                         : "b"(low), "c"(high)
                         : "memory");
    return done;
#else
    __extension__ typedef unsigned __int128 pair;
    pair value = ((pair)(ULONG64)high << 64) | (ULONG64)low;
    pair old = ((pair)(ULONG64)expected[1] << 64) | (ULONG64)expected[0];
    BYTE done = __atomic_compare_exchange_n((pair volatile *)target, &old, value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    expected[0] = (LONG64)old;
    expected[1] = (LONG64)(old >> 64);
    return done;
#endif
}

MAPVIEW_INLINE BYTE InterlockedBitTestAndSet(LONG volatile *base, LONG bit)
{
    LONG mask = (LONG)(1u << (bit & 31));
    return (__atomic_fetch_or(base + (bit >> 5), mask, __ATOMIC_SEQ_CST) & mask) != 0;
}

MAPVIEW_INLINE BYTE InterlockedBitTestAndReset(LONG volatile *base, LONG bit)
{
    LONG mask = (LONG)(1u << (bit & 31));
    return (__atomic_fetch_and(base + (bit >> 5), ~mask, __ATOMIC_SEQ_CST) & mask) != 0;
}

#ifndef __cplusplus
#define InterlockedIncrement(target) __atomic_add_fetch((target), 1, __ATOMIC_SEQ_CST)
#define InterlockedDecrement(target) __atomic_sub_fetch((target), 1, __ATOMIC_SEQ_CST)
#define InterlockedExchange(target, value) __atomic_exchange_n((target), (value), __ATOMIC_SEQ_CST)
#define InterlockedExchangeAdd(target, value) __atomic_fetch_add((target), (value), __ATOMIC_SEQ_CST)
#define InterlockedCompareExchange(target, value, expected) __sync_val_compare_and_swap((target), (expected), (value))
#define InterlockedAnd(target, value) __atomic_fetch_and((target), (value), __ATOMIC_SEQ_CST)
#define InterlockedOr(target, value) __atomic_fetch_or((target), (value), __ATOMIC_SEQ_CST)
#define InterlockedXor(target, value) __atomic_fetch_xor((target), (value), __ATOMIC_SEQ_CST)
#define InterlockedIncrement64(target) __atomic_add_fetch((target), 1, __ATOMIC_SEQ_CST)
#define InterlockedDecrement64(target) __atomic_sub_fetch((target), 1, __ATOMIC_SEQ_CST)
#define InterlockedExchange64(target, value) __atomic_exchange_n((target), (value), __ATOMIC_SEQ_CST)
#define InterlockedExchangeAdd64(target, value) __atomic_fetch_add((target), (value), __ATOMIC_SEQ_CST)
#define InterlockedCompareExchange64(target, value, expected) __sync_val_compare_and_swap((target), (expected), (value))
#define InterlockedAnd64(target, value) __atomic_fetch_and((target), (value), __ATOMIC_SEQ_CST)
#define InterlockedOr64(target, value) __atomic_fetch_or((target), (value), __ATOMIC_SEQ_CST)
#define InterlockedXor64(target, value) __atomic_fetch_xor((target), (value), __ATOMIC_SEQ_CST)
#endif

#define InterlockedExchangeSubtract(target, value) __atomic_fetch_sub((target), (value), __ATOMIC_SEQ_CST)
#define InterlockedAdd(target, value) __atomic_add_fetch((target), (value), __ATOMIC_SEQ_CST)
#define InterlockedAdd64(target, value) __atomic_add_fetch((target), (value), __ATOMIC_SEQ_CST)

/* The variants with a weaker order are the same functions: they promise more. */
#define InterlockedIncrementAcquire InterlockedIncrement
#define InterlockedIncrementRelease InterlockedIncrement
#define InterlockedIncrementNoFence InterlockedIncrement
#define InterlockedDecrementAcquire InterlockedDecrement
#define InterlockedDecrementRelease InterlockedDecrement
#define InterlockedDecrementNoFence InterlockedDecrement
#define InterlockedExchangeAcquire InterlockedExchange
#define InterlockedExchangeRelease InterlockedExchange
#define InterlockedExchangeNoFence InterlockedExchange
#define InterlockedExchangeAddAcquire InterlockedExchangeAdd
#define InterlockedExchangeAddRelease InterlockedExchangeAdd
#define InterlockedExchangeAddNoFence InterlockedExchangeAdd
#define InterlockedCompareExchangeAcquire InterlockedCompareExchange
#define InterlockedCompareExchangeRelease InterlockedCompareExchange
#define InterlockedCompareExchangeNoFence InterlockedCompareExchange
#define InterlockedAndAcquire InterlockedAnd
#define InterlockedAndRelease InterlockedAnd
#define InterlockedAndNoFence InterlockedAnd
#define InterlockedOrAcquire InterlockedOr
#define InterlockedOrRelease InterlockedOr
#define InterlockedOrNoFence InterlockedOr
#define InterlockedXorAcquire InterlockedXor
#define InterlockedXorRelease InterlockedXor
#define InterlockedXorNoFence InterlockedXor
#define InterlockedIncrementAcquire64 InterlockedIncrement64
#define InterlockedIncrementRelease64 InterlockedIncrement64
#define InterlockedIncrementNoFence64 InterlockedIncrement64
#define InterlockedDecrementAcquire64 InterlockedDecrement64
#define InterlockedDecrementRelease64 InterlockedDecrement64
#define InterlockedDecrementNoFence64 InterlockedDecrement64
#define InterlockedExchangeAcquire64 InterlockedExchange64
#define InterlockedExchangeRelease64 InterlockedExchange64
#define InterlockedExchangeNoFence64 InterlockedExchange64
#define InterlockedExchangeAddAcquire64 InterlockedExchangeAdd64
#define InterlockedExchangeAddRelease64 InterlockedExchangeAdd64
#define InterlockedExchangeAddNoFence64 InterlockedExchangeAdd64
#define InterlockedCompareExchangeAcquire64 InterlockedCompareExchange64
#define InterlockedCompareExchangeRelease64 InterlockedCompareExchange64
#define InterlockedCompareExchangeNoFence64 InterlockedCompareExchange64
#define InterlockedAndAcquire64 InterlockedAnd64
#define InterlockedAndRelease64 InterlockedAnd64
#define InterlockedAndNoFence64 InterlockedAnd64
#define InterlockedOrAcquire64 InterlockedOr64
#define InterlockedOrRelease64 InterlockedOr64
#define InterlockedOrNoFence64 InterlockedOr64
#define InterlockedXorAcquire64 InterlockedXor64
#define InterlockedXorRelease64 InterlockedXor64
#define InterlockedXorNoFence64 InterlockedXor64
#define InterlockedExchangePointerAcquire InterlockedExchangePointer
#define InterlockedExchangePointerRelease InterlockedExchangePointer
#define InterlockedExchangePointerNoFence InterlockedExchangePointer
#define InterlockedCompareExchangePointerAcquire InterlockedCompareExchangePointer
#define InterlockedCompareExchangePointerRelease InterlockedCompareExchangePointer
#define InterlockedCompareExchangePointerNoFence InterlockedCompareExchangePointer

/* The names of the compiler intrinsics. */
#define _InterlockedIncrement InterlockedIncrement
#define _InterlockedDecrement InterlockedDecrement
#define _InterlockedExchange InterlockedExchange
#define _InterlockedExchangeAdd InterlockedExchangeAdd
#define _InterlockedCompareExchange InterlockedCompareExchange
#define _InterlockedAnd InterlockedAnd
#define _InterlockedOr InterlockedOr
#define _InterlockedXor InterlockedXor
#define _InterlockedIncrement8 InterlockedIncrement8
#define _InterlockedDecrement8 InterlockedDecrement8
#define _InterlockedExchange8 InterlockedExchange8
#define _InterlockedExchangeAdd8 InterlockedExchangeAdd8
#define _InterlockedCompareExchange8 InterlockedCompareExchange8
#define _InterlockedAnd8 InterlockedAnd8
#define _InterlockedOr8 InterlockedOr8
#define _InterlockedXor8 InterlockedXor8
#define _InterlockedIncrement16 InterlockedIncrement16
#define _InterlockedDecrement16 InterlockedDecrement16
#define _InterlockedExchange16 InterlockedExchange16
#define _InterlockedExchangeAdd16 InterlockedExchangeAdd16
#define _InterlockedCompareExchange16 InterlockedCompareExchange16
#define _InterlockedAnd16 InterlockedAnd16
#define _InterlockedOr16 InterlockedOr16
#define _InterlockedXor16 InterlockedXor16
#define _InterlockedIncrement64 InterlockedIncrement64
#define _InterlockedDecrement64 InterlockedDecrement64
#define _InterlockedExchange64 InterlockedExchange64
#define _InterlockedExchangeAdd64 InterlockedExchangeAdd64
#define _InterlockedCompareExchange64 InterlockedCompareExchange64
#define _InterlockedAnd64 InterlockedAnd64
#define _InterlockedOr64 InterlockedOr64
#define _InterlockedXor64 InterlockedXor64
#define _InterlockedExchangePointer InterlockedExchangePointer
#define _InterlockedCompareExchangePointer InterlockedCompareExchangePointer
#define _InterlockedCompareExchange128 InterlockedCompareExchange128
#define _interlockedbittestandset InterlockedBitTestAndSet
#define _interlockedbittestandreset InterlockedBitTestAndReset

/* Plain volatile accesses with an order. */
#define ReadAcquire(source) __atomic_load_n((source), __ATOMIC_ACQUIRE)
#define ReadNoFence(source) __atomic_load_n((source), __ATOMIC_RELAXED)
#define ReadAcquire64(source) __atomic_load_n((source), __ATOMIC_ACQUIRE)
#define ReadNoFence64(source) __atomic_load_n((source), __ATOMIC_RELAXED)
#define ReadPointerAcquire(source) __atomic_load_n((source), __ATOMIC_ACQUIRE)
#define WriteRelease(target, value) __atomic_store_n((target), (value), __ATOMIC_RELEASE)
#define WriteNoFence(target, value) __atomic_store_n((target), (value), __ATOMIC_RELAXED)
#define WriteRelease64(target, value) __atomic_store_n((target), (value), __ATOMIC_RELEASE)
#define WriteNoFence64(target, value) __atomic_store_n((target), (value), __ATOMIC_RELAXED)
#define WritePointerRelease(target, value) __atomic_store_n((target), (value), __ATOMIC_RELEASE)

#endif
