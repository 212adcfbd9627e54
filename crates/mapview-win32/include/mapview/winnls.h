/* National languages: what there is of them stands in stringapiset.h. */
#ifndef MAPVIEW_WINNLS_H
#define MAPVIEW_WINNLS_H

#include "stringapiset.h"

#endif
