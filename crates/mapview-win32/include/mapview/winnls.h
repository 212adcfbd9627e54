/* National languages: what they are called, and code pages. */
#ifndef MAPVIEW_WINNLS_H
#define MAPVIEW_WINNLS_H

#include "stringapiset.h"

typedef struct _cpinfo {
    UINT MaxCharSize;
    BYTE DefaultChar[2];
    BYTE LeadByte[12];
} CPINFO, *LPCPINFO;

MAPVIEW_C_BEGIN

UINT WINAPI GetACP(VOID);
UINT WINAPI GetOEMCP(VOID);
BOOL WINAPI GetCPInfo(UINT CodePage, LPCPINFO lpCPInfo);
BOOL WINAPI IsValidCodePage(UINT CodePage);
BOOL WINAPI IsDBCSLeadByte(BYTE TestChar);

MAPVIEW_C_END

#endif
