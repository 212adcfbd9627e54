/* What there is of access control lists stands in securitybaseapi.h. */
#ifndef MAPVIEW_ACLAPI_H
#define MAPVIEW_ACLAPI_H

#include "securitybaseapi.h"

#endif
