/* The basic types and macros. LONG, ULONG and DWORD have 32 bits, and so are `int` here, where `long` has 64. */
#ifndef MAPVIEW_MINWINDEF_H
#define MAPVIEW_MINWINDEF_H

#include "mapview_compiler.h"
#include "sdkddkver.h"
#include "winapifamily.h"
#include "specstrings.h"
#include "basetsd.h"
#include "mapview_text.h"

#ifndef STRICT
#define STRICT 1
#endif

#ifndef FALSE
#define FALSE 0
#endif
#ifndef TRUE
#define TRUE 1
#endif

#define MAX_PATH 260

#define far
#define near
#define FAR
#define NEAR
#ifndef CONST
#define CONST const
#endif
#ifndef VOID
#define VOID void
#endif
#ifndef IN
#define IN
#endif
#ifndef OUT
#define OUT
#endif
#ifndef OPTIONAL
#define OPTIONAL
#endif

#define CALLBACK __stdcall
#define WINAPI __stdcall
#define WINAPIV __cdecl
#define APIENTRY WINAPI
#define APIPRIVATE __stdcall
#define PASCAL __stdcall
#define CDECL __cdecl
#define WINBASEAPI
#define WINADVAPI
#define WINUSERAPI

typedef char CHAR, *PCHAR, *LPCH, *PCH;
typedef short SHORT, *PSHORT;
typedef int LONG, *PLONG, *LPLONG;
typedef int INT, *PINT, *LPINT;
typedef int BOOL, *PBOOL, *LPBOOL;
typedef unsigned char BYTE, *PBYTE, *LPBYTE;
typedef unsigned char UCHAR, *PUCHAR;
typedef unsigned short USHORT, *PUSHORT;
typedef unsigned short WORD, *PWORD, *LPWORD;
typedef unsigned int UINT, *PUINT, *LPUINT;
typedef unsigned int ULONG, *PULONG, *LPULONG;
typedef unsigned int DWORD, *PDWORD, *LPDWORD;
typedef float FLOAT, *PFLOAT;
typedef double DOUBLE;
typedef void *LPVOID;
typedef const void *LPCVOID;
typedef void *PVOID;
typedef const void *PCVOID;

typedef UINT_PTR WPARAM;
typedef LONG_PTR LPARAM;
typedef LONG_PTR LRESULT;
typedef WORD ATOM;

#define MAKEWORD(low, high) ((WORD)(((BYTE)((DWORD_PTR)(low) & 0xff)) | ((WORD)((BYTE)((DWORD_PTR)(high) & 0xff))) << 8))
#define MAKELONG(low, high)                                                                                                \
    ((LONG)(((WORD)((DWORD_PTR)(low) & 0xffff)) | ((DWORD)((WORD)((DWORD_PTR)(high) & 0xffff))) << 16))
#define LOWORD(l) ((WORD)((DWORD_PTR)(l) & 0xffff))
#define HIWORD(l) ((WORD)(((DWORD_PTR)(l) >> 16) & 0xffff))
#define LOBYTE(w) ((BYTE)((DWORD_PTR)(w) & 0xff))
#define HIBYTE(w) ((BYTE)(((DWORD_PTR)(w) >> 8) & 0xff))

typedef void *HANDLE, **PHANDLE, **LPHANDLE;
#define DECLARE_HANDLE(name) typedef struct name##__ *name

typedef HANDLE *SPHANDLE;
typedef HANDLE HGLOBAL;
typedef HANDLE HLOCAL;
typedef HANDLE GLOBALHANDLE;
typedef HANDLE LOCALHANDLE;

#if defined(__cplusplus)
typedef INT_PTR(WINAPI *FARPROC)();
typedef INT_PTR(WINAPI *NEARPROC)();
typedef INT_PTR(WINAPI *PROC)();
#else
/* Without parameters on purpose: so a cast to another function type, which is what a FARPROC is for, does not warn. */
#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wstrict-prototypes"
#endif
typedef INT_PTR(WINAPI *FARPROC)();
typedef INT_PTR(WINAPI *NEARPROC)();
typedef INT_PTR(WINAPI *PROC)();
#if defined(__clang__)
#pragma clang diagnostic pop
#endif
#endif

DECLARE_HANDLE(HINSTANCE);
DECLARE_HANDLE(HKEY);
DECLARE_HANDLE(HRSRC);
typedef HINSTANCE HMODULE;
typedef HKEY *PHKEY;
typedef int HFILE;

typedef struct _FILETIME {
    DWORD dwLowDateTime;
    DWORD dwHighDateTime;
} FILETIME, *PFILETIME, *LPFILETIME;

/* In C these are macros as on Windows. In C++ macros of these names break the headers of the C++ standard library, so
 * there they are functions that also take arguments of two types; std::min and std::max are chosen where they fit. */
#if !defined(NOMINMAX) && !defined(__cplusplus)
#ifndef max
#define max(a, b) (((a) > (b)) ? (a) : (b))
#endif
#ifndef min
#define min(a, b) (((a) < (b)) ? (a) : (b))
#endif
#elif !defined(NOMINMAX) && !defined(min) && !defined(max)
template <class A, class B>
constexpr auto max(const A &a, const B &b) -> decltype(a + b)
{
    return a > b ? a : b;
}
template <class A, class B>
constexpr auto min(const A &a, const B &b) -> decltype(a + b)
{
    return a < b ? a : b;
}
#endif

#include "winnt.h"

#endif
