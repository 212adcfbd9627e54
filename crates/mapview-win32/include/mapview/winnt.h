/* Structures, flags, access rights and macros that the functions share. */
#ifndef MAPVIEW_WINNT_H
#define MAPVIEW_WINNT_H

#include "minwindef.h"
#include "excpt.h"
#include "mapview_interlocked.h"
#include <string.h>

typedef BYTE BOOLEAN, *PBOOLEAN;
typedef long long LONGLONG, *PLONGLONG;
typedef unsigned long long ULONGLONG, *PULONGLONG;
typedef unsigned long long DWORDLONG, *PDWORDLONG;
typedef LONG HRESULT;
typedef LONG NTSTATUS, *PNTSTATUS;
typedef BYTE FCHAR;
typedef DWORD LCID, *PLCID;
typedef WORD LANGID;
typedef DWORD ACCESS_MASK, *PACCESS_MASK;
typedef DWORD EXECUTION_STATE;
typedef LONGLONG USN;
typedef PVOID PSECURITY_DESCRIPTOR;
typedef PVOID PSID;

#define NTAPI __stdcall
#define NTSYSAPI
#define NTSYSCALLAPI
#define DECLSPEC_ALIGN(bytes) __attribute__((__aligned__(bytes)))
#define DECLSPEC_CACHEALIGN DECLSPEC_ALIGN(64)
#define DECLSPEC_IMPORT
#define DECLSPEC_NOINLINE __attribute__((__noinline__))
#define DECLSPEC_NORETURN __attribute__((__noreturn__))
#define DECLSPEC_NOTHROW __attribute__((__nothrow__))
#define DECLSPEC_SELECTANY __attribute__((__weak__))
#define DECLSPEC_NOVTABLE
#define FORCEINLINE __forceinline
#define CFORCEINLINE __forceinline
#define STDMETHODCALLTYPE __stdcall
#define STDAPICALLTYPE __stdcall
#ifdef __cplusplus
#define EXTERN_C extern "C"
#define EXTERN_C_START extern "C" {
#define EXTERN_C_END }
#else
#define EXTERN_C extern
#define EXTERN_C_START
#define EXTERN_C_END
#endif
#define STDAPI EXTERN_C HRESULT STDAPICALLTYPE
#define STDAPI_(type) EXTERN_C type STDAPICALLTYPE

#define DUMMYUNIONNAME
#define DUMMYUNIONNAME2
#define DUMMYUNIONNAME3
#define DUMMYSTRUCTNAME
#define DUMMYSTRUCTNAME2
#define _ANONYMOUS_UNION MAPVIEW_UNNAMED
#define _ANONYMOUS_STRUCT MAPVIEW_UNNAMED

#define ANYSIZE_ARRAY 1
#define UNREFERENCED_PARAMETER(parameter) ((void)(parameter))
#define DBG_UNREFERENCED_PARAMETER(parameter) ((void)(parameter))
#define DBG_UNREFERENCED_LOCAL_VARIABLE(variable) ((void)(variable))
#define DEFAULT_UNREACHABLE default: __builtin_unreachable()
#define RTL_NUMBER_OF(array) (sizeof(array) / sizeof((array)[0]))
#define ARRAYSIZE(array) RTL_NUMBER_OF(array)
#define _ARRAYSIZE(array) RTL_NUMBER_OF(array)
#define FIELD_OFFSET(type, field) ((LONG)offsetof(type, field))
#define UFIELD_OFFSET(type, field) ((DWORD)offsetof(type, field))
#define RTL_FIELD_SIZE(type, field) (sizeof(((type *)0)->field))
#define RTL_SIZEOF_THROUGH_FIELD(type, field) (offsetof(type, field) + RTL_FIELD_SIZE(type, field))
#define CONTAINING_RECORD(address, type, field) ((type *)((ULONG_PTR)(address) - offsetof(type, field)))
#define C_ASSERT(condition) __extension__ MAPVIEW_STATIC_ASSERT(condition, #condition)
#ifdef __cplusplus
#define MAPVIEW_STATIC_ASSERT static_assert
#define DEFINE_ENUM_FLAG_OPERATORS(type)                                                                                   \
    extern "C++" {                                                                                                         \
    inline constexpr type operator|(type a, type b) { return type(int(a) | int(b)); }                                      \
    inline constexpr type operator&(type a, type b) { return type(int(a) & int(b)); }                                      \
    inline constexpr type operator^(type a, type b) { return type(int(a) ^ int(b)); }                                      \
    inline constexpr type operator~(type a) { return type(~int(a)); }                                                      \
    inline type &operator|=(type &a, type b) { return a = a | b; }                                                         \
    inline type &operator&=(type &a, type b) { return a = a & b; }                                                         \
    inline type &operator^=(type &a, type b) { return a = a ^ b; }                                                         \
    }
#else
#define MAPVIEW_STATIC_ASSERT _Static_assert
#define DEFINE_ENUM_FLAG_OPERATORS(type)
#endif

#define MINCHAR 0x80
#define MAXCHAR 0x7f
#define MINSHORT 0x8000
#define MAXSHORT 0x7fff
#define MINLONG 0x80000000
#define MAXLONG 0x7fffffff
#define MAXBYTE 0xff
#define MAXWORD 0xffff
#define MAXDWORD 0xffffffff
#define MAXLONGLONG 0x7fffffffffffffff
#define UNICODE_NULL ((WCHAR)0)
#define UNICODE_STRING_MAX_BYTES ((WORD)65534)
#define UNICODE_STRING_MAX_CHARS 32767

typedef union _LARGE_INTEGER {
    MAPVIEW_UNNAMED struct {
        DWORD LowPart;
        LONG HighPart;
    };
    struct {
        DWORD LowPart;
        LONG HighPart;
    } u;
    LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER, *LPLARGE_INTEGER;

typedef union _ULARGE_INTEGER {
    MAPVIEW_UNNAMED struct {
        DWORD LowPart;
        DWORD HighPart;
    };
    struct {
        DWORD LowPart;
        DWORD HighPart;
    } u;
    ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER, *LPULARGE_INTEGER;

#define Int32x32To64(a, b) ((LONGLONG)(LONG)(a) * (LONGLONG)(LONG)(b))
#define UInt32x32To64(a, b) ((ULONGLONG)(DWORD)(a) * (ULONGLONG)(DWORD)(b))
#define Int64ShllMod32(value, bits) ((ULONGLONG)(value) << (bits))
#define Int64ShraMod32(value, bits) ((LONGLONG)(value) >> (bits))
#define Int64ShrlMod32(value, bits) ((ULONGLONG)(value) >> (bits))

typedef struct _LUID {
    DWORD LowPart;
    LONG HighPart;
} LUID, *PLUID;

#ifndef GUID_DEFINED
#define GUID_DEFINED
typedef struct _GUID {
    DWORD Data1;
    WORD Data2;
    WORD Data3;
    BYTE Data4[8];
} GUID, IID, CLSID;
#endif

typedef struct _LIST_ENTRY {
    struct _LIST_ENTRY *Flink;
    struct _LIST_ENTRY *Blink;
} LIST_ENTRY, *PLIST_ENTRY;

typedef struct _SINGLE_LIST_ENTRY {
    struct _SINGLE_LIST_ENTRY *Next;
} SINGLE_LIST_ENTRY, *PSINGLE_LIST_ENTRY;

typedef struct DECLSPEC_ALIGN(16) _SLIST_ENTRY {
    struct _SLIST_ENTRY *Next;
} SLIST_ENTRY, *PSLIST_ENTRY;

typedef union DECLSPEC_ALIGN(16) _SLIST_HEADER {
    MAPVIEW_UNNAMED struct {
        ULONGLONG Alignment;
        ULONGLONG Region;
    };
    struct {
        __extension__ ULONGLONG Depth : 16;
        __extension__ ULONGLONG Sequence : 48;
        __extension__ ULONGLONG Reserved : 4;
        __extension__ ULONGLONG NextEntry : 60;
    } HeaderX64;
} SLIST_HEADER, *PSLIST_HEADER;

#define RtlMoveMemory(to, from, bytes) memmove((to), (from), (bytes))
#define RtlCopyMemory(to, from, bytes) memcpy((to), (from), (bytes))
#define RtlFillMemory(to, bytes, value) memset((to), (value), (bytes))
#define RtlZeroMemory(to, bytes) memset((to), 0, (bytes))
#define RtlEqualMemory(a, b, bytes) (!memcmp((a), (b), (bytes)))
#define RtlSecureZeroMemory SecureZeroMemory

/* Fills with zeros, and the compiler does not take it away although nobody reads the zeros. */
MAPVIEW_INLINE PVOID SecureZeroMemory(PVOID to, SIZE_T bytes)
{
    memset(to, 0, bytes);
    __asm__ __volatile__("" : : "r"(to) : "memory");
    return to;
}

/* Bytes that are equal, counted from the start. */
MAPVIEW_INLINE SIZE_T RtlCompareMemory(const VOID *first, const VOID *second, SIZE_T bytes)
{
    SIZE_T equal = 0;
    while (equal < bytes && ((const BYTE *)first)[equal] == ((const BYTE *)second)[equal])
        equal++;
    return equal;
}

#define MemoryBarrier() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#if defined(__x86_64__)
#define YieldProcessor() __builtin_ia32_pause()
#else
#define YieldProcessor() __asm__ __volatile__("yield" : : : "memory")
#endif

#define MAXIMUM_WAIT_OBJECTS 64
#define MAXIMUM_SUSPEND_COUNT 0x7f
#define DUPLICATE_CLOSE_SOURCE 0x00000001
#define DUPLICATE_SAME_ACCESS 0x00000002
#define TLS_MINIMUM_AVAILABLE 64
#define TIME_ZONE_ID_UNKNOWN 0
#define TIME_ZONE_ID_STANDARD 1
#define TIME_ZONE_ID_DAYLIGHT 2

#define DLL_PROCESS_DETACH 0
#define DLL_PROCESS_ATTACH 1
#define DLL_THREAD_ATTACH 2
#define DLL_THREAD_DETACH 3

#include "mapview_winnt_access.h"
#include "mapview_winnt_image.h"
#include "mapview_winnt_memory.h"
#include "mapview_winnt_status.h"
#include "mapview_winnt_system.h"

#endif
