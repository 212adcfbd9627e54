/* The functions of <stdlib.h> over a wchar_t of 16 bits, declared before the C library declares them for 32 bits. */
#if __SIZEOF_WCHAR_T__ == 2 && !defined(MAPVIEW_CRT_MULTIBYTE_H)
#define MAPVIEW_CRT_MULTIBYTE_H

#include "mapview_crt.h"

#if defined(__cplusplus)
#define MAPVIEW_NOTHROW noexcept
#else
#define MAPVIEW_NOTHROW
#endif

MAPVIEW_C_BEGIN

size_t mbstowcs(wchar_t *to, const char *from, size_t size) MAPVIEW_NOTHROW MAPVIEW_AS(mapview_mbstowcs);
size_t wcstombs(char *to, const wchar_t *from, size_t size) MAPVIEW_NOTHROW MAPVIEW_AS(mapview_wcstombs);
int mbtowc(wchar_t *to, const char *from, size_t most) MAPVIEW_NOTHROW MAPVIEW_AS(mapview_mbtowc);
int wctomb(char *to, wchar_t unit) MAPVIEW_NOTHROW MAPVIEW_AS(mapview_wctomb);

MAPVIEW_C_END

#endif
