/* Case of letters. There are no windows and no messages. */
#ifndef MAPVIEW_WINUSER_H
#define MAPVIEW_WINUSER_H

#include "windef.h"

MAPVIEW_C_BEGIN

LPSTR WINAPI CharLowerA(LPSTR lpsz);
LPWSTR WINAPI CharLowerW(LPWSTR lpsz);
#define CharLower MAPVIEW_AW(CharLower)
LPSTR WINAPI CharUpperA(LPSTR lpsz);
LPWSTR WINAPI CharUpperW(LPWSTR lpsz);
#define CharUpper MAPVIEW_AW(CharUpper)
DWORD WINAPI CharLowerBuffA(LPSTR lpsz, DWORD cchLength);
DWORD WINAPI CharLowerBuffW(LPWSTR lpsz, DWORD cchLength);
#define CharLowerBuff MAPVIEW_AW(CharLowerBuff)
DWORD WINAPI CharUpperBuffA(LPSTR lpsz, DWORD cchLength);
DWORD WINAPI CharUpperBuffW(LPWSTR lpsz, DWORD cchLength);
#define CharUpperBuff MAPVIEW_AW(CharUpperBuff)
LPSTR WINAPI CharNextA(LPCSTR lpsz);
LPWSTR WINAPI CharNextW(LPCWSTR lpsz);
#define CharNext MAPVIEW_AW(CharNext)
BOOL WINAPI IsCharAlphaA(CHAR ch);
BOOL WINAPI IsCharAlphaW(WCHAR ch);
#define IsCharAlpha MAPVIEW_AW(IsCharAlpha)
BOOL WINAPI IsCharAlphaNumericA(CHAR ch);
BOOL WINAPI IsCharAlphaNumericW(WCHAR ch);
#define IsCharAlphaNumeric MAPVIEW_AW(IsCharAlphaNumeric)
BOOL WINAPI IsCharLowerA(CHAR ch);
BOOL WINAPI IsCharLowerW(WCHAR ch);
#define IsCharLower MAPVIEW_AW(IsCharLower)
BOOL WINAPI IsCharUpperA(CHAR ch);
BOOL WINAPI IsCharUpperW(WCHAR ch);
#define IsCharUpper MAPVIEW_AW(IsCharUpper)

MAPVIEW_C_END

#endif
