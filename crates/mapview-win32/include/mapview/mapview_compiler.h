/* What Microsoft's compiler understands and gcc and clang do not: keywords, calling conventions, __declspec.
 *
 * There is one calling convention on 64-bit systems, so their names stand for nothing. */
#ifndef MAPVIEW_COMPILER_H
#define MAPVIEW_COMPILER_H

#if !defined(__GNUC__)
#error "these headers are for gcc and clang"
#endif
#if !defined(__LP64__)
#error "these headers are for 64-bit systems"
#endif

#ifndef __cdecl
#define __cdecl
#endif
#ifndef __stdcall
#define __stdcall
#endif
#ifndef __fastcall
#define __fastcall
#endif
#ifndef __thiscall
#define __thiscall
#endif
#ifndef __vectorcall
#define __vectorcall
#endif
#ifndef __clrcall
#define __clrcall
#endif
#define _cdecl
#define _stdcall
#define _fastcall

/* Fixed widths. As in Microsoft's compiler they can be combined with `unsigned`. */
#define __int8 char
#define __int16 short
#define __int32 int
#define __int64 long long
#define _int64 long long

#define __ptr32
#define __ptr64
#define __sptr
#define __uptr
#define __unaligned
#define __w64

#define __forceinline __inline__ __attribute__((__always_inline__))
#define _forceinline __forceinline
#define _inline __inline__

#define __assume(condition) ((condition) ? (void)0 : __builtin_unreachable())
#define __noop(...) ((void)0)
#define __pragma(text) MAPVIEW_PRAGMA(text)
#define MAPVIEW_PRAGMA(text) _Pragma(#text)

/* __declspec(allocate) and __declspec(uuid) are left out on purpose: what they ask for does not exist here, so the
 * compiler says so. */
#ifndef __declspec
#define __declspec(what) MAPVIEW_DECLSPEC_##what
#endif
#define MAPVIEW_DECLSPEC_align(bytes) __attribute__((__aligned__(bytes)))
#define MAPVIEW_DECLSPEC_deprecated __attribute__((__deprecated__))
#define MAPVIEW_DECLSPEC_dllexport __attribute__((__visibility__("default")))
#define MAPVIEW_DECLSPEC_dllimport
#define MAPVIEW_DECLSPEC_naked __attribute__((__naked__))
#define MAPVIEW_DECLSPEC_noalias
#define MAPVIEW_DECLSPEC_noinline __attribute__((__noinline__))
#define MAPVIEW_DECLSPEC_noreturn __attribute__((__noreturn__))
#define MAPVIEW_DECLSPEC_nothrow __attribute__((__nothrow__))
#define MAPVIEW_DECLSPEC_novtable
#define MAPVIEW_DECLSPEC_restrict __attribute__((__malloc__))
#define MAPVIEW_DECLSPEC_safebuffers
#define MAPVIEW_DECLSPEC_selectany __attribute__((__weak__))

/* Not `__thread`, which must come after `static`: these may stand anywhere, as __declspec(thread) may. */
#if defined(__cplusplus)
#define MAPVIEW_DECLSPEC_thread thread_local
#else
#define MAPVIEW_DECLSPEC_thread _Thread_local
#endif

/* The two kinds of function in these headers: of the library, and small ones that are compiled into the program. */
#if defined(__cplusplus)
#define MAPVIEW_C_BEGIN extern "C" {
#define MAPVIEW_C_END }
#else
#define MAPVIEW_C_BEGIN
#define MAPVIEW_C_END
#endif
#define MAPVIEW_INLINE static __inline__ __attribute__((__unused__))

/* Unnamed members of a structure, which ISO C99 and C++ do not know. */
#define MAPVIEW_UNNAMED __extension__

#endif
