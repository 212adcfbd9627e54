/* The C library's, and what Microsoft's has more. */
#pragma GCC system_header
#include_next <time.h>
#include "mapview_crt_time.h"
