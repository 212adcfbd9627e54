/* Types of the native interface, for programs that look its functions up with GetProcAddress. */
#ifndef MAPVIEW_WINTERNL_H
#define MAPVIEW_WINTERNL_H

#include "windef.h"

#define NT_SUCCESS(status) (((NTSTATUS)(status)) >= 0)
#define NT_ERROR(status) ((((ULONG)(status)) >> 30) == 3)
#ifndef STATUS_SUCCESS
#define STATUS_SUCCESS ((NTSTATUS)0)
#endif

typedef struct _UNICODE_STRING {
    USHORT Length;
    USHORT MaximumLength;
    PWSTR Buffer;
} UNICODE_STRING, *PUNICODE_STRING;
typedef const UNICODE_STRING *PCUNICODE_STRING;

typedef struct _STRING {
    USHORT Length;
    USHORT MaximumLength;
    PCHAR Buffer;
} STRING, *PSTRING, ANSI_STRING, *PANSI_STRING;

typedef struct _OBJECT_ATTRIBUTES {
    ULONG Length;
    HANDLE RootDirectory;
    PUNICODE_STRING ObjectName;
    ULONG Attributes;
    PVOID SecurityDescriptor;
    PVOID SecurityQualityOfService;
} OBJECT_ATTRIBUTES, *POBJECT_ATTRIBUTES;

typedef struct _IO_STATUS_BLOCK {
    MAPVIEW_UNNAMED union {
        NTSTATUS Status;
        PVOID Pointer;
    };
    ULONG_PTR Information;
} IO_STATUS_BLOCK, *PIO_STATUS_BLOCK;

#define OBJ_INHERIT 0x00000002
#define OBJ_PERMANENT 0x00000010
#define OBJ_EXCLUSIVE 0x00000020
#define OBJ_CASE_INSENSITIVE 0x00000040
#define OBJ_OPENIF 0x00000080
MAPVIEW_C_BEGIN

NTSTATUS NTAPI RtlGetVersion(PRTL_OSVERSIONINFOW lpVersionInformation);

MAPVIEW_C_END

#define InitializeObjectAttributes(attributes, name, flags, root, descriptor)                                              \
    do {                                                                                                                   \
        (attributes)->Length = sizeof(OBJECT_ATTRIBUTES);                                                                  \
        (attributes)->RootDirectory = (root);                                                                              \
        (attributes)->ObjectName = (name);                                                                                 \
        (attributes)->Attributes = (flags);                                                                                \
        (attributes)->SecurityDescriptor = (descriptor);                                                                   \
        (attributes)->SecurityQualityOfService = NULL;                                                                     \
    } while (0)

#endif
