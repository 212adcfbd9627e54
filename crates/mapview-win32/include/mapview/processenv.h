/* Environment, command line, current directory and standard handles. */
#ifndef MAPVIEW_PROCESSENV_H
#define MAPVIEW_PROCESSENV_H

#include "minwinbase.h"

MAPVIEW_C_BEGIN

LPSTR WINAPI GetCommandLineA(VOID);
LPWSTR WINAPI GetCommandLineW(VOID);
#define GetCommandLine MAPVIEW_AW(GetCommandLine)
DWORD WINAPI GetEnvironmentVariableA(LPCSTR lpName, LPSTR lpBuffer, DWORD nSize);
DWORD WINAPI GetEnvironmentVariableW(LPCWSTR lpName, LPWSTR lpBuffer, DWORD nSize);
#define GetEnvironmentVariable MAPVIEW_AW(GetEnvironmentVariable)
BOOL WINAPI SetEnvironmentVariableA(LPCSTR lpName, LPCSTR lpValue);
BOOL WINAPI SetEnvironmentVariableW(LPCWSTR lpName, LPCWSTR lpValue);
#define SetEnvironmentVariable MAPVIEW_AW(SetEnvironmentVariable)
DWORD WINAPI ExpandEnvironmentStringsA(LPCSTR lpSrc, LPSTR lpDst, DWORD nSize);
DWORD WINAPI ExpandEnvironmentStringsW(LPCWSTR lpSrc, LPWSTR lpDst, DWORD nSize);
#define ExpandEnvironmentStrings MAPVIEW_AW(ExpandEnvironmentStrings)
LPWCH WINAPI GetEnvironmentStringsW(VOID);
LPCH WINAPI GetEnvironmentStrings(VOID);
LPCH WINAPI GetEnvironmentStringsA(VOID);
BOOL WINAPI FreeEnvironmentStringsA(LPCH penv);
BOOL WINAPI FreeEnvironmentStringsW(LPWCH penv);
#define FreeEnvironmentStrings MAPVIEW_AW(FreeEnvironmentStrings)
#ifdef UNICODE
#define GetEnvironmentStrings GetEnvironmentStringsW
#endif
DWORD WINAPI GetCurrentDirectoryA(DWORD nBufferLength, LPSTR lpBuffer);
DWORD WINAPI GetCurrentDirectoryW(DWORD nBufferLength, LPWSTR lpBuffer);
#define GetCurrentDirectory MAPVIEW_AW(GetCurrentDirectory)
BOOL WINAPI SetCurrentDirectoryA(LPCSTR lpPathName);
BOOL WINAPI SetCurrentDirectoryW(LPCWSTR lpPathName);
#define SetCurrentDirectory MAPVIEW_AW(SetCurrentDirectory)
HANDLE WINAPI GetStdHandle(DWORD nStdHandle);
BOOL WINAPI SetStdHandle(DWORD nStdHandle, HANDLE hHandle);

MAPVIEW_C_END

#endif
