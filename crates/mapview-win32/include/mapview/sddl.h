/* Security descriptors from text. */
#ifndef MAPVIEW_SDDL_H
#define MAPVIEW_SDDL_H

#include "securitybaseapi.h"

#define SDDL_REVISION_1 1
#define SDDL_REVISION SDDL_REVISION_1

MAPVIEW_C_BEGIN

BOOL WINAPI ConvertStringSecurityDescriptorToSecurityDescriptorA(LPCSTR StringSecurityDescriptor, DWORD StringSDRevision,
                                                                 PSECURITY_DESCRIPTOR *SecurityDescriptor,
                                                                 PULONG SecurityDescriptorSize);
BOOL WINAPI ConvertStringSecurityDescriptorToSecurityDescriptorW(LPCWSTR StringSecurityDescriptor,
                                                                 DWORD StringSDRevision,
                                                                 PSECURITY_DESCRIPTOR *SecurityDescriptor,
                                                                 PULONG SecurityDescriptorSize);
#define ConvertStringSecurityDescriptorToSecurityDescriptor MAPVIEW_AW(ConvertStringSecurityDescriptorToSecurityDescriptor)

MAPVIEW_C_END

#endif
