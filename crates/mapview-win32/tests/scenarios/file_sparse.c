/* Files with holes, very large ones, and what DeviceIoControl does with them. */
#include "scenario.h"
#include <winioctl.h>

int main(void)
{
    DWORD done;
    LARGE_INTEGER size;
    char bytes[8];
    FILE_ZERO_DATA_INFORMATION zero;
    HANDLE file = H(CreateFileA("s", GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL));
    B(DeviceIoControl(file, FSCTL_SET_SPARSE, NULL, 0, NULL, 0, &done, NULL));
    size.QuadPart = 1ll << 36;
    B(SetFilePointerEx(file, size, NULL, FILE_BEGIN));
    B(SetEndOfFile(file));
    size.QuadPart = 0;
    B(GetFileSizeEx(file, &size));
    SAY("size", "%lx %lx", (unsigned long)(size.QuadPart >> 32), (unsigned long)(size.QuadPart & 0xffffffff));
    B(WriteFile(file, "tail", 4, &done, NULL));
    size.QuadPart = (1ll << 36) - 2;
    B(SetFilePointerEx(file, size, NULL, FILE_BEGIN));
    memset(bytes, '#', sizeof bytes);
    B(ReadFile(file, bytes, 8, &done, NULL));
    SAY("read", "%lu %d %d %c %c", (unsigned long)done, bytes[0], bytes[1], bytes[2], bytes[5]);
    DWORD high = 0;
    N(GetFileSize(file, &high));
    SAY("high", "%lu", (unsigned long)high);

    zero.FileOffset.QuadPart = (1ll << 36) + 1;
    zero.BeyondFinalZero.QuadPart = (1ll << 36) + 3;
    ROW_B("TRUE", DeviceIoControl(file, FSCTL_SET_ZERO_DATA, &zero, sizeof zero, NULL, 0, &done, NULL));
    size.QuadPart = 1ll << 36;
    B(SetFilePointerEx(file, size, NULL, FILE_BEGIN));
    B(ReadFile(file, bytes, 8, &done, NULL));
    ROW_SAY("4 t00l", "zeroed", "%lu %c%d%d%c", (unsigned long)done, bytes[0], bytes[1], bytes[2], bytes[3]);

    ROW_B("FALSE 50", DeviceIoControl(file, FSCTL_SET_COMPRESSION, NULL, 0, NULL, 0, &done, NULL));
    size.QuadPart = -1;
    B(SetFilePointerEx(file, size, NULL, FILE_BEGIN));
    size.QuadPart = 0x7fffffffffffffffll;
    B(SetFilePointerEx(file, size, NULL, FILE_CURRENT));
    size.QuadPart = 0;
    B(SetFilePointerEx(file, size, NULL, FILE_BEGIN));
    B(SetEndOfFile(file));
    B(CloseHandle(file));
    B(DeleteFileA("s"));
    return 0;
}
