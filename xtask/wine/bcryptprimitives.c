/* For the tests only: Rust's standard library asks bcryptprimitives.dll for random bytes, which Wine has since 9.0.
 * SystemFunction036 is RtlGenRandom, which every Wine has. */
#include <windows.h>

BOOLEAN WINAPI SystemFunction036(void *buffer, ULONG len);

__declspec(dllexport) BOOL WINAPI ProcessPrng(BYTE *buffer, SIZE_T len)
{
    while (len != 0) {
        ULONG part = len < 0x10000000 ? (ULONG)len : 0x10000000;
        if (!SystemFunction036(buffer, part))
            return FALSE;
        buffer += part;
        len -= part;
    }
    return TRUE;
}
