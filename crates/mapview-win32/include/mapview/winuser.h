/* Case of letters, and message boxes that go to the terminal. There are no windows. */
#ifndef MAPVIEW_WINUSER_H
#define MAPVIEW_WINUSER_H

#include "windef.h"

#define MB_OK 0x00000000
#define MB_OKCANCEL 0x00000001
#define MB_ABORTRETRYIGNORE 0x00000002
#define MB_YESNOCANCEL 0x00000003
#define MB_YESNO 0x00000004
#define MB_RETRYCANCEL 0x00000005
#define MB_ICONHAND 0x00000010
#define MB_ICONSTOP MB_ICONHAND
#define MB_ICONERROR MB_ICONHAND
#define MB_ICONQUESTION 0x00000020
#define MB_ICONEXCLAMATION 0x00000030
#define MB_ICONWARNING MB_ICONEXCLAMATION
#define MB_ICONASTERISK 0x00000040
#define MB_ICONINFORMATION MB_ICONASTERISK
#define MB_DEFBUTTON1 0x00000000
#define MB_SYSTEMMODAL 0x00001000
#define MB_TASKMODAL 0x00002000
#define MB_SETFOREGROUND 0x00010000
#define MB_TOPMOST 0x00040000
#define IDOK 1
#define IDCANCEL 2
#define IDABORT 3
#define IDRETRY 4
#define IDIGNORE 5
#define IDYES 6
#define IDNO 7

MAPVIEW_C_BEGIN

int WINAPI MessageBoxA(HWND hWnd, LPCSTR lpText, LPCSTR lpCaption, UINT uType);
int WINAPI MessageBoxW(HWND hWnd, LPCWSTR lpText, LPCWSTR lpCaption, UINT uType);
#define MessageBox MAPVIEW_AW(MessageBox)
BOOL WINAPI MessageBeep(UINT uType);

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

/* Programs have one of these in place of main; libmapview-main calls it. */
int WINAPI WinMain(HINSTANCE hInstance, HINSTANCE hPrevInstance, LPSTR lpCmdLine, int nShowCmd);
int WINAPI wWinMain(HINSTANCE hInstance, HINSTANCE hPrevInstance, LPWSTR lpCmdLine, int nShowCmd);

MAPVIEW_C_END

#endif
