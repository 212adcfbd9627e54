/* The C library's, and what Microsoft's has more. With -fshort-wchar all functions over wchar_t are those of 16 bits. */
#pragma GCC system_header
#if __SIZEOF_WCHAR_T__ == 2 && !defined(MAPVIEW_STDLIB_H)
#include <features.h>
#include "mapview_crt_multibyte.h"
/* The checked forms of these functions would lead to those of 32 bits. */
#pragma push_macro("__USE_FORTIFY_LEVEL")
#undef __USE_FORTIFY_LEVEL
#define __USE_FORTIFY_LEVEL 0
#include_next <stdlib.h>
#pragma pop_macro("__USE_FORTIFY_LEVEL")
#else
#include_next <stdlib.h>
#endif
#ifndef MAPVIEW_STDLIB_H
#define MAPVIEW_STDLIB_H
#include "mapview_crt_stdlib.h"
#endif
