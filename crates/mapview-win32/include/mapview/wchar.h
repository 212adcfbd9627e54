/* The C library's, and what Microsoft's has more. With -fshort-wchar all functions over wchar_t are those of 16 bits. */
#pragma GCC system_header
#if __SIZEOF_WCHAR_T__ == 2 && !defined(MAPVIEW_WCHAR_H)
#include "mapview_wide_hide.h"
#include_next <wchar.h>
#include "mapview_wide_show.h"
#else
#include_next <wchar.h>
#endif
#ifndef MAPVIEW_WCHAR_H
#define MAPVIEW_WCHAR_H
#include "mapview_crt_wchar.h"
#include "mapview_crt_wide.h"
#endif
