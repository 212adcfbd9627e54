/* The C library's, and what Microsoft's has more. With -fshort-wchar all functions over wchar_t are those of 16 bits. */
#pragma GCC system_header
#if __SIZEOF_WCHAR_T__ == 2 && !defined(MAPVIEW_STDLIB_H)
#define mbstowcs mapview_32bit_mbstowcs
#define mbtowc mapview_32bit_mbtowc
#define wcstombs mapview_32bit_wcstombs
#define wctomb mapview_32bit_wctomb
#include_next <stdlib.h>
#undef mbstowcs
#undef mbtowc
#undef wcstombs
#undef wctomb
#else
#include_next <stdlib.h>
#endif
#ifndef MAPVIEW_STDLIB_H
#define MAPVIEW_STDLIB_H
#include "mapview_crt_stdlib.h"
#endif
