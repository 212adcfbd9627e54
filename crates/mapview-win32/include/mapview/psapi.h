/* Processes: their memory, their mapped files, their names. */
#ifndef MAPVIEW_PSAPI_H
#define MAPVIEW_PSAPI_H

#include "minwinbase.h"

typedef struct _PROCESS_MEMORY_COUNTERS {
    DWORD cb;
    DWORD PageFaultCount;
    SIZE_T PeakWorkingSetSize;
    SIZE_T WorkingSetSize;
    SIZE_T QuotaPeakPagedPoolUsage;
    SIZE_T QuotaPagedPoolUsage;
    SIZE_T QuotaPeakNonPagedPoolUsage;
    SIZE_T QuotaNonPagedPoolUsage;
    SIZE_T PagefileUsage;
    SIZE_T PeakPagefileUsage;
} PROCESS_MEMORY_COUNTERS, *PPROCESS_MEMORY_COUNTERS;

typedef struct _PROCESS_MEMORY_COUNTERS_EX {
    DWORD cb;
    DWORD PageFaultCount;
    SIZE_T PeakWorkingSetSize;
    SIZE_T WorkingSetSize;
    SIZE_T QuotaPeakPagedPoolUsage;
    SIZE_T QuotaPagedPoolUsage;
    SIZE_T QuotaPeakNonPagedPoolUsage;
    SIZE_T QuotaNonPagedPoolUsage;
    SIZE_T PagefileUsage;
    SIZE_T PeakPagefileUsage;
    SIZE_T PrivateUsage;
} PROCESS_MEMORY_COUNTERS_EX, *PPROCESS_MEMORY_COUNTERS_EX;

typedef struct _PERFORMANCE_INFORMATION {
    DWORD cb;
    SIZE_T CommitTotal;
    SIZE_T CommitLimit;
    SIZE_T CommitPeak;
    SIZE_T PhysicalTotal;
    SIZE_T PhysicalAvailable;
    SIZE_T SystemCache;
    SIZE_T KernelTotal;
    SIZE_T KernelPaged;
    SIZE_T KernelNonpaged;
    SIZE_T PageSize;
    DWORD HandleCount;
    DWORD ProcessCount;
    DWORD ThreadCount;
} PERFORMANCE_INFORMATION, *PPERFORMANCE_INFORMATION;

/* MAPVIEW_BITS is a bit-field of a whole word, which ISO C leaves to the compiler. */
#define MAPVIEW_BITS(name, count) __extension__ ULONG_PTR name : count;

typedef union _PSAPI_WORKING_SET_BLOCK {
    ULONG_PTR Flags;
    MAPVIEW_UNNAMED struct {
        MAPVIEW_BITS(Protection, 5)
        MAPVIEW_BITS(ShareCount, 3)
        MAPVIEW_BITS(Shared, 1)
        MAPVIEW_BITS(Reserved, 3)
        MAPVIEW_BITS(VirtualPage, 52)
    };
} PSAPI_WORKING_SET_BLOCK, *PPSAPI_WORKING_SET_BLOCK;

typedef struct _PSAPI_WORKING_SET_INFORMATION {
    ULONG_PTR NumberOfEntries;
    PSAPI_WORKING_SET_BLOCK WorkingSetInfo[1];
} PSAPI_WORKING_SET_INFORMATION, *PPSAPI_WORKING_SET_INFORMATION;

typedef union _PSAPI_WORKING_SET_EX_BLOCK {
    ULONG_PTR Flags;
    MAPVIEW_UNNAMED union {
        MAPVIEW_UNNAMED struct {
            MAPVIEW_BITS(Valid, 1)
            MAPVIEW_BITS(ShareCount, 3)
            MAPVIEW_BITS(Win32Protection, 11)
            MAPVIEW_BITS(Shared, 1)
            MAPVIEW_BITS(Node, 6)
            MAPVIEW_BITS(Locked, 1)
            MAPVIEW_BITS(LargePage, 1)
            MAPVIEW_BITS(Reserved, 7)
            MAPVIEW_BITS(Bad, 1)
            MAPVIEW_BITS(ReservedUlong, 32)
        };
        struct {
            MAPVIEW_BITS(Valid, 1)
            MAPVIEW_BITS(Reserved0, 14)
            MAPVIEW_BITS(Shared, 1)
            MAPVIEW_BITS(Reserved1, 15)
            MAPVIEW_BITS(Bad, 1)
            MAPVIEW_BITS(ReservedUlong, 32)
        } Invalid;
    };
} PSAPI_WORKING_SET_EX_BLOCK, *PPSAPI_WORKING_SET_EX_BLOCK;

typedef struct _PSAPI_WORKING_SET_EX_INFORMATION {
    PVOID VirtualAddress;
    PSAPI_WORKING_SET_EX_BLOCK VirtualAttributes;
} PSAPI_WORKING_SET_EX_INFORMATION, *PPSAPI_WORKING_SET_EX_INFORMATION;

MAPVIEW_C_BEGIN

BOOL WINAPI GetProcessMemoryInfo(HANDLE Process, PPROCESS_MEMORY_COUNTERS ppsmemCounters, DWORD cb);
BOOL WINAPI GetPerformanceInfo(PPERFORMANCE_INFORMATION pPerformanceInformation, DWORD cb);
BOOL WINAPI QueryWorkingSet(HANDLE hProcess, PVOID pv, DWORD cb);
BOOL WINAPI QueryWorkingSetEx(HANDLE hProcess, PVOID pv, DWORD cb);
BOOL WINAPI EmptyWorkingSet(HANDLE hProcess);
DWORD WINAPI GetMappedFileNameA(HANDLE hProcess, LPVOID lpv, LPSTR lpFilename, DWORD nSize);
DWORD WINAPI GetMappedFileNameW(HANDLE hProcess, LPVOID lpv, LPWSTR lpFilename, DWORD nSize);
#define GetMappedFileName MAPVIEW_AW(GetMappedFileName)
BOOL WINAPI EnumProcesses(DWORD *lpidProcess, DWORD cb, LPDWORD lpcbNeeded);
DWORD WINAPI GetProcessImageFileNameA(HANDLE hProcess, LPSTR lpImageFileName, DWORD nSize);
DWORD WINAPI GetProcessImageFileNameW(HANDLE hProcess, LPWSTR lpImageFileName, DWORD nSize);
#define GetProcessImageFileName MAPVIEW_AW(GetProcessImageFileName)
DWORD WINAPI GetModuleBaseNameA(HANDLE hProcess, HMODULE hModule, LPSTR lpBaseName, DWORD nSize);
DWORD WINAPI GetModuleBaseNameW(HANDLE hProcess, HMODULE hModule, LPWSTR lpBaseName, DWORD nSize);
#define GetModuleBaseName MAPVIEW_AW(GetModuleBaseName)
DWORD WINAPI GetModuleFileNameExA(HANDLE hProcess, HMODULE hModule, LPSTR lpFilename, DWORD nSize);
DWORD WINAPI GetModuleFileNameExW(HANDLE hProcess, HMODULE hModule, LPWSTR lpFilename, DWORD nSize);
#define GetModuleFileNameEx MAPVIEW_AW(GetModuleFileNameEx)

BOOL WINAPI K32GetProcessMemoryInfo(HANDLE Process, PPROCESS_MEMORY_COUNTERS ppsmemCounters, DWORD cb);
BOOL WINAPI K32GetPerformanceInfo(PPERFORMANCE_INFORMATION pPerformanceInformation, DWORD cb);
BOOL WINAPI K32EmptyWorkingSet(HANDLE hProcess);
BOOL WINAPI K32QueryWorkingSet(HANDLE hProcess, PVOID pv, DWORD cb);
BOOL WINAPI K32QueryWorkingSetEx(HANDLE hProcess, PVOID pv, DWORD cb);
DWORD WINAPI K32GetMappedFileNameA(HANDLE hProcess, LPVOID lpv, LPSTR lpFilename, DWORD nSize);
DWORD WINAPI K32GetMappedFileNameW(HANDLE hProcess, LPVOID lpv, LPWSTR lpFilename, DWORD nSize);

MAPVIEW_C_END

/* The names that kernel32 has for the same functions. */
#define K32EnumProcesses EnumProcesses

#endif
