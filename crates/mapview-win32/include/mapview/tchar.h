/* TCHAR: char, or with _UNICODE (or UNICODE) UTF-16 units, and the functions for whichever it is. */
#ifndef MAPVIEW_TCHAR_H
#define MAPVIEW_TCHAR_H

#if defined(UNICODE) && !defined(_UNICODE)
#define _UNICODE
#endif
#if defined(_UNICODE) && !defined(UNICODE)
#define UNICODE
#endif

#include "mapview_text.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wctype.h>
#include "mapview_crt_wide.h"
#include "mapview_crt_printf.h"
#include "direct.h"
#include "io.h"

#define _T(literal) TEXT(literal)
#define _TEXT(literal) TEXT(literal)
typedef TCHAR _TCHAR, _TSCHAR, _TUCHAR, _TXCHAR;

#ifdef _UNICODE

typedef unsigned _TINT;
#define _TEOF 0xffffffffu
#if __SIZEOF_WCHAR_T__ == 2
#include <wchar.h>
#endif

MAPVIEW_C_BEGIN

MAPVIEW_INLINE int mapview_tprintf(const WCHAR *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vfwprintf(stdout, format, arguments))
}

MAPVIEW_INLINE int mapview_ftprintf(FILE *file, const WCHAR *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vfwprintf(file, format, arguments))
}

MAPVIEW_INLINE int mapview_stprintf(WCHAR *buffer, const WCHAR *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vswprintf(0, buffer, MAPVIEW_UNBOUNDED, format, arguments))
}

MAPVIEW_INLINE int mapview_tscanf(const WCHAR *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vfwscanf(0, stdin, format, arguments))
}

MAPVIEW_INLINE int mapview_ftscanf(FILE *file, const WCHAR *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vfwscanf(0, file, format, arguments))
}

MAPVIEW_INLINE int mapview_stscanf(const WCHAR *text, const WCHAR *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vswscanf(0, text, format, arguments))
}

MAPVIEW_C_END

#define _tprintf mapview_tprintf
#define _ftprintf mapview_ftprintf
#define _stprintf mapview_stprintf
#define _vtprintf(format, arguments) mapview_vfwprintf(stdout, format, arguments)
#define _vftprintf mapview_vfwprintf
#define _vstprintf(buffer, format, arguments) mapview_vswprintf(0, buffer, MAPVIEW_UNBOUNDED, format, arguments)
#define _tscanf mapview_tscanf
#define _ftscanf mapview_ftscanf
#define _stscanf mapview_stscanf
#define _puttchar(unit) mapview_fputwc(unit, stdout)
#define _gettchar() mapview_fgetwc(stdin)
#define _totupper(unit) ((TCHAR)towupper(unit))
#define _totlower(unit) ((TCHAR)towlower(unit))
#define _istalpha iswalpha
#define _istdigit iswdigit
#define _istalnum iswalnum
#define _istspace iswspace
#define _istupper iswupper
#define _istlower iswlower
#define _istxdigit iswxdigit
#define _istpunct iswpunct
#define _istcntrl iswcntrl
#define _istprint iswprint
#define _istgraph iswgraph
#define _tcslen mapview_wcslen
#define _tcscpy mapview_wcscpy
#define _tcsncpy mapview_wcsncpy
#define _tcscat mapview_wcscat
#define _tcsncat mapview_wcsncat
#define _tcscmp mapview_wcscmp
#define _tcsncmp mapview_wcsncmp
#define _tcschr mapview_wcschr
#define _tcsrchr mapview_wcsrchr
#define _tcsstr mapview_wcsstr
#define _tcspbrk mapview_wcspbrk
#define _tcsspn mapview_wcsspn
#define _tcscspn mapview_wcscspn
#define _tcstol mapview_wcstol
#define _tcstoul mapview_wcstoul
#define _tcstoll mapview_wcstoll
#define _tcstoull mapview_wcstoull
#define _tcstod mapview_wcstod
#define _tcsftime mapview_wcsftime
#define _fputts mapview_fputws
#define _fgetts mapview_fgetws
#define _fputtc mapview_fputwc
#define _fgettc mapview_fgetwc
#define _ungettc mapview_ungetwc
#define _puttc mapview_fputwc
#define _gettc mapview_fgetwc
#define _tcsicmp _wcsicmp
#define _tcsnicmp _wcsnicmp
#define _tcsncicmp _wcsnicmp
#define _tcsdup _wcsdup
#define _tcslwr _wcslwr
#define _tcsupr _wcsupr
#define _tcsrev _wcsrev
#define _tcscpy_s wcscpy_s
#define _tcsncpy_s wcsncpy_s
#define _tcscat_s wcscat_s
#define _tcsncat_s wcsncat_s
#define _tcstok_s wcstok_s
#define _ttoi _wtoi
#define _ttol _wtol
#define _ttoi64 _wtoi64
#define _tstoi _wtoi
#define _tstol _wtol
#define _tstof _wtof
#define _ttof _wtof
#define _tcstoi64 _wcstoi64
#define _tcstoui64 _wcstoui64
#define _itot _itow
#define _itot_s _itow_s
#define _ultot _ultow
#define _i64tot _i64tow
#define _ui64tot _ui64tow
#define _i64tot_s _i64tow_s
#define _sntprintf _snwprintf
#define _vsntprintf _vsnwprintf
#define _stprintf_s swprintf_s
#define _vstprintf_s vswprintf_s
#define _sntprintf_s _snwprintf_s
#define _vsntprintf_s _vsnwprintf_s
#define _sctprintf _scwprintf
#define _vsctprintf _vscwprintf
#define _tprintf_s wprintf_s
#define _ftprintf_s fwprintf_s
#define _tscanf_s wscanf_s
#define _ftscanf_s fwscanf_s
#define _stscanf_s swscanf_s
#define _tfopen _wfopen
#define _tfopen_s _wfopen_s
#define _tfreopen _wfreopen
#define _tremove _wremove
#define _trename _wrename
#define _tunlink _wunlink
#define _taccess _waccess
#define _tmkdir _wmkdir
#define _trmdir _wrmdir
#define _tchdir _wchdir
#define _tgetcwd _wgetcwd
#define _tgetenv _wgetenv
#define _tputenv _wputenv
#define _tsystem _wsystem
#define _tsplitpath _wsplitpath
#define _tsplitpath_s _wsplitpath_s
#define _putts _putws
#define _tmain wmain
#define _tWinMain wWinMain
#define _tcsnccmp mapview_wcsncmp
#define _tcsnlen mapview_wcsnlen

#else

typedef int _TINT;
#define _TEOF EOF
#define _tprintf printf
#define _ftprintf fprintf
#define _stprintf sprintf
#define _vtprintf vprintf
#define _vftprintf vfprintf
#define _vstprintf vsprintf
#define _tscanf scanf
#define _ftscanf fscanf
#define _stscanf sscanf
#define _puttchar putchar
#define _gettchar getchar
#define _totupper toupper
#define _totlower tolower
#define _istalpha isalpha
#define _istdigit isdigit
#define _istalnum isalnum
#define _istspace isspace
#define _istupper isupper
#define _istlower islower
#define _istxdigit isxdigit
#define _istpunct ispunct
#define _istcntrl iscntrl
#define _istprint isprint
#define _istgraph isgraph
#define _tcslen strlen
#define _tcscpy strcpy
#define _tcsncpy strncpy
#define _tcscat strcat
#define _tcsncat strncat
#define _tcscmp strcmp
#define _tcsncmp strncmp
#define _tcschr strchr
#define _tcsrchr strrchr
#define _tcsstr strstr
#define _tcspbrk strpbrk
#define _tcsspn strspn
#define _tcscspn strcspn
#define _tcstol strtol
#define _tcstoul strtoul
#define _tcstoll strtoll
#define _tcstoull strtoull
#define _tcstod strtod
#define _tcsftime strftime
#define _fputts fputs
#define _fgetts fgets
#define _fputtc fputc
#define _fgettc fgetc
#define _ungettc ungetc
#define _puttc fputc
#define _gettc fgetc
#define _tcsicmp _stricmp
#define _tcsnicmp _strnicmp
#define _tcsncicmp _strnicmp
#define _tcsdup _strdup
#define _tcslwr _strlwr
#define _tcsupr _strupr
#define _tcsrev _strrev
#define _tcscpy_s strcpy_s
#define _tcsncpy_s strncpy_s
#define _tcscat_s strcat_s
#define _tcsncat_s strncat_s
#define _tcstok_s strtok_s
#define _ttoi atoi
#define _ttol atol
#define _ttoi64 _atoi64
#define _tstoi atoi
#define _tstol atol
#define _tstof atof
#define _ttof atof
#define _tcstoi64 _strtoi64
#define _tcstoui64 _strtoui64
#define _itot _itoa
#define _itot_s _itoa_s
#define _ultot _ultoa
#define _i64tot _i64toa
#define _ui64tot _ui64toa
#define _i64tot_s _i64toa_s
#define _sntprintf _snprintf
#define _vsntprintf _vsnprintf
#define _stprintf_s sprintf_s
#define _vstprintf_s vsprintf_s
#define _sntprintf_s _snprintf_s
#define _vsntprintf_s _vsnprintf_s
#define _sctprintf _scprintf
#define _vsctprintf _vscprintf
#define _tprintf_s printf_s
#define _ftprintf_s fprintf_s
#define _tscanf_s scanf_s
#define _ftscanf_s fscanf_s
#define _stscanf_s sscanf_s
#define _tfopen fopen
#define _tfopen_s fopen_s
#define _tfreopen freopen
#define _tremove remove
#define _trename rename
#define _tunlink _unlink
#define _taccess _access
#define _tmkdir _mkdir
#define _trmdir _rmdir
#define _tchdir _chdir
#define _tgetcwd _getcwd
#define _tgetenv getenv
#define _tputenv _putenv
#define _tsystem system
#define _tsplitpath _splitpath
#define _tsplitpath_s _splitpath_s
#define _putts puts
#define _tmain main
#define _tWinMain WinMain
#define _tcsnccmp strncmp
#define _tcsnlen strnlen

#endif

#define _tcsclen _tcslen
#define _tcsnccpy _tcsncpy
#define _tcsinc(text) ((text) + 1)
#define _tcsdec(start, text) ((text) > (start) ? (text)-1 : NULL)
#define _tcsnextc(text) (*(text))

#endif
