/* The C library's, and what Microsoft's has more. */
#pragma GCC system_header
#include_next <malloc.h>
#include "mapview_crt_stdlib.h"
