/* Characters. A Windows WCHAR has 16 bits, and so has this one, in one of two ways:
 *
 * - with -fshort-wchar, WCHAR is wchar_t and TEXT("x") is L"x": for sources that write L"..." or wchar_t themselves;
 * - without, WCHAR is char16_t and TEXT("x") is u"x" (C11, GNU C99, C++11): for sources that write TEXT and _T, linked with
 *   libraries for which wchar_t has 32 bits.
 *
 * The functions are the same: the A ones take UTF-8, the W ones UTF-16. UNICODE selects, as on Windows. */
#ifndef MAPVIEW_TEXT_H
#define MAPVIEW_TEXT_H

#include "mapview_compiler.h"
#include <stddef.h>
#include <stdint.h>

#if __SIZEOF_WCHAR_T__ == 2
typedef wchar_t WCHAR;
#define MAPVIEW_WIDE(literal) L##literal
#elif defined(__cplusplus)
typedef char16_t WCHAR;
#define MAPVIEW_WIDE(literal) u##literal
#else
typedef uint_least16_t WCHAR; /* which is what char16_t is in C */
#define MAPVIEW_WIDE(literal) u##literal
#endif

typedef char *LPSTR, *PSTR, *NPSTR, *PZZSTR;
typedef const char *LPCSTR, *PCSTR, *LPCCH, *PCCH, *PCZZSTR;
typedef PSTR *PZPSTR;
typedef WCHAR *PWCHAR, *LPWCH, *PWCH, *LPWSTR, *PWSTR, *NWPSTR, *PZZWSTR;
typedef const WCHAR *LPCWSTR, *PCWSTR, *LPCWCH, *PCWCH, *PCZZWSTR, *LPCUWSTR;
typedef const char *PCNZCH;
typedef const WCHAR *PCNZWCH;
typedef WCHAR *LPUWSTR;

#ifdef UNICODE
#define MAPVIEW_AW(name) name##W
#define __TEXT(literal) MAPVIEW_WIDE(literal)
#else
#define MAPVIEW_AW(name) name##A
#define __TEXT(literal) literal
#endif
#define TEXT(literal) __TEXT(literal)

#ifndef _TCHAR_DEFINED
#define _TCHAR_DEFINED
#ifdef UNICODE
typedef WCHAR TCHAR, *PTCHAR, *PTCH;
typedef WCHAR TBYTE, *PTBYTE;
#else
typedef char TCHAR, *PTCHAR, *PTCH;
typedef unsigned char TBYTE, *PTBYTE;
#endif
#endif
#ifdef UNICODE
typedef LPWSTR LPTSTR, PTSTR, LPTCH;
typedef LPCWSTR LPCTSTR, PCTSTR, LPCTCH;
#else
typedef LPSTR LPTSTR, PTSTR, LPTCH;
typedef LPCSTR LPCTSTR, PCTSTR, LPCTCH;
#endif

#endif
